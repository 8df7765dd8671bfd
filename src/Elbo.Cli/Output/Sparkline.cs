namespace Elbo.Cli.Output;

/// <summary>A curve in one line of text.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>The course of the values. The range is that of the better half, which would be flat next to the first values.</summary>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        var finite = values.Where(double.IsFinite).Order().ToList();
        if (finite.Count == 0)
            return "";
        var (low, high) = (finite[finite.Count / 4], finite[^1]);
        var count = Math.Min(width, values.Count);
        return string.Create(count, (values, low, high), static (text, state) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                var value = state.values[(int)((long)(i + 1) * state.values.Count / text.Length) - 1];
                var height = state.high > state.low ? (value - state.low) / (state.high - state.low) : 1;
                text[i] = Bars[double.IsFinite(height) ? (int)Math.Round(Math.Clamp(height, 0, 1) * (Bars.Length - 1)) : 0];
            }
        });
    }
}
