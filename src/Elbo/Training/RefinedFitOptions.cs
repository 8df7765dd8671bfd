using Elbo.Autoencoders;

namespace Elbo.Training;

/// <summary>What the encoder has to do with the q of each row.</summary>
public enum Amortisation
{
    /// <summary>Nothing: each row keeps a q of its own, which goes on from where it was left.</summary>
    None,

    /// <summary>The q of a row begins with what the encoder says each time.</summary>
    Start,
}

/// <summary>How a model is fitted with a q for each row.</summary>
public sealed record RefinedFitOptions
{
    /// <summary>What the encoder has to do with it.</summary>
    public Amortisation Amortisation { get; init; } = Amortisation.None;

    /// <summary>The family of q: independent normals, or with all correlations.</summary>
    public CodePosterior Family { get; init; } = CodePosterior.Diagonal;

    /// <summary>Passes over the rows.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Rows a step.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>Steps of the q of each row of a batch before each step of the weights.</summary>
    public int InnerSteps { get; init; } = 10;

    /// <summary>Adam's step size for them. Where rows go on from where they were left, it stays for half of the epochs and then falls to 0 along a straight line.</summary>
    public double InnerRate { get; init; } = 2e-2;

    /// <summary>Adam's step size for the weights. It stays for half of the epochs and then falls to 0 along a straight line.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Draws of the code of each row, each step of either kind.</summary>
    public int Draws { get; init; } = 4;

    /// <summary>The seed of the order of rows and of all draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    internal void Check()
    {
        Require(Family is DiagonalPosterior or FullCovariancePosterior, nameof(Family), Family, "Diagonal or FullCovariance");
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(Batch >= 1, nameof(Batch), Batch, "at least 1");
        Require(InnerSteps >= 1, nameof(InnerSteps), InnerSteps, "at least 1");
        Require(InnerRate > 0 && double.IsFinite(InnerRate), nameof(InnerRate), InnerRate, "above 0");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0");
        Require(Draws >= 1, nameof(Draws), Draws, "at least 1");
    }

    private static void Require(bool holds, string option, object? value, string range)
    {
        if (!holds)
            throw new ArgumentException($"{option} is {value}; it must be {range}.");
    }
}
