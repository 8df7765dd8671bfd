using System.Globalization;

namespace Elbo.Cli.Output;

/// <summary>Numbers as people read them, whatever the computer's language.</summary>
internal static class Numbers
{
    /// <summary>Nats with three decimals.</summary>
    public static string Nats(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    public static string Percent(double fraction) =>
        fraction == 0 ? "-" : (100 * fraction).ToString(fraction is < 0.0995 ? "F1" : "F0", CultureInfo.InvariantCulture) + " %";

    public static string Duration(double seconds) => seconds switch
    {
        < 100 => seconds.ToString("F1", CultureInfo.InvariantCulture) + " s",
        < 6000 => (seconds / 60).ToString("F1", CultureInfo.InvariantCulture) + " min",
        _ => (seconds / 3600).ToString("F1", CultureInfo.InvariantCulture) + " h",
    };

    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Count(long count) => count.ToString("N0", Grouped);

    public static string Of(long count, string one, string? many = null) => count == 1 ? $"1 {one}" : $"{Count(count)} {many ?? one + "s"}";

    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = ",", NumberDecimalDigits = 0 };
}
