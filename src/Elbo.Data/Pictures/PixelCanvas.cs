namespace Elbo.Data.Pictures;

/// <summary>Pixels on which areas and lines are drawn with smooth edges: each is covered by as much of a pixel as it takes.</summary>
internal sealed class PixelCanvas(int width, int height)
{
    // Lines of samples within a pixel; along a line coverage is exact.
    private const int Lines = 5;

    private readonly float[] _colours = new float[width * height * 3];
    private readonly float[] _cover = new float[width];

    // Where the line has any cover.
    private int _first = int.MaxValue;
    private int _last = -1;

    /// <summary>What may be drawn on: left, top, right, bottom.</summary>
    public (double Left, double Top, double Right, double Bottom) Clip { get; set; } = (0, 0, width, height);

    public int Width => width;

    public int Height => height;

    /// <summary>The pixels, red, green and blue.</summary>
    public byte[] ToBytes() => [.. _colours.Select(c => (byte)Math.Clamp(Math.Round(c), 0, 255))];

    /// <summary>Fills what lies within the outlines together; where they overlap it counts once.</summary>
    public void Fill(IReadOnlyList<(double X, double Y)[]> outlines, (byte R, byte G, byte B) colour, double opacity = 1)
    {
        var edges = outlines.SelectMany(Edges).ToArray();
        if (edges.Length == 0)
            return;
        var top = (int)Math.Max(Math.Floor(edges.Min(e => Math.Min(e.Y1, e.Y2))), Math.Max(0, Math.Floor(Clip.Top)));
        var bottom = (int)Math.Min(Math.Ceiling(edges.Max(e => Math.Max(e.Y1, e.Y2))), Math.Min(height, Math.Ceiling(Clip.Bottom)));
        Array.Sort(edges, (a, b) => Math.Min(a.Y1, a.Y2).CompareTo(Math.Min(b.Y1, b.Y2)));
        var (active, next) = (new List<(double X1, double Y1, double X2, double Y2)>(), 0);
        var crossings = new List<(double X, int Turn)>();
        for (var y = top; y < bottom; y++)
        {
            while (next < edges.Length && Math.Min(edges[next].Y1, edges[next].Y2) < y + 1)
                active.Add(edges[next++]);
            active.RemoveAll(e => Math.Max(e.Y1, e.Y2) <= y);
            for (var line = 0; line < Lines; line++)
                Cross(active, y + (line + 0.5) / Lines, crossings);
            Blend(y, colour, opacity);
        }
    }

    /// <summary>Draws lines of a width with round ends and corners.</summary>
    public void Stroke(IEnumerable<IReadOnlyList<(double X, double Y)>> lines, double thickness, (byte R, byte G, byte B) colour, double opacity = 1)
    {
        var outlines = new List<(double, double)[]>();
        foreach (var line in lines)
        {
            for (var i = 0; i < line.Count; i++)
            {
                outlines.Add(Disc(line[i], thickness / 2));
                if (i > 0 && line[i] != line[i - 1])
                    outlines.Add(Bar(line[i - 1], line[i], thickness / 2));
            }
        }
        Fill(outlines, colour, opacity);
    }

    /// <summary>A circle as an outline.</summary>
    public static (double X, double Y)[] Disc((double X, double Y) middle, double radius)
    {
        var corners = Math.Clamp((int)(radius * 6), 8, 40);
        return [.. Enumerable.Range(0, corners).Select(i => (middle.X + radius * Math.Cos(2 * Math.PI * i / corners), middle.Y + radius * Math.Sin(2 * Math.PI * i / corners)))];
    }

    // In the same sense as a disc, so that overlaps add up rather than cancel.
    private static (double X, double Y)[] Bar((double X, double Y) from, (double X, double Y) to, double half)
    {
        var length = Math.Sqrt(Math.Pow(to.X - from.X, 2) + Math.Pow(to.Y - from.Y, 2));
        var (dx, dy) = ((to.Y - from.Y) / length * half, (from.X - to.X) / length * half);
        return [(from.X + dx, from.Y + dy), (to.X + dx, to.Y + dy), (to.X - dx, to.Y - dy), (from.X - dx, from.Y - dy)];
    }

    private static IEnumerable<(double X1, double Y1, double X2, double Y2)> Edges((double X, double Y)[] outline)
    {
        for (var i = 0; i < outline.Length; i++)
        {
            var (a, b) = (outline[i], outline[(i + 1) % outline.Length]);
            if (a.Y != b.Y)
                yield return (a.X, a.Y, b.X, b.Y);
        }
    }

    private void Cross(List<(double X1, double Y1, double X2, double Y2)> edges, double y, List<(double X, int Turn)> crossings)
    {
        if (y < Clip.Top || y > Clip.Bottom)
            return;
        crossings.Clear();
        foreach (var (x1, y1, x2, y2) in edges)
        {
            if (y1 <= y != y2 <= y)
                crossings.Add((x1 + (y - y1) / (y2 - y1) * (x2 - x1), y2 > y1 ? 1 : -1));
        }
        crossings.Sort((a, b) => a.X.CompareTo(b.X));
        var turns = 0;
        for (var i = 0; i + 1 < crossings.Count; i++)
        {
            turns += crossings[i].Turn;
            if (turns != 0)
                Cover(Math.Max(crossings[i].X, Math.Max(0, Clip.Left)), Math.Min(crossings[i + 1].X, Math.Min(width, Clip.Right)));
        }
    }

    private void Cover(double from, double to)
    {
        if (to <= from)
            return;
        (_first, _last) = (Math.Min(_first, (int)Math.Floor(from)), Math.Max(_last, (int)Math.Ceiling(to) - 1));
        for (var x = (int)Math.Floor(from); x < to; x++)
            _cover[x] += (float)((Math.Min(x + 1, to) - Math.Max(x, from)) / Lines);
    }

    private void Blend(int y, (byte R, byte G, byte B) colour, double opacity)
    {
        for (var x = _first; x <= _last; x++)
        {
            var part = (float)(Math.Min(1, _cover[x]) * opacity);
            _cover[x] = 0;
            var at = (y * width + x) * 3;
            _colours[at] += part * (colour.R - _colours[at]);
            _colours[at + 1] += part * (colour.G - _colours[at + 1]);
            _colours[at + 2] += part * (colour.B - _colours[at + 2]);
        }
        (_first, _last) = (int.MaxValue, -1);
    }
}
