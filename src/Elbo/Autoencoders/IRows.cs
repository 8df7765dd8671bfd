namespace Elbo.Autoencoders;

/// <summary>Data as a network sees them: rows of equally many numbers.</summary>
public interface IRows
{
    /// <summary>How many rows.</summary>
    int Count { get; }

    /// <summary>Numbers a row.</summary>
    int Size { get; }

    /// <summary>Whether a number can be missing. If not, no mask is needed.</summary>
    bool HasMissing { get; }

    /// <summary>Copies rows into a batch; what is left of the batch is 0 and counts as missing.</summary>
    /// <param name="rows">Their indices, from 0.</param>
    /// <param name="values">Room for the numbers of at least so many rows, 0 where missing.</param>
    /// <param name="mask">Room for 1 where a number is observed and 0 where it is missing; may be empty where nothing can be missing.</param>
    void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask);

    /// <summary>The label of a row, from 0; null where it has none. Only models with a label ask for it.</summary>
    /// <param name="row">Its index, from 0.</param>
    int? LabelOf(int row) => null;
}
