using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Objectives;

namespace Elbo.Cli.Output;

/// <summary>The bounds of a model in words.</summary>
internal static class ReportText
{
    private const int LongestName = 28;
    private const int LongestBar = 24;

    // Of more, those that say most.
    private const int MostLatents = 24;

    /// <summary>The lines of a report.</summary>
    /// <param name="evaluation">The bounds.</param>
    /// <param name="rows">Which rows they are of, after "Of the".</param>
    /// <param name="width">The terminal's columns of characters.</param>
    /// <param name="colour">Whether it takes colours.</param>
    /// <param name="row">What a row is.</param>
    /// <param name="trainedBy">What training maximised where it was not this bound; null where it was.</param>
    public static IEnumerable<string> Lines(Evaluation evaluation, string rows, int width, bool colour, string row = "row", string? trainedBy = null)
    {
        var (bound, weighted, active) = evaluation;
        yield return TextLines.Wrap($"In nats per {row}, of the {rows}:", width);
        yield return "";
        var table = new TextTable(new TextColumn(""), new TextColumn("", IsRight: true), new TextColumn(""), new TextColumn(""));
        table.Add(["ELBO", Numbers.Nats(bound.Elbo), Error(bound.StandardError), trainedBy is null ? "the bound that was maximised; no greater than ln p(x)" : "the plain bound, which training weighted; no greater than ln p(x)"], line => Ansi.Bold(line, colour));
        table.Add(["  reconstruction", Numbers.Nats(bound.Reconstruction), "", row == "row" ? "how well the observed cells are explained by the code" : "how well the pixels are explained by the code"]);
        table.Add(["  - KL", Numbers.Nats(bound.Kl), "", $"what the code says about {(row == "row" ? "a row" : "an image")}; reconstruction - KL = ELBO"]);
        table.Add([$"IWAE, K = {weighted.Samples}", Numbers.Nats(weighted.Value), Error(weighted.StandardError), "importance-weighted bound: closer to ln p(x), the closer the more draws K"]);
        table.Add(["IWAE - ELBO", Numbers.Nats(weighted.Value - bound.Elbo), "", "what the approximate posterior loses, at least"]);
        table.Add(["active dimensions", active.ToString(CultureInfo.InvariantCulture), $"of {evaluation.Latents}", $"those of the code that tell {row}s apart"]);
        foreach (var line in table.Lines(width, colour: false).Skip(1))
            yield return line;
        yield return "";
        foreach (var line in SideBySide(Columns(bound, colour), Latents(bound, colour), width))
            yield return line;
        if (bound.Columns.Any(t => t.Value > 0))
        {
            yield return "";
            yield return TextLines.Wrap("Above zero is no mistake: the density of numbers that spread over less than 1 in their own unit can be greater than 1.", width);
        }

        if (trainedBy is not null)
        {
            yield return "";
            yield return TextLines.Wrap(trainedBy, width);
        }

        if (evaluation.Collapse is { } collapse)
        {
            yield return "";
            yield return TextLines.Wrap(Ansi.Yellow(collapse, colour), width);
        }
    }

    private static string Error(double standardError) => double.IsFinite(standardError) ? $"± {Numbers.Nats(standardError)}" : "";

    private static List<string> Columns(Bound bound, bool colour)
    {
        var table = new TextTable(new TextColumn("reconstruction of", Most: LongestName), new TextColumn("nats", IsRight: true));
        foreach (var term in bound.Columns)
            table.Add([term.Name, Numbers.Nats(term.Value)]);
        return [.. table.Lines(int.MaxValue, colour)];
    }

    private static List<string> Latents(Bound bound, bool colour)
    {
        var table = new TextTable(new TextColumn("KL of"), new TextColumn("nats", IsRight: true), new TextColumn(""));
        var most = Math.Max(1e-9, bound.Latents.Max(t => t.Value));
        var shown = bound.Latents.Count <= MostLatents ? bound.Latents : [.. bound.Latents.OrderByDescending(t => t.Value).Take(MostLatents)];
        foreach (var term in shown)
            table.Add([term.Name, Numbers.Nats(term.Value), new string('█', (int)Math.Round(LongestBar * Math.Clamp(term.Value / most, 0, 1)))]);
        if (shown.Count < bound.Latents.Count)
            table.Add([$"{bound.Latents.Count - shown.Count} more", Numbers.Nats(bound.Latents.Sum(t => t.Value) - shown.Sum(t => t.Value)), "together"]);
        return [.. table.Lines(int.MaxValue, colour)];
    }

    private static IEnumerable<string> SideBySide(List<string> left, List<string> right, int width)
    {
        const int gap = 6;
        var leftWidth = left.Max(TextLines.VisibleLength);
        if (leftWidth + gap + right.Max(TextLines.VisibleLength) > width)
        {
            foreach (var line in left.Append("").Concat(right))
                yield return line;
            yield break;
        }

        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            var line = i < left.Count ? left[i] : "";
            if (i < right.Count)
                line += new string(' ', leftWidth + gap - TextLines.VisibleLength(line)) + right[i];
            yield return line.TrimEnd();
        }
    }
}
