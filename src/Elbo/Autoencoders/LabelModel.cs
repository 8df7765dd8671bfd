namespace Elbo.Autoencoders;

/// <summary>A label that is latent where it is not observed.</summary>
/// <param name="Classes">Names of its classes, at least 2.</param>
/// <param name="Prior">p(y): a probability above 0 for each class; they sum to 1.</param>
public sealed record LabelModel(IReadOnlyList<string> Classes, IReadOnlyList<double> Prior)
{
    private const double Rounding = 1e-6;

    /// <summary>Names of its classes.</summary>
    public IReadOnlyList<string> Classes { get; } = Classes is { Count: >= 2 } && Classes.Distinct(StringComparer.Ordinal).Count() == Classes.Count ? Classes
        : throw new ArgumentException($"A label has at least two classes of different names; these are {string.Join(", ", Classes ?? [])}.", nameof(Classes));

    /// <summary>p(y).</summary>
    public IReadOnlyList<double> Prior { get; } = Prior is not null && Prior.Count == Classes.Count && Prior.All(p => p > 0) && Math.Abs(Prior.Sum() - 1) < Rounding ? Prior
        : throw new ArgumentException($"The prior of a label is a probability above 0 for each of its {Classes.Count} classes, and they sum to 1; {string.Join(", ", Prior ?? [])} was given.", nameof(Prior));

    /// <summary>A label all of whose classes are as probable as each other.</summary>
    public static LabelModel Uniform(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return new(classes, [.. classes.Select(_ => 1.0 / classes.Count)]);
    }

    /// <summary>A label whose classes are as probable as they are frequent among rows that have it, each counted once more than it is.</summary>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="rows">Rows, of which some have labels.</param>
    /// <exception cref="ArgumentException">No row has a label, or one is beyond the classes.</exception>
    public static LabelModel Of(IReadOnlyList<string> classes, IRows rows)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(rows);
        var counts = new double[classes.Count];
        Array.Fill(counts, 1);
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows.LabelOf(row) is not { } label)
                continue;
            counts[label < counts.Length ? label : throw new ArgumentException($"The label of row {row} is {label}, and there are {classes.Count} classes.", nameof(rows))]++;
        }
        var sum = counts.Sum();
        if (sum == classes.Count)
            throw new ArgumentException("No row has a label: give some of them one.", nameof(rows));
        return new(classes, [.. counts.Select(c => c / sum)]);
    }

    /// <summary>Whether classes and prior are the same.</summary>
    public bool Equals(LabelModel? other) => other is not null && Classes.SequenceEqual(other.Classes, StringComparer.Ordinal) && Prior.SequenceEqual(other.Prior);

    /// <summary>A hash of the classes.</summary>
    public override int GetHashCode() => string.Join('\n', Classes).GetHashCode(StringComparison.Ordinal);
}
