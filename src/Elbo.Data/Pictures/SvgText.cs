using System.Globalization;
using System.Text;

namespace Elbo.Data.Pictures;

/// <summary>The text of an SVG file, line by line. Numbers are written with a decimal point whatever the country.</summary>
internal sealed class SvgText
{
    private const double LetterWidth = 0.56;

    private readonly StringBuilder _text = new();

    public void Add(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    public void AddText(double x, double y, string text, string classes = "", double turn = 0)
    {
        var place = turn == 0 ? FormattableString.Invariant($"x=\"{x:0.#}\" y=\"{y:0.#}\"") : FormattableString.Invariant($"transform=\"translate({x:0.#} {y:0.#}) rotate({turn})\"");
        _text.Append("<text ").Append(place).Append(classes.Length > 0 ? $" class=\"{classes}\"" : "").Append('>').Append(Escape(text)).Append("</text>\n");
    }

    public override string ToString() => _text.ToString();

    /// <summary>About how wide a text is, in pixels; letters differ, and fonts with them.</summary>
    public static double WidthOf(string text, double size = PlotStyle.TextSize) => LetterWidth * size * text.Length;

    /// <summary>The text of an element or of an attribute. What XML does not allow is left out.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                < 0x20 and not ('\t' or '\n' or '\r') or 0xFFFE or 0xFFFF => escaped,
                _ => escaped.Append(rune.ToString()),
            };
        }

        return escaped.ToString();
    }
}
