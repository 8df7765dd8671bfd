using System.Globalization;

namespace Elbo.Compute.Tests.Lanes;

/// <summary>Arguments and results of a function to more than double precision, as written by Reference/generate.py.</summary>
internal sealed class ReferenceTable
{
    private readonly double[][] _arguments;
    private readonly double[] _nearest;
    private readonly double[] _missing;

    private ReferenceTable(double[][] arguments, double[] nearest, double[] missing) =>
        (_arguments, _nearest, _missing) = (arguments, nearest, missing);

    public static ReferenceTable Load(string name, string? directory = null)
    {
        directory ??= Path.Combine(AppContext.BaseDirectory, "Lanes", "Reference");
        double[][] rows =
        [
            .. from line in File.ReadLines(Path.Combine(directory, $"{name}.csv"))
               select line.Split(',').Select(Parse).ToArray(),
        ];
        return new([.. rows.Select(r => r[..^2])], [.. rows.Select(r => r[^2])], [.. rows.Select(r => r[^1])]);
    }

    /// <summary>The arguments, one array each.</summary>
    public double[][] Columns() => [.. Enumerable.Range(0, _arguments[0].Length).Select(c => _arguments.Select(a => a[c]).ToArray())];

    /// <summary>The part with arguments that single precision can represent, up to a limit.</summary>
    public ReferenceTable Single(double limit = double.PositiveInfinity)
    {
        int[] kept =
        [
            .. from i in Enumerable.Range(0, _nearest.Length)
               where _arguments[i].All(a => !double.IsFinite(a) || ((float)a == a && Math.Abs(a) <= limit))
               select i,
        ];
        return new([.. kept.Select(i => _arguments[i])], [.. kept.Select(i => _nearest[i])], [.. kept.Select(i => _missing[i])]);
    }

    /// <summary>
    /// The largest error in units in the last place of the true result, and where it is. Below a magnitude of
    /// <paramref name="floor"/> the unit is that of the floor: an absolute error, for functions near zeros they cannot resolve.
    /// </summary>
    public (double Ulps, string Where) LargestError(float[] actual, double floor) =>
        LargestError(i => UlpsSingle(actual[i], _nearest[i], _missing[i], floor), i => actual[i]);

    /// <inheritdoc cref="LargestError(float[], double)"/>
    public (double Ulps, string Where) LargestError(double[] actual, double floor) =>
        LargestError(i => UlpsDouble(actual[i], _nearest[i], _missing[i], floor), i => actual[i]);

    private static double Parse(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static double UlpsSingle(float actual, double nearest, double missing, double floor)
    {
        var expected = float.IsFinite((float)nearest) ? nearest : (float)nearest;
        return Special(actual, expected)
            ?? Math.Abs(actual - (expected + (missing * Unit(expected, 52, -1074)))) / Unit(Math.Max(Math.Abs(expected), floor), 23, -149);
    }

    private static double UlpsDouble(double actual, double nearest, double missing, double floor)
    {
        var unit = Unit(nearest, 52, -1074);
        return Special(actual, nearest)
            ?? Math.Abs(((actual - nearest) / unit) - missing) * (unit / Unit(Math.Max(Math.Abs(nearest), floor), 52, -1074));
    }

    /// <summary>Zeros, infinities and NaN are right (signs included) or infinitely wrong.</summary>
    private static double? Special(double actual, double expected)
    {
        if (double.IsFinite(expected) && expected != 0)
        {
            return double.IsFinite(actual) ? null : double.PositiveInfinity;
        }

        var isRight = expected.Equals(actual) && (double.IsNaN(actual) || double.IsNegative(expected) == double.IsNegative(actual));
        return isRight ? 0 : double.PositiveInfinity;
    }

    private static double Unit(double value, int fractionBits, int smallest) =>
        value == 0 ? Math.ScaleB(1, smallest) : Math.ScaleB(1, Math.Max(smallest, Math.ILogB(value) - fractionBits));

    private (double Ulps, string Where) LargestError(Func<int, double> errorAt, Func<int, double> actualAt)
    {
        var (largest, worst) = (-1.0, 0);
        for (var i = 0; i < _nearest.Length; i++)
        {
            if (errorAt(i) is var error && !(error <= largest))
            {
                (largest, worst) = (error, i);
            }
        }

        return (largest, $"f({string.Join(", ", _arguments[worst].Select(a => $"{a:R}"))}) = {_nearest[worst]:R}, not {actualAt(worst):R}");
    }
}
