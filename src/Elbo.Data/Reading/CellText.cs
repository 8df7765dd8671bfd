using System.Globalization;
using System.Text;
using CsvHelper;

namespace Elbo.Data;

/// <summary>The text of single cells: numbers, missing tokens, spaces.</summary>
internal static class CellText
{
    private const NumberStyles Number =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    // Throws on invalid bytes instead of replacing them, which could make two names one.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    /// <summary>A finite number with a decimal point, sign and exponent as wanted, spaces around it allowed; no thousands
    /// separators, and no "NaN" or "Infinity".</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(Trim(text), Number, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>The same for a field of the current record, by the parser's own faster conversion.</summary>
    public static bool TryNumber(CsvReader csv, int field, ReadOnlySpan<byte> text, out double value) =>
        // The parser reads "1,000" as a thousand. In half of the world that is one: neither is taken for granted.
        csv.TryParse(field, out value) && double.IsFinite(value) && !text.Contains((byte)',');

    /// <summary>Whether the text is digits after a leading zero, as in postcodes and codes, where "007" is not the number 7.</summary>
    public static bool HasLeadingZero(ReadOnlySpan<byte> text)
    {
        text = Trim(text);
        return text.Length > 1 && text[0] == (byte)'0' && char.IsAsciiDigit((char)text[1]);
    }

    /// <summary>Digits after the decimal point, or −1 when the number has an exponent.</summary>
    public static int Decimals(ReadOnlySpan<byte> number)
    {
        number = Trim(number);
        if (number.IndexOfAny((byte)'e', (byte)'E') >= 0)
            return -1;
        var point = number.IndexOf((byte)'.');
        return point < 0 ? 0 : number.Length - point - 1;
    }

    /// <summary>The text of UTF-8 bytes.</summary>
    /// <exception cref="DataException">The bytes are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> text, string file, long line, string? column)
    {
        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new DataException(
                file, $"the text '{Encoding.Latin1.GetString(text)}' is not UTF-8",
                "Save the file as UTF-8 (for example: iconv -f latin1 -t utf-8)", line, column, e);
        }
    }

    /// <summary>The text for an error message: shortened, and never failing.</summary>
    public static string Quote(ReadOnlySpan<byte> text)
    {
        const int most = 40;
        var shown = Encoding.UTF8.GetString(text).ReplaceLineEndings("⏎");
        return shown.Length > most ? $"'{shown[..most]}…'" : $"'{shown}'";
    }
}

/// <summary>A small set of texts that mean a missing cell.</summary>
internal sealed class MissingTokens
{
    private readonly byte[][] _tokens;
    private readonly int _longest;

    public MissingTokens(IEnumerable<string> tokens)
    {
        _tokens = [.. tokens.Select(t => Encoding.UTF8.GetBytes(t.Trim(' ', '\t')))];
        _longest = _tokens.Length == 0 ? 0 : _tokens.Max(t => t.Length);
    }

    /// <summary>Whether the cell is empty, blank or one of the tokens.</summary>
    public bool Matches(ReadOnlySpan<byte> cell)
    {
        if (cell.IsEmpty)
            return true;
        if (cell[0] is (byte)' ' or (byte)'\t' || cell[^1] is (byte)' ' or (byte)'\t')
            cell = CellText.Trim(cell);
        if (cell.IsEmpty)
            return true;
        if (cell.Length > _longest)
            return false;
        foreach (var token in _tokens)
        {
            if (cell.SequenceEqual(token))
                return true;
        }

        return false;
    }
}
