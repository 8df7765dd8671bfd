namespace Elbo.Conjugate;

/// <summary>What the unknown parameters of a conjugate model become.</summary>
public enum Estimation
{
    /// <summary>Distributions: coordinate-ascent variational inference.</summary>
    Distributions,

    /// <summary>Points of the greatest posterior density: expectation-maximisation with the priors.</summary>
    Mode,

    /// <summary>Points of the greatest likelihood: expectation-maximisation without priors.</summary>
    MaximumLikelihood,
}

/// <summary>How a conjugate model is fitted.</summary>
public sealed record CoordinateOptions
{
    /// <summary>The seed of everything random: same seed, same bits, at any number of threads.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>From how many places to begin; the highest bound is kept. Null for what suits the model: 10 for those with several optima, otherwise 1.</summary>
    public int? Starts
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There must be at least one start.");
    }

    /// <summary>The most sweeps over all data that a start takes.</summary>
    public int Sweeps
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There must be at least one sweep.");
    } = 2000;

    /// <summary>
    /// A start ends when what the bound would still gain, in nats, total, is less: the gains of sweeps fall geometrically near an optimum,
    /// and the rest of the series is what is left (Aitken's extrapolation).
    /// </summary>
    public double Tolerance
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A tolerance is a number of nats above 0.");
    } = 1e-5;

    /// <summary>What the parameters become.</summary>
    public Estimation Estimation { get; init; }

    /// <summary>
    /// Rows in each minibatch of stochastic variational inference (Hoffman, Blei, Wang and Paisley, 2013), whose steps along the natural
    /// gradient have sizes (t + <see cref="Delay"/>)^−<see cref="Forgetting"/>; null for sweeps over all rows.
    /// </summary>
    public int? Batch
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A minibatch has at least one row.");
    }

    /// <summary>How many times minibatches go through all rows.</summary>
    public int Epochs
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There must be at least one epoch.");
    } = 20;

    /// <summary>Of the steps on minibatches: how much the first ones are held back, ≥ 0.</summary>
    public double Delay
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The delay is at least 0.");
    } = 1;

    /// <summary>Of the steps on minibatches: how fast they fall, above ½ and up to 1 to converge; 0 leaves them at 1.</summary>
    public double Forgetting
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The exponent of the step sizes lies between 0 and 1; above 0.5 they converge.");
    } = 0.7;

    /// <summary>How often what belongs to the rows of a minibatch alone is moved before each step; for models that have such factors.</summary>
    public int RowSweeps
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There must be at least one sweep.");
    } = 10;

    /// <summary>Threads; all of the machine by default.</summary>
    public int? Threads { get; init; }

    /// <summary>Who is told what happens in the fit, while it happens and on the thread that fits; null for nobody. Results do not depend on it.</summary>
    public IProgress<Recording.FitEvent>? Recorder { get; init; }
}
