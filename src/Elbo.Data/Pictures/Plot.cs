using System.Globalization;
using System.Text;

namespace Elbo.Data.Pictures;

/// <summary>
/// Curves, points and bands over two axes. Series get colours in the order in which they are added; series of one name share a colour and a place in the legend.
/// </summary>
/// <param name="title">What it shows; may be empty.</param>
public sealed class Plot(string title) : Picture(title)
{
    private readonly List<Series> _series = [];
    private readonly List<string> _names = [];

    /// <summary>The axis from left to right.</summary>
    public Axis X { get; init; } = new();

    /// <summary>The axis upward.</summary>
    public Axis Y { get; init; } = new();

    /// <summary>Adds a curve through points; it is broken where a number is not finite.</summary>
    /// <param name="name">For the legend; empty for none.</param>
    /// <param name="x">Places from left to right.</param>
    /// <param name="y">As many heights.</param>
    /// <returns>This plot.</returns>
    /// <exception cref="ArgumentException">The numbers are not equally many.</exception>
    public Plot Line(string name, IReadOnlyList<double> x, IReadOnlyList<double> y) => Add(new(SeriesKind.Line, Colour(name), x, y, y));

    /// <summary>Adds points.</summary>
    /// <param name="name">For the legend; empty for none.</param>
    /// <param name="x">Places from left to right.</param>
    /// <param name="y">As many heights.</param>
    /// <returns>This plot.</returns>
    /// <exception cref="ArgumentException">The numbers are not equally many.</exception>
    public Plot Points(string name, IReadOnlyList<double> x, IReadOnlyList<double> y) => Add(new(SeriesKind.Points, Colour(name), x, y, y));

