using System.Globalization;
using System.Text;

namespace Elbo.Data.Pictures;

/// <summary>
/// Colours and letters. A plot has a panel of its own, light, or dark where the reader asks for that; colours are given by classes, so that programs
/// which know nothing of dark pages show the light one.
/// </summary>
internal static class PlotStyle
{
    public const double TextSize = 12;

    // Of equal weight, told apart by most colour-blind readers in the first five.
    private static readonly (string Light, string Dark)[] Colours =
    [
        ("#0969da", "#58a6ff"), ("#bc4c00", "#f0883e"), ("#1a7f37", "#3fb950"), ("#8250df", "#bc8cff"), ("#6e7781", "#9ea7b3"),
        ("#cf222e", "#ff7b72"), ("#0a7d91", "#39c5cf"), ("#9a6700", "#d29922"), ("#bf3989", "#f778ba"), ("#4d2d00", "#e3c9a8"),
    ];

    /// <summary>How many colours there are before they begin again.</summary>
    public static int ColourCount => Colours.Length;

    /// <summary>The colour of a series on a light page.</summary>
    public static string Light(int series) => Colours[series % Colours.Length].Light;

    /// <summary>The style sheet.</summary>
    public static string Sheet { get; } = Write();

    /// <summary>A colour for a share of the way from the least to the greatest value: from dark blue over green to yellow, ever lighter.</summary>
    public static string Rising(double share) => Mix(share, [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)]);

    /// <summary>A colour for values to both sides of a middle, 0.5: blue below, red above, white between.</summary>
    public static string Diverging(double share) => Mix(share, [(33, 102, 172), (146, 197, 222), (247, 247, 247), (244, 165, 130), (178, 24, 43)]);

    private static string Mix(double share, ReadOnlySpan<(int R, int G, int B)> colours)
    {
        var place = Math.Clamp(share, 0, 1) * (colours.Length - 1);
        var below = Math.Min((int)place, colours.Length - 2);
        var (a, b, part) = (colours[below], colours[below + 1], place - below);
        return string.Create(CultureInfo.InvariantCulture, $"#{Between(a.R, b.R):x2}{Between(a.G, b.G):x2}{Between(a.B, b.B):x2}");
        int Between(int from, int to) => (int)Math.Round(from + (part * (to - from)));
    }

    private static string Write()
    {
        var sheet = new StringBuilder();
        sheet.Append("text{font-family:system-ui,\"Segoe UI\",\"DejaVu Sans\",sans-serif;font-size:12px;fill:#1f2328}");
        sheet.Append(".soft{fill:#57606a}.title{font-size:14px;font-weight:600}.end{text-anchor:end}.mid{text-anchor:middle}.line{fill:none;stroke-width:2;stroke-linejoin:round}");
        sheet.Append(".dots{fill:none;stroke-width:4.5;stroke-linecap:round;stroke-opacity:.75}.rule{fill:none;stroke-width:1.5;stroke-dasharray:6 4}.band{fill-opacity:.18;stroke:none}");
        sheet.Append(".panel{fill:#ffffff}.grid{stroke:#e1e4e8}.axis{stroke:#8c959f;fill:none}");
        for (var c = 0; c < Colours.Length; c++)
            sheet.Append(CultureInfo.InvariantCulture, $".s{c}{{stroke:{Colours[c].Light}}}.f{c}{{fill:{Colours[c].Light}}}");
        sheet.Append("\n@media (prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9ea7b3}.panel{fill:#0d1117}.grid{stroke:#262c36}.axis{stroke:#6e7681}");
        for (var c = 0; c < Colours.Length; c++)
            sheet.Append(CultureInfo.InvariantCulture, $".s{c}{{stroke:{Colours[c].Dark}}}.f{c}{{fill:{Colours[c].Dark}}}");
        // On a map of colours letters stand on the colours, not on the panel.
        return sheet.Append("}\n.dark{fill:#000000}.light{fill:#ffffff}").ToString();
    }
}
