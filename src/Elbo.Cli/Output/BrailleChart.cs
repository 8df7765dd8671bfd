using System.Globalization;

namespace Elbo.Cli.Output;

/// <summary>A curve in letters: each holds two dots across and four up, so that a terminal has room for some thousand places.</summary>
internal static class BrailleChart
{
    private const int DotsAcross = 2;
    private const int DotsUp = 4;
    private const int LabelDigits = 3;
    private const char Empty = '⠀';

    // The bits of a letter's dots, from the top, left and right.
    private static readonly int[,] Bits = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>The lines of a chart, with the ends of both axes.</summary>
    /// <param name="x">Rising places.</param>
    /// <param name="y">As many values; what is not finite is left out.</param>
    /// <param name="from">The lowest value that is shown; what is below lies on the lower edge.</param>
    /// <param name="width">Letters across in all.</param>
    /// <param name="height">Lines of the curve.</param>
    /// <param name="xName">What is across.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<double> x, IReadOnlyList<double> y, double? from, int width, int height, string xName)
    {
        var known = Enumerable.Range(0, x.Count).Where(i => double.IsFinite(y[i])).ToArray();
        if (known.Length == 0)
            yield break;
        var (low, high) = (from ?? known.Min(i => y[i]), known.Max(i => y[i]));
        var (top, bottom) = (Text(high), Text(low));
        var label = Math.Max(top.Length, bottom.Length);
        var (across, dots) = ((width - label - 2) * DotsAcross, height * DotsUp);
        var cells = new int[height, Math.Max(1, across / DotsAcross)];
        (int X, int Y)? before = null;
        foreach (var i in known)
        {
            var place = (X: Place(x[i], x[known[0]], x[known[^1]], cells.GetLength(1) * DotsAcross), Y: dots - 1 - Place(y[i], low, high, dots));
            foreach (var (dx, dy) in Between(before ?? place, place))
                cells[dy / DotsUp, dx / DotsAcross] |= Bits[dy % DotsUp, dx % DotsAcross];
            before = place;
        }
        for (var row = 0; row < height; row++)
        {
            var name = row == 0 ? top : row == height - 1 ? bottom : "";
            var at = row;
            yield return $"{name.PadLeft(label)} ┤{string.Concat(Enumerable.Range(0, cells.GetLength(1)).Select(c => (char)(Empty + cells[at, c])))}".TrimEnd(Empty);
        }
        var (left, right) = ($"{xName} {Count(x[known[0]])}", Count(x[known[^1]]));
        yield return $"{new string(' ', label)} └{new string('─', cells.GetLength(1))}";
        yield return $"{new string(' ', label + 2)}{left}{right.PadLeft(Math.Max(right.Length + 1, cells.GetLength(1) - left.Length))}";
    }

    private static int Place(double value, double low, double high, int count) =>
        high > low ? (int)Math.Clamp(Math.Round((value - low) / (high - low) * (count - 1)), 0, count - 1) : count / 2;

    // All dots on the straight line, so that a steep curve has no holes.
    private static IEnumerable<(int X, int Y)> Between((int X, int Y) from, (int X, int Y) to)
    {
        var steps = Math.Max(1, Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)));
        for (var s = 0; s <= steps; s++)
            yield return (from.X + (to.X - from.X) * s / steps, from.Y + (to.Y - from.Y) * s / steps);
    }

    private static string Text(double value) => Math.Abs(value) >= 1e6 || (value != 0 && Math.Abs(value) < 1e-3) ? value.ToString("G4", CultureInfo.InvariantCulture) : value.ToString($"F{LabelDigits}", CultureInfo.InvariantCulture);

    private static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
