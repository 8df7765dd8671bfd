using System.Globalization;
using Elbo.Cli.Commands;
using Elbo.Diagnostics;

namespace Elbo.Cli.Output;

/// <summary>A diagnosis in words.</summary>
internal static class DiagnosisText
{
    private const int MostNamed = 4;
    private const int MostLatents = 24;

    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(Diagnosis diagnosis, int width, bool colour)
    {
        foreach (var (title, lines) in Sections(diagnosis, colour))
        {
            yield return Ansi.Bold(title, colour);
            foreach (var line in lines)
            {
                // What is set out in columns stays so where it fits.
                var set = TextLines.VisibleLength(line) <= width - 2 ? line : TextLines.Wrap(line, width - 2);
                foreach (var part in set.Split('\n'))
                    yield return "  " + part;
            }

            yield return "";
        }

        foreach (var note in diagnosis.Notes)
            yield return TextLines.Wrap(note, width);
    }

    private static IEnumerable<(string Title, IEnumerable<string> Lines)> Sections(Diagnosis diagnosis, bool colour)
    {
        yield return ($"The bound, nats per {diagnosis.Rows.Row}", Bound(diagnosis));
        yield return ("The code", Code(diagnosis, colour));
        if (diagnosis.Gap is not null || diagnosis.Bracket is not null)
            yield return ("What lies between the bound and ln p(x)", Evidence(diagnosis));
        if (diagnosis.Quality is not null)
            yield return ("Samples", Samples(diagnosis, colour));
    }

    private static IEnumerable<string> Bound(Diagnosis diagnosis)
    {
        var (bound, weighted, row) = (diagnosis.Evaluation.Bound, diagnosis.Evaluation.ImportanceWeighted, diagnosis.Rows.Row);
        yield return Text($"ELBO {bound.Elbo:F3} ± {bound.StandardError:F3} = reconstruction {bound.Reconstruction:F3} - KL {bound.Kl:F3}; importance-weighted, K = {weighted.Samples}: {weighted.Value:F3}.");
        var isDivergence = bound.Kl > -bound.Reconstruction;
        var since = diagnosis.History is { } h && (h.Dominant == BoundTerm.Divergence) == isDivergence ? Text($", and has since epoch {h.Since} of {h.Epochs[^1].Epoch}") : "";
        var share = bound.Reconstruction < 0 ? Text($": {Math.Max(bound.Kl, -bound.Reconstruction) / (bound.Kl - bound.Reconstruction):P0} of the loss") : "";
        yield return $"The {(isDivergence ? "divergence" : "reconstruction")} costs most{since}{share}.";
        yield return $"Of the reconstruction, least is explained of {Named(bound.Columns.OrderBy(t => t.Value).Select(t => (t.Name, t.Value)))}; of the divergence, most is paid for {Named(bound.Latents.OrderByDescending(t => t.Value).Select(t => (t.Name, t.Value)))}.";
        if (diagnosis.History is not { Epochs.Count: > 1 } history)
            yield break;
        var (rise, by) = (history.RiseByReconstruction + history.RiseByDivergence, history);
        yield return Text($"In training, from epoch {history.Lately} to {history.Epochs[^1].Epoch} the bound of the {row}s that judged moved by {rise:+0.000;-0.000}: {by.RiseByReconstruction:+0.000;-0.000} by reconstruction, {by.RiseByDivergence:+0.000;-0.000} by divergence. That of the {row}s trained on was {Math.Abs(history.OverfitBy):F3} {(history.OverfitBy >= 0 ? "higher" : "lower")} in the end.");
    }

    private static IEnumerable<string> Code(Diagnosis diagnosis, bool colour)
    {
        yield return $"{diagnosis.Evaluation.ActiveLatents} of {diagnosis.Evaluation.Latents} dimensions are active: their posterior mean varies between {diagnosis.Rows.Row}s.";
        if (diagnosis.Split is { } split)
        {
            foreach (var line in split.ToString().Split(Environment.NewLine))
                yield return line;
        }

        if (diagnosis.Latents is { } latents)
        {
            foreach (var latent in latents.OrderByDescending(l => l.Divergence).Take(MostLatents))
                yield return latent.Use == LatentUse.Active ? latent.ToString() : Ansi.Dim(latent.ToString(), colour);
            if (latents.Count > MostLatents)
                yield return $"and {latents.Count - MostLatents} more, which cost less.";
        }

        if (diagnosis.Evaluation.Collapse is { } collapse)
            yield return Ansi.Yellow(collapse, colour);
    }

    private static IEnumerable<string> Evidence(Diagnosis diagnosis)
    {
        if (diagnosis.Gap is { } gap)
        {
            foreach (var line in gap.ToString().Split('\n'))
                yield return line.TrimEnd();
            yield return $"On average over these {diagnosis.Rows.Row}s: {diagnosis.Variation}";
        }

        if (diagnosis.Bracket is { } bracket)
        {
            yield return $"Of {bracket.Rows.Count} {diagnosis.Rows.Row}s that the model made itself, ln p(x) lies between {bracket.Lower} and {bracket.Upper}: what annealing may miss is {bracket.Width}.";
            yield return $"On average over those: {diagnosis.SimulatedVariation}";
        }
    }

    private static IEnumerable<string> Samples(Diagnosis diagnosis, bool colour)
    {
        foreach (var line in diagnosis.Quality!.ToString().Split(Environment.NewLine))
            yield return line;
        if (diagnosis.BoundAndSamples is { } both)
            yield return both.Verdict is BoundAndSamplesVerdict.BothGood or BoundAndSamplesVerdict.Open ? both.ToString() : Ansi.Yellow(both.ToString(), colour);
        else if (diagnosis.Quality.IsPoor)
            yield return Ansi.Yellow("Samples are far from data, which the bound does not tell: it counts how codes of data decode, and samples begin at the prior.", colour);
    }

    private static string Named(IEnumerable<(string Name, double Value)> terms) => string.Join(", ", terms.Take(MostNamed).Select(t => Text($"{t.Name} ({t.Value:F3})")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
