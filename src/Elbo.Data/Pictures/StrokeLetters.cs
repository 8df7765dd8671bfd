namespace Elbo.Data.Pictures;

/// <summary>
/// Letters as strokes of a pen, for pictures of pixels: a program without a system's fonts draws the same everywhere. Each stroke is a row of places, a digit across and one upward, on
/// a grid with the foot of letters at 2, small letters up to 7 and capitals up to 9.
/// </summary>
internal static class StrokeLetters
{
    private const double Foot = 2;
    private const double Gap = 1.7;
    private const double UnitOfSize = 0.104;
    private const double RaisedScale = 0.65;
    private const double RaisedBy = 3.6;
    private const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
    private const string Lowered = "0123456789−";

    private static readonly Dictionary<char, string[]> Strokes = Read("""
        a 4742 4637170603123243|b 0902 0617374643321203|c 4637170603123243|d 4942 4637170603123243|e 05454637170603123243|f 39291812 0737|g 4741301001 4637170603123243|h 0902 0617374642
        i 1712 1919|j 171100 1919|k 0902 4704 1542|l 1912|m 0702 0617273632 3647576662|n 0702 0617374642|o 170603123243463717|p 0700 0617374643321203|q 4740 4637170603123243|r 0702 06172737
        s 46371706153443321203|t 19132232 0737|u 0703123243 4742|v 072247|w 0712365267|x 0742 4702|y 0722 4710|z 07470242
        A 022942 1535|B 0209 093948473606 3645433202|C 4839190803123243|D 0209 092947442202|E 49090242 0636|F 490902 0636|G 48391908031232434525|H 0902 4942 0646|I 1912|J 3933221203|K 0902 4905 1642
        L 090242|M 0209346962|N 02094249|O 190803123243483919|P 02093948473606|Q 190803123243483919 2442|R 02093948473606 2642|S 483919080716354443321203|T 0949 2922|U 090312324349|V 092249|W 0912375269
        X 0942 4902|Y 092549 2522|Z 09490242
        0 190803123243483919|1 072922|2 08193948470242|3 08193948473626 364543321203|4 32390444|5 490906364543321203|6 483919080312324345361605|7 094912|8 190807163647483919 160503123243453616|9 031232434839190806153546
        . 1212|, 1201|: 1212 1616|; 1201 1616|- 0535|− 0545|– 0545|— 0565|+ 0545 2723|= 0646 0444|( 29171421|) 09171401|[ 29191121|] 09191101|/ 0139|\ 0931|_ 0141|% 0259 1818 4343|* 1915 0826 0628
        ' 1917|’ 1917|" 0907 2927|! 1914 1212|? 08193948472524 2222|< 370533|> 073503|~ 05163546|· 1515|^ 072947|… 0202 2222 4242|× 0743 4703|& 42070819292706031232 4434|# 1219 3239 0646 0444|@ 45251535464939190803123242
        σ 170603123243463717 3747|λ 0919 42 0224|μ 0700 0703123243 4742|ε 46371706152506031243
        """);

    private static readonly string[] Unknown = ["0949420209"];

    /// <summary>How far a text goes.</summary>
    public static double WidthOf(string text, double size) => text.Sum(c => Advance(c)) * size * UnitOfSize;

    /// <summary>The strokes of a text that begins at (0, 0), each a row of places, y downward.</summary>
    public static IEnumerable<(double X, double Y)[]> Of(string text, double size)
    {
        var (x, unit) = (0.0, size * UnitOfSize);
        foreach (var c in text)
        {
            var (scale, raise) = Raised.Contains(c, StringComparison.Ordinal) ? (RaisedScale, RaisedBy) : (1, 0);
            foreach (var stroke in StrokesOf(c))
            {
                var left = x;
                yield return [.. Enumerable.Range(0, stroke.Length / 2).Select(i => ((left + (stroke[2 * i] - '0') * scale) * unit, -((stroke[2 * i + 1] - '0' - Foot) * scale + raise) * unit))];
            }
            x += Advance(c);
        }
    }

    private static double Advance(char c)
    {
        if (c == ' ')
            return 3;
        var width = StrokesOf(c).SelectMany(s => s.Where((_, i) => i % 2 == 0)).Max() - '0';
        return Raised.Contains(c, StringComparison.Ordinal) ? width * RaisedScale + 1 : width + Gap;
    }

    private static string[] StrokesOf(char c)
    {
        if (c == ' ')
            return [];
        var at = Raised.IndexOf(c, StringComparison.Ordinal);
        return Strokes.GetValueOrDefault(at >= 0 ? Lowered[at] : c, Unknown);
    }

    private static Dictionary<char, string[]> Read(string letters) =>
        letters.Split(['\n', '|'], StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l[0], l => l[2..].Trim().Split(' ').Where(s => s.Length % 2 == 0).ToArray());
}
