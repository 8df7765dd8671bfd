namespace Elbo.Optimisers;

/// <summary>A smooth function to be minimised: its value at a point, with the gradient written beside it.</summary>
/// <param name="point">Where.</param>
/// <param name="gradient">Receives the derivatives.</param>
internal delegate double Differentiable(ReadOnlySpan<double> point, Span<double> gradient);

/// <summary>
/// Limited-memory BFGS (Nocedal, 1980) with a line search that meets the weak Wolfe conditions by bisection (Lewis and Overton,
/// 2013). Points where the value or gradient is not finite count as too far.
/// </summary>
internal sealed class Lbfgs
{
    private const double Decrease = 1e-4;
    private const double Curvature = 0.9;

    /// <summary>Pairs of differences kept.</summary>
    public int Memory { get; init; } = 10;

    /// <summary>Most steps.</summary>
    public int MaxIterations { get; init; } = 1000;

    /// <summary>Ends when no derivative exceeds this.</summary>
    public double GradientTolerance { get; init; } = 1e-8;

    /// <summary>Ends when a step improves the value by less than this share of it.</summary>
    public double ValueTolerance { get; init; } = 1e-13;

    /// <summary>Receives a copy of each point of the way.</summary>
    public Action<double[]>? Visited { get; init; }

    /// <summary>Goes downhill from a point, in place.</summary>
    /// <returns>The value where it ended.</returns>
    public double Minimise(Differentiable function, double[] point)
    {
        var n = point.Length;
        var (gradient, newGradient, newPoint) = (new double[n], new double[n], new double[n]);
        var pairs = new List<(double[] Step, double[] Change, double Rho)>();
        var value = function(point, gradient);
        for (var iteration = 0; iteration < MaxIterations && MaxAbs(gradient) > GradientTolerance; iteration++)
        {
            var direction = Direction(gradient, pairs);
            if (Dot(direction, gradient) >= 0)
            {
                pairs.Clear();
                direction = Array.ConvertAll(gradient, g => -g);
            }
            var first = pairs.Count == 0 ? Math.Min(1, 1 / MaxAbs(gradient)) : 1;
            if (Search(function, point, value, gradient, direction, first, newPoint, newGradient) is not { } newValue)
            {
                if (pairs.Count == 0)
                    break;
                pairs.Clear();
                continue;
            }
            Remember(pairs, point, newPoint, gradient, newGradient);
            newPoint.CopyTo(point, 0);
            newGradient.CopyTo(gradient, 0);
            Visited?.Invoke([.. point]);
            var gain = value - newValue;
            value = newValue;
            if (gain <= ValueTolerance * (1 + Math.Abs(value)))
                break;
        }
        return value;
    }

    private static double? Search(Differentiable function, double[] point, double value, double[] gradient, double[] direction, double step, double[] newPoint, double[] newGradient)
    {
        var slope = Dot(direction, gradient);
        var (low, high) = (0.0, double.PositiveInfinity);
        var best = default(double?);
        for (var trial = 0; trial < 60; trial++)
        {
            for (var i = 0; i < point.Length; i++)
                newPoint[i] = point[i] + step * direction[i];
            var found = function(newPoint, newGradient);
            var isFinite = double.IsFinite(found) && Array.TrueForAll(newGradient, double.IsFinite);
            if (!isFinite || found > value + Decrease * step * slope)
                high = step;
            else if (Dot(direction, newGradient) < Curvature * slope)
                (low, best) = (step, found);
            else
                return found;
            if (high - low < 1e-14 * high)
                break;
            step = double.IsInfinity(high) ? 2 * low : 0.5 * (low + high);
        }
        // The last point that went down enough, though not to where it is flat.
        if (best is null)
            return null;
        for (var i = 0; i < point.Length; i++)
            newPoint[i] = point[i] + low * direction[i];
        return function(newPoint, newGradient);
    }

    // The two-loop recursion (Nocedal and Wright, 2006, algorithm 7.4).
    private static double[] Direction(double[] gradient, List<(double[] Step, double[] Change, double Rho)> pairs)
    {
        var direction = Array.ConvertAll(gradient, g => -g);
        var alpha = new double[pairs.Count];
        for (var k = pairs.Count - 1; k >= 0; k--)
        {
            alpha[k] = pairs[k].Rho * Dot(pairs[k].Step, direction);
            Add(direction, -alpha[k], pairs[k].Change);
        }
        if (pairs.Count > 0)
        {
            var (_, change, rho) = pairs[^1];
            var scale = 1 / (rho * Dot(change, change));
            for (var i = 0; i < direction.Length; i++)
                direction[i] *= scale;
        }
        for (var k = 0; k < pairs.Count; k++)
            Add(direction, alpha[k] - pairs[k].Rho * Dot(pairs[k].Change, direction), pairs[k].Step);
        return direction;
    }

    private void Remember(List<(double[] Step, double[] Change, double Rho)> pairs, double[] from, double[] to, double[] gradient, double[] newGradient)
    {
        var step = to.Zip(from, (a, b) => a - b).ToArray();
        var change = newGradient.Zip(gradient, (a, b) => a - b).ToArray();
        var product = Dot(step, change);
        if (product <= 1e-12 * Dot(change, change))
            return;
        pairs.Add((step, change, 1 / product));
        if (pairs.Count > Memory)
            pairs.RemoveAt(0);
    }

    private static void Add(double[] to, double factor, double[] what)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] += factor * what[i];
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double MaxAbs(double[] a) => a.Length == 0 ? 0 : a.Max(Math.Abs);
}
