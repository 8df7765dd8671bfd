namespace Elbo.Data.Pictures;

/// <summary>Bars, one for each of several names, or groups of them where there are several series.</summary>
/// <param name="title">What it shows; may be empty.</param>
/// <param name="names">What the bars stand for.</param>
public sealed class BarPlot(string title, IReadOnlyList<string> names) : Picture(title)
{
    private const double NameRoom = 200;
    private const double TickRoom = 8;
    private const double LineHeight = 18;
    private const double GapBetweenGroups = 0.25;

    private readonly List<(string Name, IReadOnlyList<double> Values)> _series = [];

    /// <summary>The axis of the values. Zero is always on it.</summary>
    public Axis Values { get; init; } = new();

    /// <summary>Whether bars go to the right, with their names at the left, rather than up.</summary>
    public bool IsHorizontal { get; init; }

    /// <summary>Adds bars.</summary>
    /// <param name="name">For the legend; empty for none.</param>
    /// <param name="values">A value for each name; one that is not finite has no bar.</param>
    /// <returns>This plot.</returns>
    /// <exception cref="ArgumentException">The values are not as many as the names.</exception>
    public BarPlot Bars(string name, IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != names.Count)
            throw new ArgumentException($"{values.Count} values for {names.Count} names.", nameof(values));
        _series.Add((name, values));
        return this;
    }

    internal override void Draw(SvgText svg)
    {
        var frame = new PlotFrame(svg, this, [.. _series.Select((s, i) => (s.Name, i, LegendMark.Square)).Where(s => s.Name.Length > 0)]);
        var zero = Values.IsLogarithmic ? Array.Empty<double>() : [0.0];
        var values = _series.SelectMany(s => s.Values).Concat(zero).Where(double.IsFinite).DefaultIfEmpty(1).ToList();
        // Bars stand on zero, so nothing is left free below it.
        var axis = Values.IsLogarithmic ? Values : Values with { From = Values.From ?? (values.Min() < 0 ? null : 0), To = Values.To ?? (values.Max() > 0 ? null : 0) };
        var scale = AxisScale.Of(axis, values, 0.04);
        if (IsHorizontal)
            DrawHorizontal(svg, frame, scale);
        else
            DrawVertical(svg, frame, scale);
    }

    private void DrawHorizontal(SvgText svg, PlotFrame frame, AxisScale scale)
    {
        frame.Left += Math.Min(NameRoom, names.Select(n => SvgText.WidthOf(n)).DefaultIfEmpty(0).Max()) + TickRoom;
        frame.Bottom -= LineHeight + (Values.Label.Length > 0 ? LineHeight : 0);
        scale.Between(frame.Left, frame.Right);
        foreach (var (value, text) in scale.Ticks((int)((frame.Right - frame.Left) / 77)))
            frame.Vertical(scale.Place(value), text);
        var (room, thickness) = Sizes(frame.Bottom - frame.Top);
        for (var i = 0; i < names.Count; i++)
        {
            svg.AddText(frame.Left - TickRoom, frame.Top + (room * (i + 0.5)) + 4, Shortened(names[i]), "end");
            for (var s = 0; s < _series.Count; s++)
            {
                if (Ends(scale, _series[s].Values[i]) is var (from, to))
                    svg.Add($"<rect class=\"f{s % PlotStyle.ColourCount}\" x=\"{Math.Min(from, to):0.#}\" y=\"{Start(frame.Top, room, thickness, i, s):0.#}\" width=\"{Math.Abs(to - from):0.#}\" height=\"{thickness:0.#}\"/>");
            }
        }

        if (scale.Place(0) is var zero && zero > frame.Left && zero < frame.Right)
            svg.Add($"<path class=\"axis\" d=\"M{zero:0.#} {frame.Top:0.#}V{frame.Bottom:0.#}\"/>");
        frame.Outline();
        frame.Labels(Values.Label, "");
    }

    private void DrawVertical(SvgText svg, PlotFrame frame, AxisScale scale)
    {
        var longest = names.Select(n => SvgText.WidthOf(Shortened(n))).DefaultIfEmpty(0).Max();
        var ticks = scale.Ticks((int)((frame.Bottom - frame.Top) / 50));
        frame.Left += (Values.Label.Length > 0 ? LineHeight : 0) + TickRoom + ticks.Select(t => SvgText.WidthOf(t.Text)).DefaultIfEmpty(0).Max();
        var (room, thickness) = Sizes(frame.Right - frame.Left);
        var isTurned = longest > room - 4;
        frame.Bottom -= isTurned ? longest + TickRoom : LineHeight;
        scale.Between(frame.Bottom, frame.Top);
        foreach (var (value, text) in ticks)
            frame.Horizontal(scale.Place(value), text);
        // Where there are more names than lines of text beside each other, some are left out.
        var every = Math.Max(1, (int)Math.Ceiling(LineHeight * 0.8 / room));
        for (var i = 0; i < names.Count; i++)
        {
            var middle = frame.Left + (room * (i + 0.5));
            if (!isTurned)
                svg.AddText(middle, frame.Bottom + LineHeight - 2, names[i], "mid");
            else if (i % every == 0)
                svg.AddText(middle + 4, frame.Bottom + TickRoom, Shortened(names[i]), "end", -90);
            for (var s = 0; s < _series.Count; s++)
            {
                if (Ends(scale, _series[s].Values[i]) is var (from, to))
                    svg.Add($"<rect class=\"f{s % PlotStyle.ColourCount}\" x=\"{Start(frame.Left, room, thickness, i, s):0.#}\" y=\"{Math.Min(from, to):0.#}\" width=\"{thickness:0.#}\" height=\"{Math.Abs(to - from):0.#}\"/>");
            }
        }

        if (scale.Place(0) is var zero && zero > frame.Top && zero < frame.Bottom)
            svg.Add($"<path class=\"axis\" d=\"M{frame.Left:0.#} {zero:0.#}H{frame.Right:0.#}\"/>");
        frame.Outline();
        frame.Labels("", Values.Label);
    }

    private (double Room, double Thickness) Sizes(double length)
    {
        var room = length / Math.Max(1, names.Count);
        return (room, room * (1 - GapBetweenGroups) / Math.Max(1, _series.Count));
    }

    private static double Start(double start, double room, double thickness, int name, int series) =>
        start + (room * (name + (GapBetweenGroups / 2))) + (thickness * series);

    private static (double From, double To)? Ends(AxisScale scale, double value)
    {
        var from = scale.Place(0);
        var (low, high) = (scale.Place(scale.Least), scale.Place(scale.Greatest));
        if (!double.IsFinite(from))
            from = low;
        var to = scale.Place(value);
        return double.IsFinite(to) ? (Held(from), Held(to)) : null;

        double Held(double place) => Math.Clamp(place, Math.Min(low, high), Math.Max(low, high));
    }

    private static string Shortened(string name)
    {
        var most = (int)(NameRoom / SvgText.WidthOf("x"));
        return name.Length <= most ? name : name[..(most - 1)] + "…";
    }
}
