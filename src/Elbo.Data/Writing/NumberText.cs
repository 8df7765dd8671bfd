using System.Globalization;

namespace Elbo.Data;

/// <summary>Numbers as text, with a decimal point whatever the computer's language.</summary>
internal static class NumberText
{
    // A double has 15 to 17 significant digits; more decimals than this say nothing.
    private const int MostDecimals = 15;

    /// <summary>The shortest text that reads back as the same number.</summary>
    public static string Shortest(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The number with as many decimals as its column has, or the shortest text. A number that these decimals would turn
    /// into zero keeps three significant digits, so that what is above zero stays so.</summary>
    public static string Format(double value, int? decimals)
    {
        if (decimals is not { } digits || digits > MostDecimals || Math.Abs(value) > 1e15)
            return Shortest(value);
        var rounded = Math.Round(value, digits);
        if (rounded == 0)
            return value > 0 ? value.ToString("G3", CultureInfo.InvariantCulture) : 0.0.ToString("F" + digits, CultureInfo.InvariantCulture);
        return rounded.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
