namespace Elbo.Autoencoders;

/// <summary>Some rows of a data set, in an order of one's own.</summary>
/// <param name="all">The data set.</param>
/// <param name="which">Indices of its rows, from 0.</param>
public sealed class SelectedRows(IRows all, IReadOnlyList<int> which) : IRows
{
    /// <inheritdoc/>
    public int Count => which.Count;

    /// <inheritdoc/>
    public int Size => all.Size;

    /// <inheritdoc/>
    public bool HasMissing => all.HasMissing;

    /// <inheritdoc/>
    public int? LabelOf(int row) => all.LabelOf(which[row]);

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        var indices = new int[rows.Length];
        for (var i = 0; i < indices.Length; i++)
            indices[i] = which[rows[i]];
        all.Fill(indices, values, mask);
    }
}
