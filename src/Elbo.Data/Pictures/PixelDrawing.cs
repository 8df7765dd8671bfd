using System.Globalization;
using System.Xml.Linq;

namespace Elbo.Data.Pictures;

/// <summary>Draws our own pictures in pixels. It knows the few elements, commands of paths and classes that they are made of, and nothing else of SVG.</summary>
internal sealed class PixelDrawing
{
    private const double TitleSize = 14;

    private static readonly (byte, byte, byte) Ink = Colour("#1f2328");
    private static readonly (byte, byte, byte) Soft = Colour("#57606a");

    private readonly PixelCanvas _canvas;
    private readonly double _scale;
    private readonly Dictionary<string, XElement> _clips;

    private PixelDrawing(XElement svg, double scale)
    {
        _scale = scale;
        _canvas = new((int)Math.Round(Number(svg, "width") * scale), (int)Math.Round(Number(svg, "height") * scale));
        _clips = svg.Descendants().Where(e => e.Name.LocalName == "clipPath").ToDictionary(e => e.Attribute("id")!.Value, e => e.Elements().First());
        // What lies behind the rounded corners of the panel.
        _canvas.Fill([Box(0, 0, _canvas.Width, _canvas.Height)], Colour("#ffffff"));
    }

    /// <summary>The picture as a PNG file.</summary>
    /// <param name="svg">The text of the picture.</param>
    /// <param name="scale">Pixels for each of its units.</param>
    public static byte[] ToPng(string svg, double scale)
    {
        var root = XDocument.Parse(svg).Root!;
        var drawing = new PixelDrawing(root, scale);
        drawing.Draw(root, 0, 0);
        return PngWriter.Encode(drawing._canvas.Width, drawing._canvas.Height, 3, drawing._canvas.ToBytes());
    }

    private void Draw(XElement parent, double dx, double dy)
    {
        foreach (var element in parent.Elements())
        {
            switch (element.Name.LocalName)
            {
                case "g":
                    Group(element, dx, dy);
                    break;
                case "rect":
                    var (x, y) = (Number(element, "x") + dx, Number(element, "y") + dy);
                    _canvas.Fill([Scaled(Box(x, y, x + Number(element, "width"), y + Number(element, "height")))], FillOf(element));
                    break;
                case "circle":
                    _canvas.Fill([Scaled(PixelCanvas.Disc((Number(element, "cx") + dx, Number(element, "cy") + dy), Number(element, "r")))], FillOf(element));
                    break;
                case "line":
                    Stroke(element, [[(Number(element, "x1") + dx, Number(element, "y1") + dy), (Number(element, "x2") + dx, Number(element, "y2") + dy)]]);
                    break;
                case "path":
                    Path(element, [.. PathPoints(element.Attribute("d")!.Value).Select(line => line.Select(p => (p.X + dx, p.Y + dy)).ToArray())]);
                    break;
                case "text":
                    Text(element, dx, dy);
                    break;
            }
        }
    }

    private void Group(XElement group, double dx, double dy)
    {
        var before = _canvas.Clip;
        if (group.Attribute("clip-path") is { } clip && _clips.TryGetValue(clip.Value["url(#".Length..^1], out var room))
        {
            var (x, y) = (Number(room, "x") + dx, Number(room, "y") + dy);
            _canvas.Clip = (x * _scale, y * _scale, (x + Number(room, "width")) * _scale, (y + Number(room, "height")) * _scale);
        }
        if (group.Attribute("transform") is { } transform)
        {
            var shift = Numbers(transform.Value["translate(".Length..^1]);
            (dx, dy) = (dx + shift[0], dy + shift[1]);
        }
        Draw(group, dx, dy);
        _canvas.Clip = before;
    }

    private void Path(XElement element, (double X, double Y)[][] lines)
    {
        if (Has(element, "band"))
            _canvas.Fill([.. lines.Select(Scaled)], FillOf(element), opacity: 0.18);
        else
            Stroke(element, lines);
    }

    private void Stroke(XElement element, (double X, double Y)[][] lines)
    {
        var (thickness, opacity) = Has(element, "dots") ? (4.5, 0.75) : Has(element, "line") ? (2, 1) : Has(element, "rule") ? (1.5, 1) : (1.0, 1);
        var colour = Has(element, "grid") ? Colour("#e1e4e8") : Has(element, "axis") ? Colour("#8c959f") : Series(element, 's') ?? Ink;
        if (Has(element, "rule"))
            lines = [.. lines.SelectMany(Dashes)];
        // Dots are drawn one by one, so that those which overlap are darker, as on a page.
        foreach (var together in Has(element, "dots") ? lines.Select(l => new[] { l }) : [lines])
            _canvas.Stroke(together.Select(Scaled), thickness * _scale, colour, opacity);
    }

