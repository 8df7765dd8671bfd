using System.Buffers;
using System.Text;

namespace Elbo.Data;

/// <summary>Writes fields so that they read back as the same text.</summary>
internal static class FieldText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\"\r\n");

    /// <summary>The field as it stands in a file: in quotes when it holds the delimiter, a quote or a line break, when spaces
    /// around it would be trimmed away, or when it begins like a byte order mark.</summary>
    public static string Encode(string text, char delimiter)
    {
        var needsQuotes = text.Contains(delimiter) || text.AsSpan().ContainsAny(Special)
            || (text.Length > 0 && (text[0] is ' ' or '\t' or '\uFEFF' || text[^1] is ' ' or '\t'));
        return needsQuotes ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    /// <summary>Writes bytes to a stream in large blocks.</summary>
    public static void Write(Stream output, string text)
    {
        Span<byte> small = stackalloc byte[256];
        if (Encoding.UTF8.TryGetBytes(text, small, out var count))
            output.Write(small[..count]);
        else
            output.Write(Encoding.UTF8.GetBytes(text));
    }
}
