using System.Text;

namespace Elbo.Cli.Output;

/// <summary>Lines of text that fit a width.</summary>
internal static class TextLines
{
    /// <summary>Breaks text between words; every line but the first begins with the indent. Escape codes take no room.</summary>
    public static string Wrap(string text, int width, string indent = "")
    {
        var lines = new StringBuilder();
        var used = 0;
        foreach (var word in text.Split(' '))
        {
            var length = VisibleLength(word);
            if (used > 0 && length + 1 > width - used)
            {
                lines.Append('\n').Append(indent);
                used = indent.Length;
            }
            else if (used > 0)
            {
                lines.Append(' ');
                used++;
            }

            lines.Append(word);
            used += length;
        }

        return lines.ToString();
    }

    /// <summary>The text, or its beginning and an ellipsis where it is longer than this.</summary>
    public static string Shorten(string text, int most)
    {
        var line = text.ReplaceLineEndings("⏎");
        return line.Length <= most ? line : string.Concat(line.AsSpan(0, Math.Max(0, most - 1)), "…");
    }

    /// <summary>How many characters of a text are seen.</summary>
    public static int VisibleLength(string text)
    {
        var length = 0;
        var escaped = false;
        foreach (var c in text)
        {
            if (c == '\e')
                escaped = true;
            else if (!escaped)
                length++;
            else if (char.IsAsciiLetter(c))
                escaped = false;
        }

        return length;
    }
}
