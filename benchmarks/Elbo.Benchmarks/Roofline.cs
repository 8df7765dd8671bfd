using System.Globalization;
using System.Text;

namespace Elbo.Benchmarks;

/// <summary>
/// The picture of what limits what (Williams, Waterman and Patterson, 2009): speed over operations per byte, beneath roofs that
/// rise with the bandwidth of each level of memory up to the multiply-add peak. A panel of its own background, so that it can be
/// read on a light and on a dark page.
/// </summary>
internal sealed class Roofline
{
    private const double Width = 1040;
    private const double Height = 620;
    private const double Left = 64;
    private const double Right = 724;
    private const double Top = 48;
    private const double Bottom = 564;
    private const double LowestIntensity = 1.0 / 32;
    private const double HighestIntensity = 512;

    private static readonly string[] LevelColours = ["#8250df", "#1a7f37", "#9a6700", "#cf222e"];

    private readonly StringBuilder _svg = new();
    private readonly double _highest;
    private readonly double _lowest;
    private readonly List<(double X, double Y)> _taken = [];

    private Roofline(double highest, double lowest) => (_highest, _lowest) = (highest, lowest);

    /// <summary>The picture of some figures; null where the roofs are not among them.</summary>
    public static string? Of(IReadOnlyList<Measurement> figures)
    {
        var roofs = figures.Where(f => f.Roof is not null).ToLookup(f => f.Roof!.Value, f => f.Value);
        var points = figures.Where(f => f.Work?.Label is not null).Select(f => f.Work!).ToList();
        if (!roofs.Contains((Roof.Float32, "f32", 1)))
            return null;
        var peak = roofs.Where(r => r.Key.Kind != Roof.Bandwidth).Max(r => r.Max());
        var lowest = points.Select(SpeedOf).Append(4).Min();
        return new Roofline(Math.Pow(10, Math.Ceiling(Math.Log10(peak) * 4 + 0.5) / 4), Math.Pow(10, Math.Floor(Math.Log10(lowest) * 4 - 0.5) / 4)).Draw(roofs, points);
    }

    private static double SpeedOf(Work work) => 1e-9 * work.Flop / work.Seconds;

    private static double X(double intensity) => Left + (Right - Left) * Math.Log(intensity / LowestIntensity) / Math.Log(HighestIntensity / LowestIntensity);

    private double Y(double speed) => Bottom - (Bottom - Top) * Math.Log(speed / _lowest) / Math.Log(_highest / _lowest);

