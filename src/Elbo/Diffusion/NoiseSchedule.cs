namespace Elbo.Diffusion;

/// <summary>How noise grows with time, from t = 0 with least noise to t = 1 with almost nothing but noise.</summary>
public abstract record NoiseSchedule
{
    private protected NoiseSchedule()
    {
    }

    /// <summary>γ(t) = ln(σ²/α²), increasing.</summary>
    /// <param name="t">From 0 to 1.</param>
    public abstract double LogNoise(double t);

    /// <summary>dγ/dt.</summary>
    /// <param name="t">From 0 to 1.</param>
    public abstract double Slope(double t);

    /// <summary>γ at evenly spaced times, between which it is on straight lines; of a schedule that is to be learned, its ends to begin with.</summary>
    public abstract IReadOnlyList<double> Corners { get; }

    /// <summary>Whether it is learned with the network.</summary>
    public virtual bool IsLearned => false;

    /// <summary>A schedule through given levels, evenly spaced in time, with straight lines between them.</summary>
    /// <param name="levels">γ, at least two, which grow.</param>
    /// <exception cref="ArgumentException">They do not grow, or are too few.</exception>
    public static NoiseSchedule OfLogNoise(IReadOnlyList<double> levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        return levels.Count >= 2 ? new LevelSchedule([.. levels]) : throw new ArgumentException("A schedule goes through at least two levels.", nameof(levels));
    }

    /// <summary>The level of noise at a time.</summary>
    /// <param name="t">From 0 to 1.</param>
    public NoiseLevel At(double t) => new(LogNoise(t));

    /// <summary>
    /// Variances of the steps on a straight line (Ho, Jain and Abbeel, 2020, section 4): level i of as many as there are variances is at t = (i − 1)/(levels − 1), and between
    /// them γ is on a straight line too.
    /// </summary>
    /// <param name="levels">How many levels the two variances belong to, at least 2.</param>
    /// <param name="first">The variance of the first step.</param>
    /// <param name="last">The variance of the last.</param>
    public static NoiseSchedule LinearVariances(int levels = 1000, double first = 1e-4, double last = 0.02)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 2);
        if (!(first > 0 && last >= first && last < 1))
            throw new ArgumentException($"The variances {first} and {last} must be above 0, below 1, and grow.");
        return OfVariances([.. Enumerable.Range(0, levels).Select(i => first + (last - first) * i / (levels - 1))]);
    }

    /// <summary>The schedule whose steps have given variances: α of level i is the product of √(1 − β) up to it.</summary>
    /// <param name="variances">β of each step, between 0 and 1; at least two.</param>
    public static NoiseSchedule OfVariances(IReadOnlyList<double> variances)
    {
        ArgumentNullException.ThrowIfNull(variances);
        if (variances.Count < 2 || variances.Any(v => !(v > 0 && v < 1)))
            throw new ArgumentException("A schedule needs at least two variances, each between 0 and 1.", nameof(variances));
        var (levels, logSignal) = (new double[variances.Count], 0.0);
        for (var i = 0; i < levels.Length; i++)
        {
            logSignal += double.LogP1(-variances[i]);
            levels[i] = Math.Log(-double.ExpM1(logSignal)) - logSignal;
        }
        return new LevelSchedule(levels);
    }

    /// <summary>
    /// α² along a quarter of a wave (Nichol and Dhariwal, 2021, eq. 17), from the first to the last of 1,000 levels; at the end the variance of a step is held to 0.999.
    /// </summary>
    /// <param name="offset">Keeps the first steps from being too small to matter.</param>
    public static NoiseSchedule Cosine(double offset = 0.008)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(offset);
        const int Levels = 1000;
        double SignalSquare(int level) => Math.Pow(Math.Cos(((double)level / Levels + offset) / (1 + offset) * Math.PI / 2), 2);
        return OfVariances([.. Enumerable.Range(1, Levels).Select(i => Math.Min(1 - SignalSquare(i) / SignalSquare(i - 1), 0.999))]);
    }

    /// <summary>
    /// A schedule that is learned with the network (Kingma, Salimans, Poole and Ho, 2021): its ends by what the first and the last term of the bound cost, and what lies
    /// between so that T steps cost least. It is learned by the bound alone.
    /// </summary>
    /// <param name="first">γ at t = 0 to begin with.</param>
    /// <param name="last">γ at t = 1 to begin with.</param>
    public static NoiseSchedule Learned(double first = -13.3, double last = 5)
    {
        if (!(last > first))
            throw new ArgumentException($"Noise must grow: from {first} to {last} it does not.");
        return new LearnedSchedule(first, last);
    }

    /// <summary>γ on a straight line (Kingma, Salimans, Poole and Ho, 2021).</summary>
    /// <param name="first">γ at t = 0.</param>
    /// <param name="last">γ at t = 1.</param>
    public static NoiseSchedule LinearLogNoise(double first = -13.3, double last = 5) => new LevelSchedule([first, last]);
}

/// <summary>A schedule that is learned, before it is.</summary>
internal sealed record LearnedSchedule(double First, double Last) : NoiseSchedule
{
    public override IReadOnlyList<double> Corners => [First, Last];

    public override bool IsLearned => true;

    public override double LogNoise(double t) => LinearLogNoise(First, Last).LogNoise(t);

    public override double Slope(double t) => Last - First;
}

/// <summary>A schedule through given levels, evenly spaced in time, with straight lines between them.</summary>
internal sealed record LevelSchedule : NoiseSchedule
{
    private readonly double[] _levels;

    public LevelSchedule(double[] levels)
    {
        for (var i = 1; i < levels.Length; i++)
        {
            if (!(levels[i] > levels[i - 1] && double.IsFinite(levels[i]) && double.IsFinite(levels[i - 1])))
                throw new ArgumentException($"Noise must grow from level to level: from level {i} to {i + 1} the logarithm of its ratio to the signal goes from {levels[i - 1]} to {levels[i]}.");
        }
        _levels = levels;
    }

    public override IReadOnlyList<double> Corners => _levels;

    public override double LogNoise(double t)
    {
        var (piece, share) = Place(t);
        return _levels[piece] + share * (_levels[piece + 1] - _levels[piece]);
    }

    public override double Slope(double t)
    {
        var (piece, _) = Place(t);
        return (_levels[piece + 1] - _levels[piece]) * (_levels.Length - 1);
    }

    public bool Equals(LevelSchedule? other) => other is not null && _levels.AsSpan().SequenceEqual(other._levels);

    public override int GetHashCode() => HashCode.Combine(_levels.Length, _levels[0], _levels[^1]);

    private (int Piece, double Share) Place(double t)
    {
        if (!(t >= 0 && t <= 1))
            throw new ArgumentOutOfRangeException(nameof(t), t, "Time goes from 0 to 1.");
        var place = t * (_levels.Length - 1);
        // Exactly at a level, rounding must not fall short of it.
        var piece = Math.Min((int)(place + 1e-9), _levels.Length - 2);
        return (piece, Math.Max(0, place - piece));
    }
}
