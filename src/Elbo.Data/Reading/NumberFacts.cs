namespace Elbo.Data;

/// <summary>What the numbers of a column look like, for guessing what they mean.</summary>
/// <param name="Count">How many are observed.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Variance">Their variance, divided by the count.</param>
/// <param name="Skewness">The third standardised moment.</param>
/// <param name="LogSkewness">The same of the logarithms; NaN unless all numbers are above zero.</param>
/// <param name="IsWhole">Whether all are whole numbers.</param>
/// <param name="Distinct">How many different numbers there are; only counted when they are whole, else null.</param>
internal sealed record NumberFacts(
    int Count, double Min, double Max, double Mean, double Variance, double Skewness, double LogSkewness, bool IsWhole, int? Distinct)
{
    public static NumberFacts Of(ReadOnlySpan<double> values)
    {
        var observed = new double[values.Length];
        var count = 0;
        var isWhole = true;
        foreach (var value in values)
        {
            if (double.IsNaN(value))
                continue;
            observed[count++] = value;
            isWhole &= value == Math.Floor(value);
        }

        var numbers = observed.AsSpan(0, count);
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in numbers)
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        var (mean, variance, skewness) = Moments(numbers);

        int? distinct = null;
        if (isWhole)
            distinct = CountDistinct(numbers);

        var logSkewness = double.NaN;
        if (min > 0)
        {
            for (var i = 0; i < count; i++)
                observed[i] = Math.Log(observed[i]);
            logSkewness = Moments(numbers).Skewness;
        }

        return new NumberFacts(count, min, max, mean, variance, skewness, logSkewness, isWhole, distinct);
    }

    private static int CountDistinct(Span<double> numbers)
    {
        numbers.Sort();
        var distinct = numbers.Length > 0 ? 1 : 0;
        for (var i = 1; i < numbers.Length; i++)
            distinct += numbers[i] != numbers[i - 1] ? 1 : 0;
        return distinct;
    }

    private static (double Mean, double Variance, double Skewness) Moments(ReadOnlySpan<double> numbers)
    {
        var mean = 0.0;
        foreach (var value in numbers)
            mean += value / numbers.Length;
        double second = 0, third = 0;
        foreach (var value in numbers)
        {
            var d = value - mean;
            second += d * d / numbers.Length;
            third += d * d * d / numbers.Length;
        }

        return (mean, second, second > 0 ? third / Math.Pow(second, 1.5) : 0);
    }
}
