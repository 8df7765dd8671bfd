namespace Elbo.Diagnostics.Factors;

/// <summary>How the levels of a factor lie.</summary>
public enum FactorKind
{
    /// <summary>From low to high, as sizes do.</summary>
    Ordered,

    /// <summary>In no order, as kinds do.</summary>
    Unordered,

    /// <summary>In a circle, as angles do; the last level is the first once more.</summary>
    Cyclic,
}

/// <summary>A known factor behind rows of data.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Levels">How many levels it has.</param>
/// <param name="Kind">How they lie.</param>
/// <param name="Values">The level of each row, from 0.</param>
public sealed record KnownFactor(string Name, int Levels, FactorKind Kind, IReadOnlyList<int> Values);

/// <summary>Known factors behind rows of data, against which codes are scored. It never changes once made.</summary>
public sealed class FactorTable
{
    /// <summary>A table of factors.</summary>
    /// <param name="factors">At least one; all with as many rows.</param>
    /// <exception cref="ArgumentException">The numbers of rows differ, a level is out of its range, or a factor is the same in all rows.</exception>
    public FactorTable(IReadOnlyList<KnownFactor> factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        if (factors.Count == 0)
            throw new ArgumentException("There are no factors to score codes against; give at least one.", nameof(factors));
        Rows = factors[0].Values.Count;
        foreach (var factor in factors)
        {
            if (factor.Values.Count != Rows)
                throw new ArgumentException($"Factor '{factor.Name}' has {factor.Values.Count} rows and '{factors[0].Name}' {Rows}; give a level of each factor for each row.", nameof(factors));
            if (factor.Values.Any(v => v < 0 || v >= factor.Levels))
                throw new ArgumentException($"Factor '{factor.Name}' has a value outside its levels, 0 to {factor.Levels - 1}.", nameof(factors));
            if (factor.Values.Distinct().Take(2).Count() < 2)
                throw new ArgumentException($"Factor '{factor.Name}' is the same in all rows, so nothing can be told of it; leave it out.", nameof(factors));
        }
        Factors = [.. factors];
    }

    /// <summary>The factors.</summary>
    public IReadOnlyList<KnownFactor> Factors { get; }

    /// <summary>How many rows.</summary>
    public int Rows { get; }

    /// <summary>Some of the rows, in the order given.</summary>
    public FactorTable Select(IReadOnlyList<int> rows) => new([.. Factors.Select(f => f with { Values = [.. rows.Select(row => f.Values[row])] })]);

    /// <summary>A factor of numbers: its different values are its levels, in their order; of more than 64 values, 20 intervals with about as many rows each.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The number of each row.</param>
    /// <param name="isCyclic">Whether the greatest is the least once more.</param>
    public static KnownFactor Of(string name, ReadOnlySpan<double> values, bool isCyclic = false)
    {
        const int mostLevels = 64;
        const int intervals = 20;
        double[] all = values.ToArray();
        double[] bounds = [.. all.Distinct().Order()];
        if (bounds.Length > mostLevels)
        {
            double[] sorted = [.. all.Order()];
            bounds = [.. Enumerable.Range(0, intervals).Select(i => sorted[(int)((long)i * sorted.Length / intervals)]).Distinct()];
        }
        int[] levels = Array.ConvertAll(all, v => Array.BinarySearch(bounds, v) is var at && at >= 0 ? at : ~at - 1);
        return new(name, bounds.Length, isCyclic ? FactorKind.Cyclic : FactorKind.Ordered, levels);
    }

    /// <summary>The entropy of a factor over the rows, nats.</summary>
    public static double Entropy(KnownFactor factor)
    {
        ArgumentNullException.ThrowIfNull(factor);
        var counts = new double[factor.Levels];
        foreach (var value in factor.Values)
            counts[value]++;
        return -counts.Where(c => c > 0).Sum(c => c / factor.Values.Count * Math.Log(c / factor.Values.Count));
    }

    /// <summary>What a factor is as numbers to be predicted, [rows][outputs]: its level, one number for each level, or a point of the circle; of variance 1 in all.</summary>
    internal static double[][] Targets(KnownFactor factor)
    {
        double[][] targets = factor.Kind switch
        {
            FactorKind.Ordered => [.. factor.Values.Select(v => new double[] { v })],
            FactorKind.Cyclic => [.. factor.Values.Select(v => Math.SinCos(2 * Math.PI * v / (factor.Levels - 1))).Select(p => new[] { p.Cos, p.Sin })],
            _ => [.. factor.Values.Select(v => Enumerable.Range(0, factor.Levels).Select(level => level == v ? 1.0 : 0).ToArray())],
        };
        var variance = Enumerable.Range(0, targets[0].Length).Sum(t => Moments.Variance(targets, row => row[t]));
        foreach (var row in targets)
        {
            for (var t = 0; t < row.Length; t++)
                row[t] /= Math.Sqrt(variance);
        }
        return targets;
    }

    /// <exception cref="ArgumentException">There are not as many codes as rows.</exception>
    internal void Require(Points codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.Count != Rows)
            throw new ArgumentException($"There are {codes.Count} codes and factors of {Rows} rows; give a code for each row.", nameof(codes));
    }
}

/// <summary>Moments of numbers.</summary>
internal static class Moments
{
    public static double Variance<T>(IReadOnlyCollection<T> rows, Func<T, double> of)
    {
        var mean = rows.Average(of);
        return rows.Average(r => (of(r) - mean) * (of(r) - mean));
    }
}
