using System.Globalization;

namespace Elbo.Data;

/// <summary>Numbers as text, with a decimal point whatever the computer's language.</summary>
internal static class NumberText
{
    // More decimals than this come from a computer, not from a rounding worth keeping.
    private const int MostDecimals = 9;

    /// <summary>The shortest text that reads back as the same number.</summary>
    public static string Shortest(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The number with as many decimals as its column has, or the shortest text. A number that these decimals would turn
    /// into zero keeps three significant digits, so that what is above zero stays so.</summary>
    public static string Format(double value, int? decimals)
    {
        if (decimals is not { } digits || digits > MostDecimals || Math.Abs(value) > 1e15)
            return Shortest(value);
        var format = "F" + digits.ToString(CultureInfo.InvariantCulture);
        if (Math.Abs(value) >= 0.5 * Math.Pow(10, -digits))
            return value.ToString(format, CultureInfo.InvariantCulture);
        return value > 0 ? value.ToString("G3", CultureInfo.InvariantCulture) : 0.0.ToString(format, CultureInfo.InvariantCulture);
    }
}
