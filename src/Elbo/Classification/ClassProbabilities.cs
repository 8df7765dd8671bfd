namespace Elbo.Classification;

/// <summary>What a model says of the classes of rows. It never changes once made.</summary>
public sealed class ClassProbabilities
{
    private readonly double[][] _logarithms;

    /// <summary>Probabilities from their logarithms.</summary>
    /// <param name="logarithms">Of each row one number for each class: logarithms of what the classes are probable in proportion to, finite or −∞, not all −∞.</param>
    /// <exception cref="ArgumentException">There are no classes, rows have different numbers of them, or a row has no class that is possible.</exception>
    public ClassProbabilities(IReadOnlyList<IReadOnlyList<double>> logarithms)
    {
        ArgumentNullException.ThrowIfNull(logarithms);
        Classes = logarithms.Count == 0 ? 0 : logarithms[0].Count;
        if (logarithms.Count > 0 && (Classes == 0 || logarithms.Any(row => row.Count != Classes)))
            throw new ArgumentException("Each row needs a number for each class, and there is at least one.", nameof(logarithms));
        _logarithms = [.. logarithms.Select((row, i) => Normalised(row, 1, i))];
    }

    /// <summary>How many rows.</summary>
    public int Rows => _logarithms.Length;

    /// <summary>How many classes.</summary>
    public int Classes { get; }

    /// <summary>The probability of a class.</summary>
    public double this[int row, int label] => Math.Exp(_logarithms[row][label]);

    /// <summary>Logarithms of the probabilities of a row.</summary>
    public IReadOnlyList<double> Logarithms(int row) => _logarithms[row];

    /// <summary>The most probable class of a row, the first of those that are equally so, and its probability.</summary>
    public (int Label, double Probability) Best(int row)
    {
        var best = 0;
        for (var k = 1; k < Classes; k++)
        {
            if (_logarithms[row][k] > _logarithms[row][best])
                best = k;
        }
        return (best, this[row, best]);
    }

    /// <summary>The same made surer, by a temperature below 1, or less sure: probabilities in proportion to p^(1/temperature).</summary>
    /// <param name="temperature">Above 0.</param>
    public ClassProbabilities At(double temperature)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature is above 0.");
        return new([.. _logarithms.Select((row, i) => Normalised(row, temperature, i))]);
    }

    /// <summary>
    /// The mean of what several fits say of the same rows: where they differ, as fits with other seeds do by chance, it is less sure than they are, and more often right (Lakshminarayanan, Pritzel and Blundell, 2017).
    /// </summary>
    /// <param name="fits">At least one, all of as many rows and classes.</param>
    /// <exception cref="ArgumentException">There is none, or they are not of the same rows and classes.</exception>
    public static ClassProbabilities Average(params IReadOnlyList<ClassProbabilities> fits)
    {
        ArgumentNullException.ThrowIfNull(fits);
        if (fits.Count == 0 || fits.Any(f => f.Rows != fits[0].Rows || f.Classes != fits[0].Classes))
            throw new ArgumentException($"An average is of fits of the same rows and classes, at least one; these are of {(fits.Count == 0 ? "none" : string.Join(", ", fits.Select(f => $"{f.Rows} x {f.Classes}")))}.", nameof(fits));
        return new([.. Enumerable.Range(0, fits[0].Rows).Select(row => (IReadOnlyList<double>)[.. Enumerable.Range(0, fits[0].Classes).Select(label => Math.Log(fits.Average(f => f[row, label])))])]);
    }

    /// <summary>Those of some rows.</summary>
    public ClassProbabilities Select(IEnumerable<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new([.. rows.Select(row => _logarithms[row])]);
    }

    private static double[] Normalised(IReadOnlyList<double> row, double temperature, int index)
    {
        var greatest = row.Max();
        if (!double.IsFinite(greatest) || row.Any(double.IsNaN))
            throw new ArgumentException($"Row {index} has no class that is possible, or a number that is none: {string.Join(", ", row)}.", nameof(row));
        var sum = row.Sum(r => Math.Exp((r - greatest) / temperature));
        return [.. row.Select(r => (r - greatest) / temperature - Math.Log(sum))];
    }
}
