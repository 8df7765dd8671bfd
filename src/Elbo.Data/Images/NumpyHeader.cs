using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Elbo.Data;

/// <summary>
/// What the beginning of a .npy file says: the type, the order and the sizes. It is a Python dictionary with the keys descr, fortran_order and shape,
/// of which exactly these forms are understood; nothing is ever run.
/// </summary>
internal sealed record NumpyHeader(NumpyType Type, bool IsFortran, IReadOnlyList<long> Shape)
{
    // NumPy itself refuses more without being asked.
    private const int LongestHeader = 10_000;
    private const int MostDimensions = 32;

    /// <summary>The bytes that every .npy file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header and leaves the stream at the elements.</summary>
    /// <exception cref="DataException">It is not one, or the elements are no numbers.</exception>
    public static NumpyHeader Read(Stream stream, string file)
    {
        Span<byte> head = stackalloc byte[8];
        if (stream.ReadAtLeast(head, 8, throwOnEndOfStream: false) < 8)
            throw Damaged(file, "it ends before its header does");
        if (!head.StartsWith(Magic))
            throw new DataException(file, "it does not begin as a .npy file does", "Write it with numpy.save");
        var version = head[6];
        if (version is < 1 or > 3)
            throw new DataException(file, $"it has version {version} of the .npy format; versions 1 to 3 are known", "Write it with numpy.save");
        Span<byte> lengthBytes = stackalloc byte[version == 1 ? 2 : 4];
        if (stream.ReadAtLeast(lengthBytes, lengthBytes.Length, throwOnEndOfStream: false) < lengthBytes.Length)
            throw Damaged(file, "it ends before its header does");
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > LongestHeader)
            throw Damaged(file, $"its header would be {length} bytes long");
        var text = new byte[length];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            throw Damaged(file, "it ends before its header does");
        try
        {
            return new Parser(Encoding.UTF8.GetString(text), file).Header();
        }
        catch (FormatException e)
        {
            throw Damaged(file, $"its header is not sound ({e.Message.TrimEnd('.')})", e);
        }
    }

    private static DataException Damaged(string file, string reason, Exception? cause = null) =>
        new(file, reason, "Copy the file again from where it came, or write it again with numpy.save", innerException: cause);

    private sealed class Parser(string text, string file)
    {
        private int _at;

        public NumpyHeader Header()
        {
            NumpyType? type = null;
            bool? isFortran = null;
            List<long>? shape = null;
            Expect('{');
            while (!Take('}'))
            {
                var key = QuotedText();
                Expect(':');
                switch (key)
                {
                    case "descr" when type is null:
                        type = Type();
                        break;
                    case "fortran_order" when isFortran is null:
                        isFortran = Truth();
                        break;
                    case "shape" when shape is null:
                        shape = Sizes();
                        break;
                    default:
                        throw new FormatException($"the key '{key}' is not expected");
                }

                if (!Take(','))
                {
                    Expect('}');
                    break;
                }
            }

            if (type is null || isFortran is null || shape is null)
                throw new FormatException("descr, fortran_order or shape is missing");
            return new(type.Value, isFortran.Value, shape);
        }

        private NumpyType Type()
        {
            Skip();
            if (_at < text.Length && text[_at] == '[')
                throw new DataException(file, "its elements are records of several fields", "Save one field: numpy.save(file, array['field'])");
            var name = QuotedText();
            if (name.Contains('O', StringComparison.Ordinal))
            {
                throw new DataException(
                    file, "its elements are Python objects, which are not read, because reading them can run code",
                    "Save numbers: numpy.save(file, array.astype('float32'))");
            }

            return NumpyType.Parse(name)
                ?? throw new DataException(file, $"its elements have the type '{name}', which is not one of numbers", "Save numbers: bool, uint8 … int64, float16, float32 or float64");
        }

        private List<long> Sizes()
        {
            var sizes = new List<long>();
            Expect('(');
            while (!Take(')'))
            {
                if (sizes.Count == MostDimensions)
                    throw new FormatException($"it has more than {MostDimensions} dimensions");
                Skip();
                var start = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                    _at++;
                if (!long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                    throw new FormatException($"there is no size at character {start + 1}");
                sizes.Add(size);
                Take('L'); // as Python 2 wrote it
                if (!Take(','))
                {
                    Expect(')');
                    break;
                }
            }

            return sizes;
        }

        private bool Truth()
        {
            Skip();
            foreach (var (word, value) in (ReadOnlySpan<(string, bool)>)[("True", true), ("False", false)])
            {
                if (text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal))
                {
                    _at += word.Length;
                    return value;
                }
            }

            throw new FormatException("fortran_order is neither True nor False");
        }

        private string QuotedText()
        {
            Skip();
            if (_at >= text.Length || text[_at] is not ('\'' or '"'))
                throw new FormatException($"a text is missing at character {_at + 1}");
            var end = text.IndexOf(text[_at], _at + 1);
            if (end < 0)
                throw new FormatException("a text does not end");
            var inside = text[(_at + 1)..end];
            _at = end + 1;
            return inside;
        }

        private bool Take(char sign)
        {
            Skip();
            if (_at >= text.Length || text[_at] != sign)
                return false;
            _at++;
            return true;
        }

        private void Expect(char sign)
        {
            if (!Take(sign))
                throw new FormatException($"'{sign}' is missing at character {_at + 1}");
        }

        private void Skip()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
                _at++;
        }
    }
}
