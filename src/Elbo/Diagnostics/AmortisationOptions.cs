using Elbo.Autoencoders;

namespace Elbo.Diagnostics;

/// <summary>How q is made better row by row, and the evidence estimated.</summary>
public sealed record AmortisationOptions
{
    /// <summary>The family of the refined q: independent normals, or with all correlations. Flows share weights between rows, so they cannot be refined row by row.</summary>
    public CodePosterior Family { get; init; } = CodePosterior.Diagonal;

    /// <summary>Draws of the code of each row, each step.</summary>
    public int Draws { get; init; } = 8;

    /// <summary>Step sizes of Adam, one after the other, each until the bound no longer rises.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [1e-2, 1e-3];

    /// <summary>Steps over which the bound is averaged to see whether it rises.</summary>
    public int Window { get; init; } = 100;

    /// <summary>Windows without a rise before a step size is done.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>The most windows of a step size.</summary>
    public int MostWindows { get; init; } = 200;

    /// <summary>Draws by which the bounds and the importance-weighted evidence are evaluated.</summary>
    public int Samples { get; init; } = 5000;

    /// <summary>How the evidence is annealed; null to leave that out. It is then likely to be estimated too low where many numbers are latent, and the approximation gap with it.</summary>
    public AnnealingOptions? Annealing { get; init; } = new();

    /// <summary>Rows at a time.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>The seed of all draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    internal void Check()
    {
        Require(Family is DiagonalPosterior or FullCovariancePosterior, nameof(Family), Family, "Diagonal or FullCovariance");
        Require(Draws >= 1, nameof(Draws), Draws, "at least 1");
        Require(LearningRates.Count > 0 && LearningRates.All(r => r > 0 && double.IsFinite(r)), nameof(LearningRates), string.Join(", ", LearningRates), "one or more numbers above 0");
        Require(Window >= 1, nameof(Window), Window, "at least 1");
        Require(Patience >= 1, nameof(Patience), Patience, "at least 1");
        Require(MostWindows >= 1, nameof(MostWindows), MostWindows, "at least 1");
        Require(Samples >= 2, nameof(Samples), Samples, "at least 2");
        Require(Batch >= 1, nameof(Batch), Batch, "at least 1");
        Annealing?.Check();
    }

    private static void Require(bool holds, string option, object? value, string range)
    {
        if (!holds)
            throw new ArgumentException($"{option} is {value}; it must be {range}.");
    }
}
