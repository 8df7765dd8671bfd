namespace Elbo.Data.Pictures;

/// <summary>How a series is shown in the legend.</summary>
internal enum LegendMark
{
    Line,
    Dot,
    Square,
    Rule,
}

/// <summary>Title, legend, axes and the room between them.</summary>
internal sealed class PlotFrame
{
    private const double Edge = 16;
    private const double TickRoom = 8;
    private const double LineHeight = 18;
    private const double PixelsPerTick = 64;

    private readonly SvgText _svg;
    private readonly Picture _picture;

    public PlotFrame(SvgText svg, Picture picture, IReadOnlyList<(string Name, int Colour, LegendMark Mark)> legend)
    {
        (_svg, _picture) = (svg, picture);
        (Left, Top, Right, Bottom) = (Edge, 20 + Edge, picture.Width - Edge, picture.Height - Edge);
        if (picture.Title.Length > 0)
            svg.AddText(Edge, 26, picture.Title, "title");
        else
            Top = Edge;
        Legend(legend);
    }

    public double Left { get; set; }

    public double Top { get; set; }

    public double Right { get; set; }

    public double Bottom { get; set; }

    /// <summary>Lays the scales out and draws both axes with their grid.</summary>
    public void Axes(AxisScale x, string xLabel, AxisScale y, string yLabel)
    {
        Bottom -= LineHeight + (xLabel.Length > 0 ? LineHeight : 0);
        var yTicks = y.Ticks((int)((Bottom - Top) / PixelsPerTick * 1.3));
        Left += (yLabel.Length > 0 ? LineHeight : 0) + TickRoom + yTicks.Select(t => SvgText.WidthOf(t.Text)).DefaultIfEmpty(0).Max();
        x.Between(Left, Right);
        y.Between(Bottom, Top);
        foreach (var (value, text) in yTicks)
            Horizontal(y.Place(value), text);
        foreach (var (value, text) in x.Ticks((int)((Right - Left) / PixelsPerTick / 1.2)))
            Vertical(x.Place(value), text);
        Outline();
        Labels(xLabel, yLabel);
    }

    /// <summary>A line of the grid from left to right and its text at the left.</summary>
    public void Horizontal(double y, string text)
    {
        _svg.Add($"<line class=\"grid\" x1=\"{Left:0.#}\" x2=\"{Right:0.#}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>");
        _svg.AddText(Left - TickRoom, y + 4, text, "soft end");
    }

    /// <summary>A line of the grid from top to bottom and its text below.</summary>
    public void Vertical(double x, string text)
    {
        _svg.Add($"<line class=\"grid\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top:0.#}\" y2=\"{Bottom:0.#}\"/>");
        _svg.AddText(x, Bottom + LineHeight - 2, text, "soft mid");
    }

    /// <summary>The lines on which the axes stand.</summary>
    public void Outline() => _svg.Add($"<path class=\"axis\" d=\"M{Left:0.#} {Top:0.#}V{Bottom:0.#}H{Right:0.#}\"/>");

    /// <summary>What the axes measure.</summary>
    public void Labels(string x, string y)
    {
        if (x.Length > 0)
            _svg.AddText((Left + Right) / 2, _picture.Height - Edge + 4, x, "mid");
        if (y.Length > 0)
            _svg.AddText(Edge + 2, (Top + Bottom) / 2, y, "mid", -90);
    }

    // Names in lines beneath the title, as many a line as fit.
    private void Legend(IReadOnlyList<(string Name, int Colour, LegendMark Mark)> legend)
    {
        const double mark = 22, gap = 20;
        if (legend.Count == 0)
            return;
        var (x, y) = (Left, Top + 10);
        foreach (var (name, colour, kind) in legend)
        {
            var width = mark + SvgText.WidthOf(name);
            if (x > Left && x + width > Right)
                (x, y) = (Left, y + LineHeight);
            Mark(x, y - 4, colour % PlotStyle.ColourCount, kind);
            _svg.AddText(x + mark, y, name);
            x += width + gap;
        }

        Top = y + 14;
    }

    private void Mark(double x, double y, int colour, LegendMark kind)
    {
        switch (kind)
        {
            case LegendMark.Line or LegendMark.Rule:
                _svg.Add($"<path class=\"{(kind == LegendMark.Line ? "line" : "rule")} s{colour}\" d=\"M{x:0.#} {y:0.#}h16\"/>");
                break;
            case LegendMark.Dot:
                _svg.Add($"<circle class=\"f{colour}\" cx=\"{x + 10:0.#}\" cy=\"{y:0.#}\" r=\"4\"/>");
                break;
            default:
                _svg.Add($"<rect class=\"f{colour}\" x=\"{x + 4:0.#}\" y=\"{y - 5:0.#}\" width=\"11\" height=\"11\" rx=\"2\"/>");
                break;
        }
    }
}
