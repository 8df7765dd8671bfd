namespace Elbo.Autoencoders;

/// <summary>Rows of which some, or all, or none have a label.</summary>
public sealed class LabelledRows : IRows
{
    private readonly IRows _rows;
    private readonly IReadOnlyList<int?> _labels;

    /// <summary>Puts labels beside rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="labels">The label of each row, from 0; null where it has none.</param>
    /// <exception cref="ArgumentException">There are not as many labels as rows, or one is below 0.</exception>
    public LabelledRows(IRows rows, IReadOnlyList<int?> labels)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count != rows.Count)
            throw new ArgumentException($"There are {rows.Count} rows and {labels.Count} labels: give one for each row, null where it has none.", nameof(labels));
        for (var row = 0; row < labels.Count; row++)
        {
            if (labels[row] < 0)
                throw new ArgumentException($"The label of row {row} is {labels[row]}; labels are numbers from 0, and null stands for none.", nameof(labels));
        }
        (_rows, _labels) = (rows, labels);
    }

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <inheritdoc/>
    public int Size => _rows.Size;

    /// <inheritdoc/>
    public bool HasMissing => _rows.HasMissing;

    /// <summary>The rows without their labels.</summary>
    public static IRows Without(IRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new LabelledRows(rows, new int?[rows.Count]);
    }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask) => _rows.Fill(rows, values, mask);

    /// <inheritdoc/>
    public int? LabelOf(int row) => _labels[row];
}
