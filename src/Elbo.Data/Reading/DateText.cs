using System.Globalization;
using System.Text;

namespace Elbo.Data;

/// <summary>Dates and times as text. Numbers are days since 1970-01-01; the fraction is the time of day.</summary>
internal static class DateText
{
    /// <summary>The format of days where none is remembered.</summary>
    public const string IsoDay = "yyyy-MM-dd";

    /// <summary>The format of moments where none is remembered.</summary>
    public const string IsoMoment = "yyyy-MM-ddTHH:mm:ss";

    private const int LongestText = 40;

    /// <summary>The formats that are recognised, the most likely first. Day/month and month/day are both here: a column is a date
    /// only when all of its values leave one of the two.</summary>
    public static readonly string[] Formats =
    [
        IsoDay, IsoMoment, "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mm",
        "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm",
        "yyyy/MM/dd", "yyyy/M/d", "yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd HH:mm", "yyyy.MM.dd",
        "d.M.yyyy", "d.M.yyyy HH:mm", "d.M.yyyy HH:mm:ss",
        "d/M/yyyy", "M/d/yyyy", "d/M/yyyy H:mm", "M/d/yyyy H:mm", "d/M/yyyy H:mm:ss", "M/d/yyyy H:mm:ss",
        "d-MMM-yyyy", "d MMM yyyy", "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy", "d-MMM-yy",
    ];

    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The days since 1970-01-01 of a text in a format.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, string format, out double days)
    {
        text = CellText.Trim(text);
        Span<char> chars = stackalloc char[LongestText];
        if (text.Length <= LongestText && Encoding.UTF8.TryGetChars(text, chars, out var count)
            && DateTime.TryParseExact(
                chars[..count], format, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date))
        {
            days = (date - Epoch).Ticks / (double)TimeSpan.TicksPerDay;
            return true;
        }

        days = double.NaN;
        return false;
    }

    /// <summary>The formats that every text is in, or none. Two are left when days and months cannot be told apart.</summary>
    public static List<string> Common(TextDictionary texts, IEnumerable<int> codes)
    {
        List<string>? common = null;
        foreach (var code in codes)
        {
            // Nothing that starts without a letter or digit, or has no digit at all, is a date: this makes ordinary words cheap.
            if (texts[code].IndexOfAnyInRange((byte)'0', (byte)'9') < 0)
                return [];
            IEnumerable<string> candidates = common is null ? Formats : common;
            var left = new List<string>();
            foreach (var format in candidates)
            {
                if (TryParse(texts[code], format, out _))
                    left.Add(format);
            }

            common = left;
            if (common.Count == 0)
                break;
        }

        return common ?? [];
    }

    /// <summary>Whether the formats differ only in which of two numbers is the day: the column is ambiguous.</summary>
    public static bool IsAmbiguous(List<string> formats) =>
        formats.Exists(f => f.StartsWith("d/M", StringComparison.Ordinal))
        && formats.Exists(f => f.StartsWith("M/d", StringComparison.Ordinal));

    /// <summary>The text of a number of days.</summary>
    public static string Format(double days, string? format)
    {
        // To the microsecond: a double holds no more of a day in this century.
        var ticks = Math.Round(days * (TimeSpan.TicksPerDay / 10.0)) * 10;
        var date = new DateTime(Math.Clamp(Epoch.Ticks + (long)ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
        format ??= date.TimeOfDay == TimeSpan.Zero ? IsoDay : IsoMoment;
        return date.ToString(format, CultureInfo.InvariantCulture);
    }
}
