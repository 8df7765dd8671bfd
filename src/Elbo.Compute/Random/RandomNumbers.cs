namespace Elbo.Compute;

/// <summary>
/// Random numbers for work outside compiled functions: shuffles, initial weights, draws of cells. The numbers of a stream are a
/// pure function of (seed, stream), by Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011), on every machine.
/// </summary>
public sealed class RandomNumbers
{
    private readonly ulong _seed;
    private readonly ulong _stream;
    private readonly uint[] _block = new uint[4];
    private ulong _counter;
    private int _used = 4;
    private double _spare = double.NaN;

    /// <summary>The stream of a number under a seed.</summary>
    public RandomNumbers(ulong seed, ulong stream)
    {
        _seed = seed;
        _stream = stream;
    }

    /// <summary>32 random bits.</summary>
    public uint NextBits()
    {
        if (_used == 4)
        {
            Block((uint)_counter, (uint)(_counter >> 32), (uint)_stream, (uint)(_stream >> 32), (uint)_seed, (uint)(_seed >> 32), _block);
            _counter++;
            _used = 0;
        }
        return _block[_used++];
    }

    /// <summary>A number strictly between 0 and 1, of 52 random bits.</summary>
    public double NextUniform() => ToUnitInterval(NextBits(), NextBits());

    // 52 bits, as with one more the half above the greatest would be rounded up to 1.
    internal static double ToUnitInterval(uint high, uint low) => (((ulong)high << 20 | low >> 12) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>A standard normal number (Box and Muller, 1958).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }
        var radius = Math.Sqrt(-2 * Math.Log(NextUniform()));
        var (sin, cos) = Math.SinCos(2 * Math.PI * NextUniform());
        _spare = radius * sin;
        return radius * cos;
    }

    /// <summary>A whole number from 0 to <paramref name="bound"/> − 1, each equally likely (Lemire, 2019).</summary>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var threshold = (uint)(-bound) % (uint)bound;
        ulong product;
        do
            product = (ulong)NextBits() * (uint)bound;
        while ((uint)product < threshold);
        return (int)(product >> 32);
    }

    /// <summary>A gamma variable of this shape and scale 1 (Marsaglia and Tsang, 2000).</summary>
    /// <param name="shape">Above 0.</param>
    public double NextGamma(double shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(shape, 0);
        if (shape < 1)
            return NextGamma(shape + 1) * Math.Pow(NextUniform(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = NextNormal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(NextUniform()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return d * v;
        }
    }

    /// <summary>A Poisson variable of this mean: multiplication of uniforms for small means (Knuth), the transformed rejection of Hörmann (1993) for others.</summary>
    /// <param name="mean">From 0 up.</param>
    public double NextPoisson(double mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mean);
        if (mean < 10)
        {
            var (count, product, limit) = (-1, 1.0, Math.Exp(-mean));
            do
            {
                product *= NextUniform();
                count++;
            }
            while (product > limit);
            return count;
        }
        return NextLargePoisson(mean);
    }

    // PTRS of Hörmann (1993), "The transformed rejection method for generating Poisson random variables".
    private double NextLargePoisson(double mean)
    {
        var (logMean, b) = (Math.Log(mean), 0.931 + 2.53 * Math.Sqrt(mean));
        var a = -0.059 + 0.02483 * b;
        var inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
        var vr = 0.9277 - 3.6224 / (b - 2);
        while (true)
        {
            var u = NextUniform() - 0.5;
            var v = NextUniform();
            var us = 0.5 - Math.Abs(u);
            var k = Math.Floor((2 * a / us + b) * u + mean + 0.43);
            if (us >= 0.07 && v <= vr)
                return k;
            if (k < 0 || (us < 0.013 && v > us))
                continue;
            if (Math.Log(v) + Math.Log(inverseAlpha) - Math.Log(a / (us * us) + b) <= k * logMean - mean - LogFactorial(k))
                return k;
        }
    }

    // Stirling's series; only used for k of at least a few, where four terms give 1e-10.
    private static double LogFactorial(double k)
    {
        if (k < 10)
        {
            var product = 1.0;
            for (var i = 2; i <= k; i++)
                product *= i;
            return Math.Log(product);
        }
        var x = k + 1;
        var inverse = 1 / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + inverse / 12 - inverse * inverse * inverse / 360 + Math.Pow(inverse, 5) / 1260;
    }

    /// <summary>Puts elements in a random order (Fisher and Yates; Durstenfeld, 1964).</summary>
    public void Shuffle<T>(Span<T> elements)
    {
        for (var i = elements.Length - 1; i > 0; i--)
        {
            var j = NextBelow(i + 1);
            (elements[i], elements[j]) = (elements[j], elements[i]);
        }
    }

    /// <summary>Philox4x32-10: four words from a counter of four and a key of two.</summary>
    internal static void Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, Span<uint> words)
    {
        for (var round = 0; round < 10; round++)
        {
            var p0 = (ulong)0xD2511F53 * c0;
            var p1 = (ulong)0xCD9E8D57 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        (words[0], words[1], words[2], words[3]) = (c0, c1, c2, c3);
    }
}