    private string Draw(ILookup<(Roof Kind, string Level, int Threads), double> roofs, List<Work> points)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"Roofline: speed of kernels beneath what memory and cores allow\">");
        _svg.AppendLine("""
            <style>
            text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px; fill: #1f2328; }
            .axis { fill: #57606a; } .title { font-size: 14px; font-weight: 600; } .end { text-anchor: end; } .mid { text-anchor: middle; }
            .grid { stroke: #e1e4e8; stroke-width: 1; } .number { font-size: 11px; font-weight: 600; } .leader { stroke: #8c959f; stroke-width: 0.8; }
            .halo { paint-order: stroke; stroke: #ffffff; stroke-width: 4; stroke-linejoin: round; }
            </style>
            """);
        Add($"<rect width=\"{Width}\" height=\"{Height}\" rx=\"8\" fill=\"#ffffff\"/>");
        _svg.AppendLine("<clipPath id=\"plot\"><rect x=\"64\" y=\"48\" width=\"660\" height=\"516\"/></clipPath>");
        DrawAxes();
        DrawRoofs(roofs);
        DrawPoints(points);
        return _svg.AppendLine("</svg>").ToString();
    }

    private void DrawAxes()
    {
        Add($"<text x=\"{Left}\" y=\"28\" class=\"title\">What the machine allows, and what is reached</text>");
        for (var intensity = LowestIntensity; intensity <= HighestIntensity; intensity *= 2)
        {
            Add($"<line class=\"grid\" x1=\"{X(intensity):0.#}\" x2=\"{X(intensity):0.#}\" y1=\"{Top}\" y2=\"{Bottom}\"/>");
            var text = intensity < 1 ? $"1/{1 / intensity:0}" : $"{intensity:0}";
            Add($"<text class=\"axis mid\" x=\"{X(intensity):0.#}\" y=\"{Bottom + 18}\">{text}</text>");
        }
        for (var decade = Math.Floor(Math.Log10(_lowest)); decade <= Math.Log10(_highest); decade++)
        {
            foreach (var digit in (int[])[1, 2, 5])
            {
                var speed = digit * Math.Pow(10, decade);
                if (speed < _lowest || speed > _highest)
                    continue;
                Add($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Right}\" y1=\"{Y(speed):0.#}\" y2=\"{Y(speed):0.#}\"/>");
                Add($"<text class=\"axis end\" x=\"{Left - 8}\" y=\"{Y(speed) + 4:0.#}\">{speed:0.##}</text>");
            }
        }
        Add($"<text class=\"axis mid\" x=\"{(Left + Right) / 2}\" y=\"{Bottom + 42}\">operations for each byte that must be read or written (FLOP/byte)</text>");
        Add($"<text class=\"axis mid\" transform=\"translate(18 {(Top + Bottom) / 2}) rotate(-90)\">GFLOP/s</text>");
    }

    // One thread drawn through, two threads dashed.
    private void DrawRoofs(ILookup<(Roof Kind, string Level, int Threads), double> roofs)
    {
        string[] levels = [.. roofs.Where(r => r.Key.Kind == Roof.Bandwidth).Select(r => r.Key.Level).Distinct()];
        foreach (var threads in (int[])[2, 1])
        {
            var peak = roofs[(Roof.Float32, "f32", threads)].DefaultIfEmpty(0).Max();
            if (peak == 0)
                continue;
            var dash = threads == 1 ? "" : " stroke-dasharray=\"5 4\" opacity=\"0.6\"";
            for (var l = 0; l < levels.Length; l++)
            {
                var bandwidth = roofs[(Roof.Bandwidth, levels[l], threads)].Max();
                Add($"<line clip-path=\"url(#plot)\" x1=\"{X(_lowest / bandwidth):0.#}\" y1=\"{Y(_lowest):0.#}\" x2=\"{X(peak / bandwidth):0.#}\" y2=\"{Y(peak):0.#}\" stroke=\"{LevelColours[l % 4]}\" stroke-width=\"1.6\"{dash}/>");
                if (threads == 1)
                {
                    // Where two slopes lie close together, the lower one is named on its other side.
                    var isClose = l > 0 && roofs[(Roof.Bandwidth, levels[l - 1], threads)].Max() < 1.6 * bandwidth;
                    NameSlope($"{levels[l]} {bandwidth:0} GB/s", bandwidth, peak, LevelColours[l % 4], isClose);
                }
            }
            var start = peak / roofs.Where(r => r.Key.Kind == Roof.Bandwidth && r.Key.Threads == threads).Max(r => r.Max());
            Ceiling(peak, start, $"f32 peak, {threads} {(threads == 1 ? "thread" : "threads")}, {peak:0} GFLOP/s", dash);
            var wide = roofs[(Roof.Float64, "f64", threads)].DefaultIfEmpty(0).Max();
            if (wide > 0 && threads == 1)
                Ceiling(wide, start * wide / peak, $"f64 peak, 1 thread, {wide:0} GFLOP/s", " stroke-dasharray=\"1 3\"");
        }
    }

    private void Ceiling(double speed, double from, string name, string dash)
    {
        Add($"<line x1=\"{X(from):0.#}\" x2=\"{Right}\" y1=\"{Y(speed):0.#}\" y2=\"{Y(speed):0.#}\" stroke=\"#1f2328\" stroke-width=\"1.6\"{dash}/>");
        Add($"<text class=\"end halo\" x=\"{Right - 6}\" y=\"{Y(speed) - 6:0.#}\">{name}</text>");
        for (var x = Right - 200; x < Right; x += 12)
            _taken.Add((x, Y(speed) - 10));
    }

    private void NameSlope(string name, double bandwidth, double peak, string colour, bool isBelow)
    {
        var speed = Math.Max(_lowest * 1.6, peak / 4.5);
        var (x, y) = (X(speed / bandwidth), Y(speed));
        if (x < Left + 10)
        {
            x = Left + 14;
            y = Y(bandwidth * LowestIntensity * Math.Pow(HighestIntensity / LowestIntensity, (x - Left) / (Right - Left)));
        }
        var slope = Math.Atan2(Y(2) - Y(1), X(2) - X(1)) * 180 / Math.PI;
        Add($"<text class=\"halo\" transform=\"translate({x:0.#} {y:0.#}) rotate({slope:0.#})\" dy=\"{(isBelow ? 14 : -5)}\" style=\"fill: {colour}\">{name}</text>");
    }

    private void DrawPoints(List<Work> points)
    {
        _taken.AddRange(points.Select(Place));
        for (var p = 0; p < points.Count; p++)
        {
            var (x, y) = Place(points[p]);
            var fill = points[p].Threads == 1 ? "#0969da" : "#bc4c00";
            Add($"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\" fill=\"{fill}\" stroke=\"#ffffff\"/>");
            var (toX, toY) = FreePlace(x, y);
            Add($"<line class=\"leader\" x1=\"{x:0.#}\" y1=\"{y:0.#}\" x2=\"{toX:0.#}\" y2=\"{toY:0.#}\"/>");
            Add($"<text class=\"number mid halo\" x=\"{toX:0.#}\" y=\"{toY + 4:0.#}\" style=\"fill: {fill}\">{p + 1}</text>");
            var row = Top + 8 + (p * Math.Min(20, (Bottom - Top - 30) / Math.Max(1, points.Count)));
            Add($"<text class=\"number end\" x=\"{Right + 40}\" y=\"{row:0.#}\" style=\"fill: {fill}\">{p + 1}</text>");
            Add($"<text x=\"{Right + 48}\" y=\"{row:0.#}\">{Escaped(points[p].Label!)}, {SpeedOf(points[p]):0.#}</text>");
        }
        Add($"<text x=\"{Right + 24}\" y=\"{Bottom + 18}\"><tspan style=\"fill: #0969da\">● one thread</tspan> <tspan style=\"fill: #bc4c00\">● two threads, dashed roofs</tspan></text>");
        Add($"<text class=\"axis\" x=\"{Right + 24}\" y=\"{Bottom + 38}\">figures after the names: GFLOP/s</text>");
    }

    private (double X, double Y) Place(Work work) =>
        (X(Math.Clamp(work.Flop / work.Bytes, LowestIntensity, HighestIntensity)), Y(SpeedOf(work)));

    // The nearest place around a point where a number covers neither another nor a point.
    private (double X, double Y) FreePlace(double x, double y)
    {
        for (var radius = 15.0; radius < 90; radius += 7)
        {
            for (var turn = 0; turn < 12; turn++)
            {
                var angle = (turn * Math.PI / 6) + (Math.PI / 2);
                var (toX, toY) = (x + (radius * Math.Cos(angle)), y + (radius * Math.Sin(angle)));
                if (toX < Left + 8 || toX > Right - 8 || toY < Top + 6 || toY > Bottom - 6 || _taken.Exists(t => Math.Abs(t.X - toX) < 14 && Math.Abs(t.Y - toY) < 12))
                    continue;
                _taken.Add((toX, toY));
                return (toX, toY);
            }
        }
        return (x, y - 12);
    }

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private void Add(FormattableString line) => _svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
