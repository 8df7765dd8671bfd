using System.Numerics;

namespace Elbo.Data.Simulators;

/// <summary>
/// Random numbers that are the same for the same seed on every computer and every version of .NET: xoshiro256** seeded by
/// SplitMix64 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021). Everything above the
/// bits is built from the four operations and the square root, which IEEE 754 rounds in one way only.
/// </summary>
internal sealed class RandomSource
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;
    private double _spareNormal = double.NaN;

    public RandomSource(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform on [0, 1), a multiple of 2⁻⁵³.</summary>
    public double Uniform() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Whether an event of this probability happens.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Standard normal, by the polar method (Marsaglia and Bray 1964).</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            var u = 2 * Uniform() - 1;
            var v = 2 * Uniform() - 1;
            var s = u * u + v * v;
            if (s is <= 0 or >= 1)
                continue;
            var scale = Math.Sqrt(-2 * PortableMath.Log(s) / s);
            _spareNormal = v * scale;
            return u * scale;
        }
    }

    /// <summary>Gamma with this shape, at least 1, and scale 1 (Marsaglia and Tsang 2000).</summary>
    public double Gamma(double shape)
    {
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (PortableMath.Log(1 - Uniform()) < 0.5 * x * x + d - d * v + d * PortableMath.Log(v))
                return d * v;
        }
    }

    /// <summary>Poisson with this mean, counted as the arrivals of a unit of time so that large means lose no accuracy.</summary>
    public int Poisson(double mean)
    {
        var count = 0;
        for (var time = -PortableMath.Log(1 - Uniform()); time < mean; time -= PortableMath.Log(1 - Uniform()))
            count++;
        return count;
    }

    /// <summary>The index of one of some things, chosen by the exponential of their scores.</summary>
    public int Choose(ReadOnlySpan<double> scores)
    {
        var total = 0.0;
        foreach (var score in scores)
            total += PortableMath.Exp(score);
        var left = Uniform() * total;
        for (var i = 0; i < scores.Length - 1; i++)
        {
            left -= PortableMath.Exp(scores[i]);
            if (left < 0)
                return i;
        }

        return scores.Length - 1;
    }

    private static ulong SplitMix64(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>Exponential and logarithm from the four operations alone: the ones of a computer's own library differ in their last
/// bits from computer to computer. Accurate to a few ulps.</summary>
internal static class PortableMath
{
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    public static double Log(double x)
    {
        if (!(x > 0))
            return x == 0 ? double.NegativeInfinity : double.NaN;
        var exponent = Math.ILogB(x);
        var m = Math.ScaleB(x, -exponent);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        // log m = 2 artanh s with |s| ≤ 0.1716, whose series ends below 1 ulp after s²³.
        var s = (m - 1) / (m + 1);
        var s2 = s * s;
        var sum = 0.0;
        for (var k = 23; k >= 3; k -= 2)
            sum = (sum + 1.0 / k) * s2;
        return exponent * Ln2High + (2 * s + 2 * s * sum + exponent * Ln2Low);
    }

    public static double Exp(double x)
    {
        if (x > 709)
            return double.PositiveInfinity;
        if (x < -745)
            return 0;
        var k = Math.Round(x / (Ln2High + Ln2Low));
        var r = x - k * Ln2High - k * Ln2Low;
        var sum = 1.0;
        for (var n = 16; n >= 1; n--)
            sum = 1 + sum * r / n;
        return Math.ScaleB(sum, (int)k);
    }

    public static double Logistic(double x) => 1 / (1 + Exp(-x));
}
