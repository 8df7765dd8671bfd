using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>Points in a space, with what a way between two distributions is made of at each: ln of the first, ln of what the second has over it, and both slopes.</summary>
internal sealed class AnnealedPoints(int count, int dimension)
{
    /// <summary>Point by point.</summary>
    public double[] At { get; } = new double[count * dimension];

    /// <summary>ln of the density that the way begins with, of each point; a constant may be missing.</summary>
    public double[] Base { get; } = new double[count];

    public double[] BaseSlopes { get; } = new double[count * dimension];

    /// <summary>ln of what the end of the way has over its beginning: what is weighted by the temperature.</summary>
    public double[] Values { get; } = new double[count];

    public double[] Slopes { get; } = new double[count * dimension];

    public void CopyFrom(AnnealedPoints other)
    {
        other.At.CopyTo(At, 0);
        other.Base.CopyTo(Base, 0);
        other.BaseSlopes.CopyTo(BaseSlopes, 0);
        other.Values.CopyTo(Values, 0);
        other.Slopes.CopyTo(Slopes, 0);
    }

    public void CopyFrom(AnnealedPoints other, int point)
    {
        (Base[point], Values[point]) = (other.Base[point], other.Values[point]);
        var (start, length) = (point * dimension, dimension);
        other.At.AsSpan(start, length).CopyTo(At.AsSpan(start));
        other.BaseSlopes.AsSpan(start, length).CopyTo(BaseSlopes.AsSpan(start));
        other.Slopes.AsSpan(start, length).CopyTo(Slopes.AsSpan(start));
    }
}

/// <summary>
/// Where chains of annealed importance sampling go: from a first distribution that can be drawn from to a second one that is w(x) times as
/// dense, through all that are w(x)^β times as dense. Here the first is N(0, I).
/// </summary>
internal abstract class AnnealedDensity
{
    /// <summary>How many chains there are.</summary>
    public abstract int Points { get; }

    public abstract int Dimension { get; }

    /// <summary>How many posteriors there are: chain i belongs to posterior i mod groups.</summary>
    public virtual int Groups => 1;

    /// <summary>Draws of the first distribution.</summary>
    public virtual void Begin(RandomNumbers random, Span<double> at)
    {
        for (var i = 0; i < at.Length; i++)
            at[i] = random.NextNormal();
    }

    /// <summary>Fills in all that there is at the points, from where they are.</summary>
    public abstract void Evaluate(AnnealedPoints points);

    /// <summary>What N(0, I) has at the points.</summary>
    protected void FillBase(AnnealedPoints points)
    {
        for (var i = 0; i < points.Base.Length; i++)
        {
            var sum = 0.0;
            for (var j = i * Dimension; j < (i + 1) * Dimension; j++)
            {
                sum += 0.5 * points.At[j] * points.At[j];
                points.BaseSlopes[j] = -points.At[j];
            }
            points.Base[i] = -sum;
        }
    }
}
