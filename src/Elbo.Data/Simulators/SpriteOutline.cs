namespace Elbo.Data.Simulators;

/// <summary>The outlines of sprites, and the pixels inside them.</summary>
internal static class SpriteOutline
{
    // Half the side of the square of scale 1, and half the axes of the ellipse, in pixels.
    private const double Half = 9.6;
    private const double HalfWidth = 12.76;
    private const double HalfHeight = 7.22;
    private const int EllipseCorners = 128;
    private const int CurveCorners = 24;

    // The right half of the heart, from the notch down to the tip by two cubic Bézier curves, in pixels of scale 1, upwards.
    private static readonly (double X, double Y)[] UpperCurve = [(0, 5.155), (1.946, 11.898), (9.592, 9.72), (9.592, 3.99)];
    private static readonly (double X, double Y)[] LowerCurve = [(9.592, 3.99), (9.592, -1.864), (-0.254, -5.969), (0, -10.307)];

    private static readonly (double X, double Y)[][] Outlines = [Square(), Ellipse(), Heart()];

    /// <summary>Pixels of a sprite: in row y, so many from a column on.</summary>
    public static List<(int Y, int From, int Count)> Spans(Sprite sprite)
    {
        var corners = Placed(sprite);
        var (low, high) = (corners.Min(c => c.Y), corners.Max(c => c.Y));
        var spans = new List<(int, int, int)>();
        Span<double> crossings = stackalloc double[corners.Length];
        for (var y = Math.Max(0, (int)Math.Ceiling(low - 0.5)); y < SpriteSet.Side && y + 0.5 <= high; y++)
        {
            var crossed = Crossings(corners, y + 0.5, crossings);
            crossed.Sort();
            for (var i = 0; i + 1 < crossed.Length; i += 2)
            {
                var (from, to) = (Math.Max(0, (int)Math.Ceiling(crossed[i] - 0.5)), Math.Min(SpriteSet.Side, (int)Math.Ceiling(crossed[i + 1] - 0.5)));
                if (to > from)
                    spans.Add((y, from, to - from));
            }
        }
        return spans;
    }

    // Where a horizontal line crosses the outline.
    private static Span<double> Crossings((double X, double Y)[] corners, double y, Span<double> crossings)
    {
        var count = 0;
        for (var i = 0; i < corners.Length; i++)
        {
            var (a, b) = (corners[i], corners[i + 1 == corners.Length ? 0 : i + 1]);
            if (a.Y > y != b.Y > y)
                crossings[count++] = a.X + (b.X - a.X) * (y - a.Y) / (b.Y - a.Y);
        }
        return crossings[..count];
    }

    private static (double X, double Y)[] Placed(Sprite sprite)
    {
        var scale = 0.5 + 0.1 * sprite.Scale;
        var (sin, cos) = Math.SinCos(2 * Math.PI * sprite.Rotation / 39);
        var (centreX, centreY) = (16 + 32.0 * sprite.X / 31, 16 + 32.0 * sprite.Y / 31);
        // Against the clock, in coordinates that go down.
        return Array.ConvertAll(Outlines[(int)sprite.Shape], c => (centreX + scale * (cos * c.X + sin * c.Y), centreY + scale * (cos * c.Y - sin * c.X)));
    }

    private static (double X, double Y)[] Square() => [(-Half, -Half), (Half, -Half), (Half, Half), (-Half, Half)];

    private static (double X, double Y)[] Ellipse() =>
        [.. Enumerable.Range(0, EllipseCorners).Select(i => 2 * Math.PI * i / EllipseCorners).Select(t => (HalfWidth * Math.Cos(t), HalfHeight * Math.Sin(t)))];

    private static (double X, double Y)[] Heart()
    {
        var right = Points(UpperCurve).SkipLast(1).Concat(Points(LowerCurve)).Select(c => (c.X, -c.Y)).ToArray();
        return [.. right, .. right[1..^1].Reverse().Select(c => (-c.Item1, c.Item2))];
    }

    private static IEnumerable<(double X, double Y)> Points((double X, double Y)[] curve) => Enumerable.Range(0, CurveCorners).Select(i =>
    {
        var t = i / (CurveCorners - 1.0);
        var (a, b, c, d) = ((1 - t) * (1 - t) * (1 - t), 3 * t * (1 - t) * (1 - t), 3 * t * t * (1 - t), t * t * t);
        return (a * curve[0].X + b * curve[1].X + c * curve[2].X + d * curve[3].X, a * curve[0].Y + b * curve[1].Y + c * curve[2].Y + d * curve[3].Y);
    });
}
