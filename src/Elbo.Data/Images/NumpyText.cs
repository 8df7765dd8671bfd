using System.Text;

namespace Elbo.Data;

/// <summary>
/// An array of rows and columns as the text of a table with the header column1, column2, …, so that it is read as the same numbers in a CSV file are.
/// </summary>
internal sealed class NumpyText : ForwardStream
{
    private readonly NumpyArray _array;
    private readonly int _columns;
    private readonly StringBuilder _text = new();
    private byte[] _block = [];
    private int _read;
    private int _row;

    private NumpyText(NumpyArray array)
    {
        (_array, _columns) = (array, (int)array.Shape[1]);
        _text.AppendJoin(',', Enumerable.Range(1, _columns).Select(c => $"column{c}")).Append('\n');
        Encode();
    }

    /// <summary>Opens an array.</summary>
    /// <exception cref="DataException">The file cannot be read, or its array has no rows and columns.</exception>
    public static NumpyText Open(string path)
    {
        var array = NumpyFile.Read(path, []);
        return array.Shape.Count == 2 ? new(array) : throw new DataException(
            path, $"its array has {ArrayShape.Text(array.Shape)} elements; a table has rows and columns",
            array.Shape.Count == 1 ? "Reshape it: numpy.save(file, array.reshape(-1, 1))" : "Reshape it, or use it as images");
    }

    public override int Read(Span<byte> buffer)
    {
        while (_read == _block.Length)
        {
            if ((long)_row * _columns >= _array.Count)
                return 0;
            for (var c = 0; c < _columns; c++)
                _text.Append(c == 0 ? "" : ",").Append(_array.TextAt((_row * _columns) + c));
            _text.Append('\n');
            _row++;
            Encode();
        }

        var count = Math.Min(buffer.Length, _block.Length - _read);
        _block.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    private void Encode()
    {
        _block = Encoding.ASCII.GetBytes(_text.ToString());
        _read = 0;
        _text.Clear();
    }
}
