namespace Elbo.Compute.Tests.Reference;

/// <summary>The elementwise primitives on single doubles.</summary>
internal static class Scalars
{
    public static double Apply(Unary function, double x) => function switch
    {
        Unary.Negate => -x,
        Unary.Abs => Math.Abs(x),
        Unary.Sign => x > 0 ? 1 : x < 0 ? -1 : x,
        Unary.Floor => Math.Floor(x),
        Unary.Round => Math.Round(x, MidpointRounding.ToEven),
        Unary.Sqrt => Math.Sqrt(x),
        Unary.Exp => Math.Exp(x),
        Unary.Expm1 => SpecialFunctions.Expm1(x),
        Unary.Log => Math.Log(x),
        Unary.Log1p => SpecialFunctions.Log1p(x),
        Unary.Sin => Math.Sin(x),
        Unary.Cos => Math.Cos(x),
        Unary.Tanh => Math.Tanh(x),
        Unary.Sigmoid => 1 / (1 + Math.Exp(-x)),
        Unary.Softplus => Math.Max(x, 0) + SpecialFunctions.Log1p(Math.Exp(-Math.Abs(x))),
        Unary.Erf => SpecialFunctions.Erf(x),
        Unary.Erfc => SpecialFunctions.Erfc(x),
        Unary.ErfInv => SpecialFunctions.ErfInv(x),
        Unary.LogNormalCdf => SpecialFunctions.LogNormalCdf(x),
        Unary.NormalQuantile => Math.Sqrt(2) * SpecialFunctions.ErfInv(2 * x - 1),
        Unary.LogGamma => SpecialFunctions.LogGamma(x),
        Unary.Not => x == 0 ? 1 : 0,
        Unary.StopGradient or Unary.Copy => x,
        _ => throw new NotSupportedException(function.ToString()),
    };

    public static double Apply(Binary function, double x, double y, DType type) => type == DType.Int32 ? Wrap(Apply(function, x, y)) : Apply(function, x, y);

    /// <summary>Integers saturate, NaN becomes 0.</summary>
    public static double Convert(double x, DType to) => to switch
    {
        DType.Float32 => (float)x,
        DType.Int32 => double.IsNaN(x) ? 0 : Math.Clamp(Math.Truncate(x), int.MinValue, int.MaxValue),
        DType.Bool => x != 0 ? 1 : 0,
        _ => x,
    };

    private static double Wrap(double x) => unchecked((int)(long)x);

    private static double Apply(Binary function, double x, double y) => function switch
    {
        Binary.Add => x + y,
        Binary.Subtract => x - y,
        Binary.Multiply => x * y,
        Binary.Divide => x / y,
        Binary.Power => Math.Pow(x, y),
        Binary.Maximum => Math.Max(x, y),
        Binary.Minimum => Math.Min(x, y),
        Binary.Less => x < y ? 1 : 0,
        Binary.LessEqual => x <= y ? 1 : 0,
        Binary.Equal => x == y ? 1 : 0,
        Binary.And => x != 0 && y != 0 ? 1 : 0,
        Binary.Or => x != 0 || y != 0 ? 1 : 0,
        _ => throw new NotSupportedException(function.ToString()),
    };
}
