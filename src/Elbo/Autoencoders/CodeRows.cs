namespace Elbo.Autoencoders;

/// <summary>Codes that a model gives rows, as rows for another model: see <see cref="Likelihoods.CodeObservation"/>.</summary>
public sealed class CodeRows : IRows
{
    private readonly IRows _rows;
    private readonly float[] _values;

    private CodeRows(IRows rows, float[] values, int size) => (_rows, _values, Size) = (rows, values, size);

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public bool HasMissing => false;

    /// <summary>The codes of rows.</summary>
    /// <param name="model">The model that gives them.</param>
    /// <param name="rows">The rows, whose labels stay.</param>
    /// <param name="areDrawn">Whether a code is taken for a draw of q(z|x) each time that it is seen, or always for its mean.</param>
    public static CodeRows Of(Vae model, IRows rows, bool areDrawn = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        var (means, logVariances) = model.Codes(rows);
        var numbers = means.Dimensions;
        var values = new float[rows.Count * 2 * numbers];
        for (var row = 0; row < rows.Count; row++)
        {
            means[row].CopyTo(values.AsSpan(row * 2 * numbers));
            for (var i = 0; areDrawn && i < numbers; i++)
                values[(row * 2 + 1) * numbers + i] = MathF.Exp(0.5f * logVariances[row][i]);
        }
        return new(rows, values, 2 * numbers);
    }

    /// <inheritdoc/>
    public int? LabelOf(int row) => _rows.LabelOf(row);

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        for (var i = 0; i < rows.Length; i++)
            _values.AsSpan(rows[i] * Size, Size).CopyTo(values[(i * Size)..]);
        values[(rows.Length * Size)..].Clear();
        if (mask.IsEmpty)
            return;
        mask[..(rows.Length * Size)].Fill(1);
        mask[(rows.Length * Size)..].Clear();
    }
}
