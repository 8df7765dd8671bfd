using System.Globalization;

namespace Elbo.Data.Pictures;

/// <summary>From values to places on an axis, and the values that are marked on it.</summary>
internal sealed class AxisScale
{
    private readonly bool _isLogarithmic;
    private double _start;
    private double _end;

    private AxisScale(double low, double high, bool isLogarithmic) => (Low, High, _isLogarithmic) = (low, high, isLogarithmic);

    private double Low { get; }

    private double High { get; }

    /// <summary>The value at the beginning.</summary>
    public double Least => _isLogarithmic ? Math.Pow(10, Low) : Low;

    /// <summary>The value at the end.</summary>
    public double Greatest => _isLogarithmic ? Math.Pow(10, High) : High;

    /// <summary>A scale that holds all values.</summary>
    /// <param name="axis">What is asked of it.</param>
    /// <param name="values">The values; those that cannot be shown count for nothing.</param>
    /// <param name="margin">What is left free at each side where the axis is not told its ends, as a share of the range.</param>
    public static AxisScale Of(Axis axis, IEnumerable<double> values, double margin)
    {
        var (least, greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (!double.IsFinite(value) || (axis.IsLogarithmic && value <= 0))
                continue;
            (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
        }

        if (least > greatest)
            (least, greatest) = axis.IsLogarithmic ? (1, 10) : (0, 1);
        var (from, to) = (Usable(axis.From), Usable(axis.To));
        var (low, high) = (Inner(from ?? least), Inner(to ?? greatest));
        if (!(high > low))
            (low, high) = axis.IsLogarithmic ? (low - 0.5, low + 0.5) : (low - Math.Max(0.5, Math.Abs(low) * 0.1), low + Math.Max(0.5, Math.Abs(low) * 0.1));
        var free = margin * (high - low);
        return new(from is null ? low - free : low, to is null ? high + free : high, axis.IsLogarithmic);

        double? Usable(double? end) => end is { } e && double.IsFinite(e) && (!axis.IsLogarithmic || e > 0) ? e : null;
        double Inner(double value) => axis.IsLogarithmic ? Math.Log10(value) : value;
    }

    /// <summary>Lays the scale between two pixels.</summary>
    public AxisScale Between(double start, double end)
    {
        (_start, _end) = (start, end);
        return this;
    }

    /// <summary>The pixel of a value; not finite where there is none.</summary>
    public double Place(double value) =>
        _start + ((_end - _start) * (((_isLogarithmic ? value > 0 ? Math.Log10(value) : double.NaN : value) - Low) / (High - Low)));

    /// <summary>The values to mark, about so many, with their texts.</summary>
    public IReadOnlyList<(double Value, string Text)> Ticks(int about)
    {
        // Within less than a decade equal factors are nearly equal steps.
        if (_isLogarithmic && High - Low >= 0.7)
            return Powers(about);
        var (low, high) = _isLogarithmic ? (Math.Pow(10, Low), Math.Pow(10, High)) : (Low, High);
        var step = Step((high - low) / Math.Max(1, about));
        var ticks = new List<(double, string)>();
        for (var k = (long)Math.Ceiling((low / step) - 1e-9); k <= (high / step) + 1e-9; k++)
            ticks.Add((k * step, Text(k * step, step, Math.Max(Math.Abs(low), Math.Abs(high)))));
        return ticks;
    }

    /// <summary>1, 2 or 5 times a power of ten, at least the given number.</summary>
    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        foreach (var factor in (ReadOnlySpan<double>)[1, 2, 5])
        {
            if (factor * power >= least * (1 - 1e-9))
                return factor * power;
        }

        return 10 * power;
    }

    private List<(double Value, string Text)> Powers(int about)
    {
        var (first, last) = ((int)Math.Floor(Low), (int)Math.Ceiling(High));
        var every = Math.Max(1, (int)Math.Ceiling((High - Low) / about));
        double[] factors = (High - Low) * 3 <= about + 1 ? [1, 2, 5] : [1];
        var ticks = new List<(double, string)>();
        for (var power = first; power <= last; power++)
        {
            foreach (var factor in factors)
            {
                var at = power + Math.Log10(factor);
                if (power % every == 0 && at >= Low - 1e-9 && at <= High + 1e-9)
                    ticks.Add((factor * Math.Pow(10, power), PowerText(factor, power)));
            }
        }

        return ticks;
    }

    private static string PowerText(double factor, int power)
    {
        if (power is >= -3 and <= 5)
            return (factor * Math.Pow(10, power)).ToString("#,0.###", CultureInfo.InvariantCulture);
        return factor == 1 ? $"10{Superscript(power)}" : $"{factor.ToString(CultureInfo.InvariantCulture)}·10{Superscript(power)}";
    }

    private static string Text(double value, double step, double greatest)
    {
        var sign = value < 0 ? "−" : "";
        var size = Math.Abs(value);
        if (size < step / 2)
            return "0";
        if (greatest >= 1e7 || step < 1e-5)
        {
            var power = (int)Math.Floor(Math.Log10(greatest) + 1e-9);
            var digits = Math.Clamp(power - (int)Math.Floor(Math.Log10(step) + 1e-9), 0, 15);
            return $"{sign}{(size / Math.Pow(10, power)).ToString($"F{digits}", CultureInfo.InvariantCulture)}·10{Superscript(power)}";
        }

        var decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        return sign + size.ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }

    private static string Superscript(int power) =>
        string.Concat(power.ToString(CultureInfo.InvariantCulture).Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));
}
