using System.Globalization;

namespace Elbo.Data.Pictures;

/// <summary>A table of numbers as a map of colours, with a scale beside it.</summary>
/// <param name="title">What it shows; may be empty.</param>
/// <param name="values">The numbers, rows from the top; one that is not finite stays empty.</param>
public sealed class HeatMap(string title, double[,] values) : Picture(title)
{
    private const double LineHeight = 18;
    private const double TickRoom = 8;
    private const double BarRoom = 84;
    private const double BarWidth = 14;
    private const int ShadesOfBar = 64;

    /// <summary>Names of the rows; empty for none.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>Names of the columns; empty for none.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The scale of the values.</summary>
    public Axis Values { get; init; } = new();

    /// <summary>Whether zero is the middle of the colours, with blue below and red above.</summary>
    public bool IsDiverging { get; init; }

    /// <summary>A format for numbers in the cells, such as 0.0; null for none.</summary>
    public string? CellFormat { get; init; }

    internal override void Draw(SvgText svg)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        var scale = Scale();
        var frame = new PlotFrame(svg, this, []);
        frame.Left += Rows.Select(n => SvgText.WidthOf(n)).DefaultIfEmpty(0).Max() + (Rows.Count > 0 ? TickRoom : 0);
        frame.Right -= BarRoom;
        if (rows == 0 || columns == 0)
            return;
        var width = (frame.Right - frame.Left) / columns;
        var longest = Columns.Select(n => SvgText.WidthOf(n)).DefaultIfEmpty(0).Max();
        var isTurned = longest > width - 4;
        frame.Bottom -= Columns.Count == 0 ? 0 : isTurned ? longest + TickRoom : LineHeight;
        var height = (frame.Bottom - frame.Top) / rows;
        scale.Between(0, 1);
        for (var r = 0; r < rows; r++)
        {
            if (r < Rows.Count)
                svg.AddText(frame.Left - TickRoom, frame.Top + (height * (r + 0.5)) + 4, Rows[r], "end");
            for (var c = 0; c < columns; c++)
                Cell(svg, frame, scale, r, c, width, height);
        }

        for (var c = 0; c < Math.Min(columns, Columns.Count); c++)
        {
            var middle = frame.Left + (width * (c + 0.5));
            svg.AddText(isTurned ? middle + 4 : middle, frame.Bottom + (isTurned ? TickRoom : LineHeight - 2), Columns[c], isTurned ? "end" : "mid", isTurned ? -90 : 0);
        }

        Bar(svg, frame, scale);
    }

    private AxisScale Scale()
    {
        var all = values.Cast<double>().ToList();
        if (!IsDiverging)
            return AxisScale.Of(Values, all, 0);
        var most = all.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max();
        return AxisScale.Of(Values with { From = Values.From ?? -most, To = Values.To ?? most }, all, 0);
    }

    private string Colour(double share) => IsDiverging ? PlotStyle.Diverging(share) : PlotStyle.Rising(share);

    private void Cell(SvgText svg, PlotFrame frame, AxisScale scale, int row, int column, double width, double height)
    {
        var share = scale.Place(values[row, column]);
        if (!double.IsFinite(share))
            return;
        var (x, y) = (frame.Left + (width * column), frame.Top + (height * row));
        // A little wider than their room, so that no light shines through between them.
        svg.Add($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width + 0.3:0.##}\" height=\"{height + 0.3:0.##}\" fill=\"{Colour(share)}\"/>");
        if (CellFormat is null)
            return;
        var isDark = IsDiverging ? share is < 0.15 or > 0.85 : share < 0.6;
        svg.AddText(x + (width / 2), y + (height / 2) + 4, values[row, column].ToString(CellFormat, CultureInfo.InvariantCulture), isDark ? "mid light" : "mid dark");
    }

    private void Bar(SvgText svg, PlotFrame frame, AxisScale scale)
    {
        var (left, length) = (frame.Right + 16, frame.Bottom - frame.Top);
        for (var s = 0; s < ShadesOfBar; s++)
            svg.Add($"<rect x=\"{left:0.#}\" y=\"{frame.Bottom - (length * (s + 1) / ShadesOfBar):0.##}\" width=\"{BarWidth}\" height=\"{(length / ShadesOfBar) + 0.3:0.##}\" fill=\"{Colour((s + 0.5) / ShadesOfBar)}\"/>");
        foreach (var (value, text) in scale.Ticks((int)(length / 50)))
            svg.AddText(left + BarWidth + 4, frame.Bottom - (length * scale.Place(value)) + 4, text, "soft");
        if (Values.Label.Length > 0)
            svg.AddText(Width - 10, (frame.Top + frame.Bottom) / 2, Values.Label, "mid", -90);
    }
}