    private void Text(XElement element, double dx, double dy)
    {
        var size = Has(element, "title") ? TitleSize : PlotStyle.TextSize;
        var colour = Has(element, "soft") ? Soft : Has(element, "light") ? Colour("#ffffff") : Has(element, "dark") ? Colour("#000000") : Ink;
        var width = StrokeLetters.WidthOf(element.Value, size);
        var start = Has(element, "end") ? -width : Has(element, "mid") ? -width / 2 : 0;
        var (x, y, isTurned) = (Number(element, "x"), Number(element, "y"), false);
        if (element.Attribute("transform") is { } transform)
        {
            // translate(x y) rotate(-90)
            var place = Numbers(transform.Value.Split('(', ')')[1]);
            (x, y, isTurned) = (place[0], place[1], true);
        }
        var lines = StrokeLetters.Of(element.Value, size).Select(stroke => Scaled([.. stroke.Select(p => isTurned ? (x + dx + p.Y, y + dy - start - p.X) : (x + dx + start + p.X, y + dy + p.Y))]));
        _canvas.Stroke(lines, (Has(element, "title") ? 1.5 : 1.05) * _scale, colour);
    }

    // M, L, H, V, h and Z; numbers apart by a space.
    private static List<(double X, double Y)[]> PathPoints(string path)
    {
        var (lines, line) = (new List<(double, double)[]>(), new List<(double X, double Y)>());
        for (var i = 0; i < path.Length;)
        {
            var command = path[i++];
            var end = i;
            while (end < path.Length && !char.IsAsciiLetter(path[end]))
                end++;
            var numbers = Numbers(path[i..end]);
            i = end;
            if (command == 'M' && line.Count > 0)
            {
                lines.Add([.. line]);
                line.Clear();
            }
            if (command != 'Z')
                line.Add(command switch { 'H' => (numbers[0], line[^1].Y), 'V' => (line[^1].X, numbers[0]), 'h' => (line[^1].X + numbers[0], line[^1].Y), _ => (numbers[0], numbers[1]) });
        }
        if (line.Count > 0)
            lines.Add([.. line]);
        return lines;
    }

    private static IEnumerable<(double X, double Y)[]> Dashes((double X, double Y)[] line)
    {
        const double dash = 6, gap = 4;
        var ((x1, y1), (x2, y2)) = (line[0], line[^1]);
        var length = Math.Sqrt(Math.Pow(x2 - x1, 2) + Math.Pow(y2 - y1, 2));
        for (var at = 0.0; at < length; at += dash + gap)
            yield return [Along(at), Along(Math.Min(length, at + dash))];

        (double, double) Along(double at) => (x1 + (x2 - x1) * at / length, y1 + (y2 - y1) * at / length);
    }

    private static (byte, byte, byte) FillOf(XElement element) => element.Attribute("fill") is { } fill ? Colour(fill.Value) : Has(element, "panel") ? Colour("#ffffff") : Series(element, 'f') ?? Ink;

    // The colour of a class such as s3 or f3.
    private static (byte, byte, byte)? Series(XElement element, char kind)
    {
        foreach (var name in Classes(element))
        {
            if (name[0] == kind && int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return Colour(PlotStyle.Light(number));
        }
        return null;
    }

    private static bool Has(XElement element, string name) => Array.IndexOf(Classes(element), name) >= 0;

    private static string[] Classes(XElement element) => element.Attribute("class")?.Value.Split(' ') ?? [];

    private static (byte, byte, byte) Colour(string hex) => (Convert.ToByte(hex[1..3], 16), Convert.ToByte(hex[3..5], 16), Convert.ToByte(hex[5..7], 16));

    private static double Number(XElement element, string name) => element.Attribute(name) is { } attribute ? double.Parse(attribute.Value, CultureInfo.InvariantCulture) : 0;

    private static double[] Numbers(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => double.Parse(n, CultureInfo.InvariantCulture))];

    private static (double X, double Y)[] Box(double left, double top, double right, double bottom) => [(left, top), (right, top), (right, bottom), (left, bottom)];

    private (double X, double Y)[] Scaled(IEnumerable<(double X, double Y)> points) => [.. points.Select(p => (p.X * _scale, p.Y * _scale))];
}
