namespace Elbo.Compute.Lanes.Functions;

/// <summary>
/// An unevaluated sum of two floats that carries twice the precision of one (Dekker 1971; the products by fused
/// multiply–add, as in Ogita, Rump and Oishi 2005).
/// </summary>
/// <param name="Hi">The leading part.</param>
/// <param name="Lo">What is missing from it.</param>
internal readonly record struct LanePair(Lane Hi, Lane Lo)
{
    private LaneProgram Program => Hi.Program;

    /// <summary>a + b exactly, for |a| ≥ |b|.</summary>
    public static LanePair FastSum(Lane a, Lane b)
    {
        var sum = a + b;
        return new(sum, b - (sum - a));
    }

    /// <summary>a + b exactly.</summary>
    public static LanePair Sum(Lane a, Lane b)
    {
        var sum = a + b;
        var partOfB = sum - a;
        return new(sum, (a - (sum - partOfB)) + (b - partOfB));
    }

    /// <summary>a · b exactly (short of underflow).</summary>
    public static LanePair Product(Lane a, Lane b)
    {
        var product = a * b;
        return new(product, a.Program.Fma(a, b, -product));
    }

    /// <summary>a / b to nearly twice the precision, for a pair b.</summary>
    public static LanePair Quotient(Lane a, LanePair b)
    {
        var p = a.Program;
        var reciprocal = 1 / b.Hi;
        var quotient = a * reciprocal;
        var remainder = p.Fma(-quotient, b.Lo, p.Fma(-quotient, b.Hi, a));
        return new(quotient, remainder * reciprocal);
    }

    /// <summary>This times a single float.</summary>
    public LanePair Times(Lane factor)
    {
        var product = Product(Hi, factor);
        return new(product.Hi, Program.Fma(Lo, factor, product.Lo));
    }

    /// <summary>This times another pair.</summary>
    public LanePair Times(LanePair other)
    {
        var product = Product(Hi, other.Hi);
        return new(product.Hi, Program.Fma(Hi, other.Lo, Program.Fma(Lo, other.Hi, product.Lo)));
    }

    /// <summary>This plus a smaller pair.</summary>
    public LanePair PlusSmaller(LanePair other)
    {
        var sum = FastSum(Hi, other.Hi);
        return FastSum(sum.Hi, sum.Lo + (Lo + other.Lo));
    }
}
