using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Objectives;

namespace Elbo.Training;

/// <summary>How the step size falls over the epochs.</summary>
public enum RateDecay
{
    /// <summary>It stays.</summary>
    None,

    /// <summary>Along a straight line to 0.</summary>
    Linear,

    /// <summary>Along half a wave of a cosine to 0 (Loshchilov and Hutter, 2017).</summary>
    Cosine,
}

/// <summary>How a bound is maximised.</summary>
public sealed record TrainingOptions
{
    /// <summary>The most passes over the training rows.</summary>
    public int Epochs { get; init; } = 500;

    /// <summary>Rows a step; null for about a fiftieth of the training rows, between 32 and 512.</summary>
    public int? Batch { get; init; }

    /// <summary>Adam's step size.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>How the step size falls over <see cref="Epochs"/>.</summary>
    public RateDecay Decay { get; init; }

    /// <summary>
    /// What is maximised, and how its gradient is estimated: <see cref="Objective.Elbo"/>, <see cref="Objective.PathDerivative"/>, <see
    /// cref="Objective.ImportanceWeighted"/>, <see cref="Objective.Renyi"/> or <see cref="Objective.Tempered"/>. Doubly reparameterised gradients
    /// need a density of q(z|x) that can be taken at any code: for flows, and for a VampPrior, which is made of q(z|x), the plain ones take their place.
    /// </summary>
    public Objective Objective { get; init; } = Objective.Elbo;

    /// <summary>How the divergence is held to a budget.</summary>
    public DivergenceBudget Budget { get; init; } = DivergenceBudget.None;

    /// <summary>A constraint under which the divergence is made as small as can be; null for the bound itself.</summary>
    public Constraint? Constraint { get; init; }

    /// <summary>
    /// α of a model with a label: beside the bound, this times the mean of ln q(y|x) over labelled rows is maximised (Kingma, Mohamed, Rezende and Welling, 2014, equation 9, whose
    /// α is this times the number of rows). Without it nothing but the bound of the labelled rows ties q(y|x) to labels.
    /// </summary>
    public double ClassifierWeight { get; init; } = 0.1;

    /// <summary>Steps over which the parameters are averaged, exponentially; the average is the model. 0 for the parameters of the last step.</summary>
    public int AveragedSteps { get; init; }

    /// <summary>The fraction of rows kept out of training, by which it is judged and stopped; 0 for none, at most ½.</summary>
    public double HoldOut { get; init; } = 0.1;

    /// <summary>Epochs without a better bound on the held-out rows before training stops.</summary>
    public int Patience { get; init; } = 40;

    /// <summary>Epochs over which the weight of the divergence rises from 0 to 1 (Bowman et al., 2016), so that the code is learned before it is priced.</summary>
    public int WarmUp { get; init; } = 10;

    /// <summary>
    /// Whether, to begin with, each step of the decoder waits for as many steps of the encoder alone as bring a gain (He, Spokoyny, Neubig and Berg-Kirkpatrick,
    /// 2019): looked at every 15 steps, at most 100. Against a code that collapses because the encoder lags behind the decoder. Ends after the
    /// first epoch in which codes of the judged rows do not carry more information than before.
    /// </summary>
    public bool AggressiveEncoder { get; init; }

    /// <summary>Gradients longer than this are shortened to it.</summary>
    public double GradientClip { get; init; } = 100;

    /// <summary>Decay of weight matrices apart from the gradient.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>Draws of the code for each held-out row, each epoch; as many as the objective takes where that is more.</summary>
    public int HeldOutSamples { get; init; } = 5;

    /// <summary>Threads to share the work among; null for all the machine has. Results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>Who is told what happens in the fit, while it happens and on the thread that fits; null for nobody. Results do not depend on it.</summary>
    public IProgress<Recording.FitEvent>? Recorder { get; init; }

    /// <summary>A sentence that says what was maximised where it was not the bound that reports name; null where it was.</summary>
    public string? Weighted
    {
        get
        {
            string[] charges = [.. new[] { Objective.IsJudgedByBound ? null : $"the {Objective.Name}", Budget.Remark is { } remark ? $"a charge of {remark}" : null }.OfType<string>()];
            return charges.Length == 0 ? null
                : $"Training weighted the bound: it went by {string.Join(" and ", charges)}. The ELBO reported is the plain one of the same model, E ln p(x|z) - KL, which was not what was maximised.";
        }
    }

    /// <summary>Which rows a fit trains on and which it holds out.</summary>
    /// <param name="rows">How many there are.</param>
    /// <param name="seed">The seed of the fit.</param>
    /// <param name="isLabelled">Of a model with a label, which rows have it: they are not held out as long as there are twice as many others as are wanted. Null for a model without.</param>
    /// <returns>Indices of both; none are held out where <see cref="HoldOut"/> is 0.</returns>
    public (int[] Training, int[] HeldOut) Split(int rows, ulong seed, Func<int, bool>? isLabelled = null)
    {
        int[] all = [.. Enumerable.Range(0, rows)];
        var held = (int)Math.Round(rows * HoldOut);
        if (held == 0)
            return (all, []);
        new RandomNumbers(seed, (ulong)RandomUse.HoldOut).Shuffle<int>(all);
        if (isLabelled is not null && all.Count(row => !isLabelled(row)) >= 2 * held)
            all = [.. all.OrderBy(isLabelled)];
        return (all[held..], all[..held]);
    }

    /// <summary>The step size after some epochs and parts of one.</summary>
    internal double RateAt(double epochs)
    {
        var gone = Math.Min(1, epochs / Epochs);
        return LearningRate * Decay switch
        {
            RateDecay.Linear => 1 - gone,
            RateDecay.Cosine => 0.5 * (1 + Math.Cos(Math.PI * gone)),
            _ => 1,
        };
    }

    /// <exception cref="ArgumentException">An option is out of its range; the message names it and the range.</exception>
    internal void Check()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(Batch is null or >= 1, nameof(Batch), Batch, "at least 1");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0");
        Require(ClassifierWeight >= 0 && double.IsFinite(ClassifierWeight), nameof(ClassifierWeight), ClassifierWeight, "at least 0");
        Require(AveragedSteps >= 0, nameof(AveragedSteps), AveragedSteps, "at least 0");
        Budget.Check();
        Require(HoldOut is >= 0 and <= 0.5, nameof(HoldOut), HoldOut, "between 0 and 0.5");
        Require(Patience >= 1, nameof(Patience), Patience, "at least 1");
        Require(WarmUp >= 0, nameof(WarmUp), WarmUp, "at least 0");
        Require(GradientClip > 0, nameof(GradientClip), GradientClip, "above 0");
        Require(WeightDecay >= 0, nameof(WeightDecay), WeightDecay, "at least 0");
        Require(HeldOutSamples >= 1, nameof(HeldOutSamples), HeldOutSamples, "at least 1");
        Require(Threads is null or >= 1, nameof(Threads), Threads, "at least 1");
    }

    private static void Require(bool holds, string option, object? value, string range)
    {
        if (!holds)
            throw new ArgumentException($"{option} is {value}; it must be {range}.");
    }
}