    /// <summary>Adds points of several classes, each in a colour.</summary>
    /// <param name="x">Places from left to right.</param>
    /// <param name="y">As many heights.</param>
    /// <param name="classes">The class of each point.</param>
    /// <param name="nameOf">The name of a class, or null for its number.</param>
    /// <returns>This plot.</returns>
    /// <exception cref="ArgumentException">The numbers are not equally many.</exception>
    public Plot Points(IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<int> classes, Func<int, string>? nameOf = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count != x.Count)
            throw new ArgumentException($"{classes.Count} classes of {x.Count} points.", nameof(classes));
        foreach (var group in Enumerable.Range(0, classes.Count).GroupBy(i => classes[i]).OrderBy(g => g.Key))
            Points(nameOf?.Invoke(group.Key) ?? group.Key.ToString(CultureInfo.InvariantCulture), [.. group.Select(i => x[i])], [.. group.Select(i => y[i])]);
        return this;
    }

    /// <summary>Adds what lies between two curves, such as an error to both sides.</summary>
    /// <param name="name">The name of the curve it belongs to.</param>
    /// <param name="x">Places from left to right.</param>
    /// <param name="low">As many heights.</param>
    /// <param name="high">As many heights.</param>
    /// <returns>This plot.</returns>
    /// <exception cref="ArgumentException">The numbers are not equally many.</exception>
    public Plot Band(string name, IReadOnlyList<double> x, IReadOnlyList<double> low, IReadOnlyList<double> high) => Add(new(SeriesKind.Band, Colour(name), x, low, high));

    /// <summary>Adds a dashed line at one height from side to side, such as a known value.</summary>
    /// <param name="name">For the legend; empty for none.</param>
    /// <param name="y">The height.</param>
    /// <returns>This plot.</returns>
    public Plot Rule(string name, double y) => Add(new(SeriesKind.Rule, Colour(name), [], [y], [y]));

    internal override void Draw(SvgText svg)
    {
        var marks = _series.Where(s => _names[s.Colour].Length > 0).GroupBy(s => s.Colour).Select(g => g.MinBy(s => s.Kind == SeriesKind.Band)!);
        var frame = new PlotFrame(svg, this, [.. marks.Select(s => (_names[s.Colour], s.Colour, MarkOf(s.Kind)))]);
        var hasPoints = _series.Exists(s => s.Kind == SeriesKind.Points);
        var x = AxisScale.Of(X, _series.SelectMany(s => s.X), hasPoints ? 0.03 : 0);
        var y = AxisScale.Of(Y, _series.SelectMany(s => s.Low.Concat(s.High)), 0.04);
        frame.Axes(x, X.Label, y, Y.Label);
        // Ids must be the plot's own where several stand in one page.
        var clip = $"c{Crc32.Of(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Title}{frame.Left}{frame.Top}{frame.Right}{frame.Bottom}"))):x8}";
        svg.Add($"<clipPath id=\"{clip}\"><rect x=\"{frame.Left:0.#}\" y=\"{frame.Top - 2:0.#}\" width=\"{frame.Right - frame.Left + 2:0.#}\" height=\"{frame.Bottom - frame.Top + 2:0.#}\"/></clipPath>");
        svg.Add($"<g clip-path=\"url(#{clip})\">");
        foreach (var series in _series.OrderBy(s => s.Kind))
            Draw(svg, frame, series, x, y);
        svg.Add($"</g>");
    }

    private static void Draw(SvgText svg, PlotFrame frame, Series series, AxisScale x, AxisScale y)
    {
        var colour = series.Colour % PlotStyle.ColourCount;
        switch (series.Kind)
        {
            case SeriesKind.Band:
                svg.Add($"<path class=\"band f{colour}\" d=\"{BandPath(series, x, y)}\"/>");
                break;
            case SeriesKind.Rule:
                if (double.IsFinite(y.Place(series.Low[0])))
                    svg.Add($"<path class=\"rule s{colour}\" d=\"M{frame.Left:0.#} {y.Place(series.Low[0]):0.#}H{frame.Right:0.#}\"/>");
                break;
            case SeriesKind.Line:
                svg.Add($"<path class=\"line s{colour}\" d=\"{LinePath(series, x, y)}\"/>");
                break;
            default:
                svg.Add($"<path class=\"dots s{colour}\" d=\"{DotsPath(series, x, y)}\"/>");
                break;
        }
    }

    private static string LinePath(Series series, AxisScale x, AxisScale y)
    {
        var path = new StringBuilder();
        var isBroken = true;
        for (var i = 0; i < series.X.Count; i++)
        {
            var (px, py) = (x.Place(series.X[i]), y.Place(series.Low[i]));
            if (!double.IsFinite(px) || !double.IsFinite(py))
            {
                isBroken = true;
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{(isBroken ? 'M' : 'L')}{px:0.#} {Within(py):0.#}");
            isBroken = false;
        }

        return path.ToString();
    }

    // A stroke of no length with round ends: a dot, in a fifth of the text of a circle.
    private static string DotsPath(Series series, AxisScale x, AxisScale y)
    {
        var path = new StringBuilder();
        for (var i = 0; i < series.X.Count; i++)
        {
            var (px, py) = (x.Place(series.X[i]), y.Place(series.Low[i]));
            if (double.IsFinite(px) && double.IsFinite(py))
                path.Append(CultureInfo.InvariantCulture, $"M{px:0.#} {Within(py):0.#}h0");
        }

        return path.ToString();
    }

    private static string BandPath(Series series, AxisScale x, AxisScale y)
    {
        var known = Enumerable.Range(0, series.X.Count)
            .Where(i => double.IsFinite(x.Place(series.X[i])) && double.IsFinite(y.Place(series.Low[i])) && double.IsFinite(y.Place(series.High[i]))).ToList();
        var path = new StringBuilder();
        foreach (var i in known)
            path.Append(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? 'M' : 'L')}{x.Place(series.X[i]):0.#} {Within(y.Place(series.High[i])):0.#}");
        foreach (var i in Enumerable.Reverse(known))
            path.Append(CultureInfo.InvariantCulture, $"L{x.Place(series.X[i]):0.#} {Within(y.Place(series.Low[i])):0.#}");
        return path.Length > 0 ? path.Append('Z').ToString() : "";
    }

    // Programs that draw do not like numbers far outside of the picture.
    private static double Within(double pixel) => Math.Clamp(pixel, -10_000, 10_000);

    private static LegendMark MarkOf(SeriesKind kind) => kind switch
    {
        SeriesKind.Line => LegendMark.Line,
        SeriesKind.Rule => LegendMark.Rule,
        SeriesKind.Points => LegendMark.Dot,
        _ => LegendMark.Square,
    };

    private int Colour(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var known = name.Length > 0 ? _names.IndexOf(name) : -1;
        if (known >= 0)
            return known;
        _names.Add(name);
        return _names.Count - 1;
    }

    private Plot Add(Series series)
    {
        if (series.Kind != SeriesKind.Rule && (series.X.Count != series.Low.Count || series.X.Count != series.High.Count))
            throw new ArgumentException($"'{_names[series.Colour]}' has {series.X.Count} places but {series.Low.Count} heights.");
        _series.Add(series);
        return this;
    }

    // In the order in which they are drawn.
    private enum SeriesKind
    {
        Band,
        Rule,
        Line,
        Points,
    }

    private sealed record Series(SeriesKind Kind, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Low, IReadOnlyList<double> High);
}
