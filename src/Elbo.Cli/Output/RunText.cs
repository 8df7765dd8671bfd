using System.Globalization;
using Elbo.Data;

namespace Elbo.Cli.Output;

/// <summary>Runs for people.</summary>
internal static class RunText
{
    private const int LongestSetting = 60;
    private const int MostColumns = 30;

    public static IEnumerable<string> List(IReadOnlyList<RunOverview> runs, int width, bool colour)
    {
        var table = new TextTable(
            new("run"), new("kind"), new("state"), new("began, UTC"), new("time", IsRight: true), new("epoch", IsRight: true), new("ELBO", IsRight: true), new("warnings", IsRight: true));
        foreach (var run in runs)
        {
            table.Add([
                run.Id, run.Kind ?? "?", Word(run.State), run.Started is { } started ? started.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "?",
                Numbers.Duration(run.Seconds), run.Epoch is { } epoch ? $"{epoch}{(run.Epochs is { } most ? $"/{most}" : "")}" : "", run.Elbo is { } elbo ? Numbers.Nats(elbo) : "", run.Warnings > 0 ? $"{run.Warnings}" : ""]);
        }
        return table.Lines(width, colour);
    }

    public static IEnumerable<string> Show(RunReader run, int width, bool colour)
    {
        var (overview, events) = (RunOverview.Of(run), RunHistory.Standing(run.Events()));
        var ended = events.LastOrDefault(e => e.Type == RecordedEventType.Ended);
        var epochs = events.Where(e => e.Type == RecordedEventType.Epoch).ToList();
        yield return TextLines.Wrap($"{Ansi.Bold(Safe(run.Id), colour)}: {overview.Kind ?? "a run"}, {Word(overview.State)} after {Numbers.Duration(overview.Seconds)}"
            + $"{(overview.Epoch is { } epoch ? $" and {Numbers.Of(epoch, "epoch")}" : "")}{(overview.State == RunState.Failed && ended?.Text("message") is { } message ? $": {Safe(message)}" : "")}.", width);
        if (run.Info is { } info)
        {
            if (info.Command.Count > 0)
                yield return TextLines.Wrap($"Command: {Safe(string.Join(' ', info.Command))}", width);
            yield return "";
            var settings = new TextTable(new("option"), new("value"));
            foreach (var (name, value) in info.Settings.Select(s => (s.Name, s.Value)).Prepend(("seed", $"{info.Seed}")).Prepend(("data", info.Data ?? "-")).Append(("version", info.Version)))
                settings.Add([Safe(name), Safe(value)]);
            foreach (var line in settings.Lines(width, colour))
                yield return line;
        }
        if (epochs.Count > 1)
        {
            yield return "";
            yield return $"ELBO by epoch  {Sparkline.Of([.. epochs.Select(e => e.Number("elbo") ?? e.Number("heldOut") ?? double.NaN)], Math.Min(width - 16, 60))}";
        }
        foreach (var line in Result(run, events, width))
            yield return line;
        var files = events.Where(e => e.Type is RecordedEventType.Table or RecordedEventType.Picture).Select(e => e.Text("file")).Distinct().Count();
        yield return "";
        yield return TextLines.Wrap($"{Numbers.Of(files, "table and picture", "tables and pictures")} in {run.Folder}.", width);
        foreach (var problem in run.Problems)
            yield return TextLines.Wrap($"! {Safe(problem.ToString())}.", width);
    }

    public static IEnumerable<string> Compare(RunComparison comparison, int width, bool colour)
    {
        yield return $"A  {Safe(comparison.A.Id)}";
        yield return $"B  {Safe(comparison.B.Id)}";
        yield return "";
        if (comparison.Settings.Count > 0)
        {
            var settings = new TextTable(new("option"), new("A", Most: LongestSetting), new("B", Most: LongestSetting));
            foreach (var (name, a, b) in comparison.Settings)
                settings.Add([Safe(name), Safe(a ?? "-"), Safe(b ?? "-")]);
            foreach (var line in settings.Lines(width, colour))
                yield return line;
            yield return "";
        }
        foreach (var line in Figures(comparison.Figures, "", width, colour))
            yield return line;
        if (comparison.Columns.Count > 0)
        {
            yield return "";
            foreach (var line in Figures([.. comparison.Columns.OrderByDescending(c => Math.Abs(c.Difference)).Take(MostColumns)], "reconstruction, nats per row", width, colour))
                yield return line;
        }
        yield return "";
        yield return TextLines.Wrap(comparison.Verdict, width);
    }

    /// <summary>How a run stands, in a word.</summary>
    public static string Word(RunState state) => state.ToString().ToLowerInvariant();

    private static IEnumerable<string> Result(RunReader run, IReadOnlyList<RecordedEvent> events, int width)
    {
        var certificate = events.LastOrDefault(e => e.Type == RecordedEventType.Certificate);
        if (certificate is not null)
        {
            yield return "";
            yield return TextLines.Wrap(certificate.Text("kind") == "posterior" ? Safe(certificate.Text("text")?.Split('\n')[0] ?? "") : string.Create(
                CultureInfo.InvariantCulture,
                $"ELBO {certificate.Number("elbo"):F3} ± {certificate.Number("elboStandardError"):F3} nats per row, of {certificate.Number("rowCount"):F0} {certificate.Text("rows")} rows: reconstruction {certificate.Number("reconstruction"):F3}, KL {certificate.Number("kl"):F3}; importance-weighted bound {certificate.Number("importanceWeighted"):F3} by {certificate.Number("importanceWeightedSamples"):F0} draws; {certificate.Number("activeLatents"):F0} of {certificate.Number("latentCount"):F0} latent dimensions active."), width);
        }
        foreach (var warning in events.Where(e => e.Type == RecordedEventType.Warning))
            yield return TextLines.Wrap($"! {Safe(warning.Text("text") ?? "")}{(warning.Text("remedy") is { } remedy ? $" {Safe(remedy)}" : "")}", width);
        foreach (var notice in events.Where(e => e.Type == RecordedEventType.Notice).Take(MostColumns))
            yield return TextLines.Wrap($"{(notice.Number("epoch") is { } epoch ? $"epoch {epoch}: " : "")}{Safe(notice.Text("text") ?? "")}", width);
    }

    private static IEnumerable<string> Figures(IReadOnlyList<ComparedFigure> figures, string title, int width, bool colour)
    {
        var table = new TextTable(new(title, Most: LongestSetting), new("A", IsRight: true), new("B", IsRight: true), new("B - A", IsRight: true));
        foreach (var figure in figures)
            table.Add([Safe(figure.Name), Text(figure.A), Text(figure.B), Text(figure.Difference)]);
        return table.Lines(width, colour);
    }

    private static string Text(double value) => double.IsNaN(value) ? "-" : value == Math.Floor(value) && Math.Abs(value) < 1e9 ? value.ToString("F0", CultureInfo.InvariantCulture) : Numbers.Nats(value);

    // What a record says may come from anywhere: no cell of a table may move the cursor.
    private static string Safe(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
