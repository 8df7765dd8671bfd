namespace Elbo.Data;

/// <summary>The text of a table: that of a delimited file, or that which an array of NumPy would have as one.</summary>
internal static class TableText
{
    /// <exception cref="DataException">There is no such file, or it cannot be read.</exception>
    public static ForwardStream Open(string file) => NumpyFile.Is(file) ? NumpyText.Open(file) : TextSource.Open(file);
}
