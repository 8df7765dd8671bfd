namespace Elbo.Dashboard;

/// <summary>A part of a course of values, with as many places as a screen can show.</summary>
/// <param name="X">The last place of each stretch.</param>
/// <param name="Mean">The mean of each stretch.</param>
/// <param name="Low">Its least value.</param>
/// <param name="High">Its greatest value.</param>
/// <param name="Smooth">The mean over what led to the last place of each stretch: of a course found by chance, where it really is.</param>
internal sealed record Stretches(double[] X, double[] Mean, double[] Low, double[] High, double[] Smooth);

/// <summary>Values at rising places, millions of them if need be, of which no more are shown than there is room for: no peak is lost, as each stretch has its least and greatest value.</summary>
internal sealed class Course
{
    // What a mean that follows the course is taken over: of all places so far the last ones, by this share.
    private const double Smoothing = 0.05;

    private readonly List<double> _x = [];
    private readonly List<double> _y = [];
    private readonly List<double> _weights = [];

    public int Count => _x.Count;

    public double LastX => _x[^1];

    public double Last => _y[^1];

    /// <summary>Adds a value; one that is not finite is not shown.</summary>
    /// <param name="x">The place, greater than all before.</param>
    /// <param name="y">The value.</param>
    /// <param name="weight">Of how many it is the mean.</param>
    public void Add(double x, double y, double weight)
    {
        if (!double.IsFinite(y) || (_x.Count > 0 && x <= _x[^1]))
            return;
        _x.Add(x);
        _y.Add(y);
        _weights.Add(Math.Max(1, weight));
    }

    /// <summary>Forgets what lies beyond a place.</summary>
    public void CutAfter(double x)
    {
        var keep = FirstAfter(x);
        foreach (var list in (ReadOnlySpan<List<double>>)[_x, _y, _weights])
            list.RemoveRange(keep, list.Count - keep);
    }

    /// <summary>The last place whose value, of values that rise, is no greater than this; null where there is none.</summary>
    public double? LastPlaceUpTo(double value)
    {
        var at = _y.FindLastIndex(y => y <= value + 1e-9);
        return at >= 0 ? _x[at] : _x.Count > 0 ? double.NegativeInfinity : null;
    }

    /// <summary>The values between two places in at most so many stretches.</summary>
    public Stretches Between(double from, double to, int most)
    {
        var first = FirstAfter(from - 1e-9);
        var count = Math.Max(0, FirstAfter(to) - first);
        var stretches = Math.Min(most, count);
        var (x, mean, low, high, smooth) = (new double[stretches], new double[stretches], new double[stretches], new double[stretches], new double[stretches]);
        for (var s = 0; s < stretches; s++)
        {
            var (begin, end) = (first + (int)((long)s * count / stretches), first + (int)((long)(s + 1) * count / stretches));
            var (sum, weights) = (0.0, 0.0);
            (low[s], high[s], x[s]) = (double.PositiveInfinity, double.NegativeInfinity, _x[end - 1]);
            for (var i = begin; i < end; i++)
            {
                (sum, weights) = (sum + _y[i] * _weights[i], weights + _weights[i]);
                (low[s], high[s]) = (Math.Min(low[s], _y[i]), Math.Max(high[s], _y[i]));
            }
            mean[s] = sum / weights;
            smooth[s] = MeanOf(FirstAfter(_x[end - 1] * (1 - Smoothing)), end);
        }
        return new(x, mean, low, high, smooth);
    }

    /// <summary>The mean over the last places; NaN where there are none.</summary>
    public double Now => Count == 0 ? double.NaN : MeanOf(FirstAfter(LastX * (1 - Smoothing)), Count);

    private double MeanOf(int begin, int end)
    {
        var (sum, weights) = (0.0, 0.0);
        for (var i = Math.Min(begin, end - 1); i < end; i++)
            (sum, weights) = (sum + _y[i] * _weights[i], weights + _weights[i]);
        return sum / weights;
    }

    private int FirstAfter(double x)
    {
        var at = _x.BinarySearch(x);
        return at >= 0 ? at + 1 : ~at;
    }
}
