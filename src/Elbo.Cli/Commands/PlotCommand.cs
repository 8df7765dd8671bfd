using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Dashboard;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo plot</c>: the pictures of a fit in the terminal.</summary>
internal static class PlotCommand
{
    private const int Height = 12;
    private const int WidestBar = 32;
    private const int MostRows = 40;

    // Nats that are little: where no latent number carries as much, all stay pale.
    private const double Little = 0.05;

    private const string Description = """
        Draw a fit in the terminal.

        Of an autoencoder the bound, what each latent number carries, and the columns; of a Bayesian model the bound and the posterior; of a diffusion model its error and its levels; or the
        one picture that is named: bound, gap, kl, latents, columns, steps, loss, levels, posterior. RUN is the name of a run or its beginning, its folder, "latest", or a model's file.

          elbo plot
          elbo plot customers.elbo
          elbo plot latest latents
        """;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("RUN") { Description = $"The run or model. [default: {OpenedRun.Latest}]", DefaultValueFactory = _ => OpenedRun.Latest, Arity = ArgumentArity.ZeroOrOne };
        var picture = new Argument<string?>("PICTURE") { Description = "Which picture. [default: the usual ones]", Arity = ArgumentArity.ZeroOrOne };
        var runs = DashboardCommand.Runs();
        var command = new DescribedCommand("plot", Description) { name, picture, runs };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(name), parsed.GetValue(runs), parsed.GetValue(picture)));
        return command;
    }

    private static int Run(Terminal terminal, string name, string? folder, string? picture)
    {
        var source = OpenedRun.Open(folder, name, terminal);
        var plots = Plots(source, terminal.Width);
        if (plots.Count == 0)
            throw new UsageException($"{source.Name} has nothing yet that could be drawn.");
        if (picture is not null && plots.All(p => p.Name != picture))
            throw new UsageException($"{source.Name} has no picture '{picture}'. It has {string.Join(", ", plots.Select(p => p.Name))}.");
        var isFirst = true;
        foreach (var (_, title, lines, _) in plots.Where(p => picture is null ? p.IsUsual : p.Name == picture))
        {
            if (!isFirst)
                terminal.Out.WriteLine();
            isFirst = false;
            terminal.Out.WriteLine(Ansi.Bold(title, terminal.HasColour));
            foreach (var line in lines())
                terminal.Out.WriteLine(line);
        }
        return ExitCode.Done;
    }

    private static List<(string Name, string Title, Func<IEnumerable<string>> Lines, bool IsUsual)> Plots(RunSource source, int width)
    {
        var (history, plots) = (source.History, new List<(string, string, Func<IEnumerable<string>>, bool)>());
        var unit = RunWords.IsTotal(history.Kind) ? "nats" : "nats per row";
        var epochs = history.Epochs;
        Curve("bound", $"ELBO, {unit}, higher is better", e => e.Elbo, true, closeUp: true);
        Curve("gap", "IWAE - ELBO, nats per row: what the approximation loses, at least", e => e.Weighted - e.Elbo, false);
        Curve("kl", "KL, nats per row: what the code tells", e => e.Kl, false);
        Curve("loss", "Error of denoising, lower is better", e => e.Loss, true, closeUp: false);
        if (history.Steps.Count > 0)
        {
            plots.Add(("steps", $"ELBO of the last steps, {unit}", () =>
            {
                var steps = history.Steps.Between(double.NegativeInfinity, double.PositiveInfinity, RunView.MostPoints);
                return BrailleChart.Lines(steps.X, steps.Smooth, From(steps.Smooth), width, Height, "step");
            }, epochs.Count == 0));
        }
        if (history.Latents.Count > 0)
            plots.Add(("latents", "KL of each latent number over time, nats per row", () => Latents(history, width), true));
        if (history.Columns.Count > 1)
            plots.Add(("columns", "Reconstruction of each column, nats per row", () => Columns(history, width), true));
        if (history.Levels.Count > 0)
            plots.Add(("levels", "Nats per row by level of noise", () => BrailleChart.Lines(history.Levels[^1].Levels, history.Levels[^1].Nats, 0, width, Height, "level"), true));
        if (history.Tables.LastOrDefault(t => t.Kind == "posterior") is { } item && source.Table(item, MostRows) is { } table && table["problem"] is null)
            plots.Add(("posterior", "Posterior: median, and from 5 to 95 %", () => Posterior(table, width), true));
        return plots;

        void Curve(string name, string title, Func<EpochPoint, double> of, bool isUsual, bool closeUp = false)
        {
            double[] values = [.. epochs.Select(of)];
            if (values.Any(double.IsFinite))
                plots.Add((name, title, () => BrailleChart.Lines([.. epochs.Select(e => (double)e.Epoch)], values, closeUp ? From(values) : null, width, Height, RunWords.Turn(history)), isUsual));
        }
    }

    // The first part is steep, and would take the height from all that follows.
    private static double? From(double[] values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        if (known.Length < 8)
            return null;
        var late = known[(known.Length / 4)..];
        return Math.Max(known.Min(), late.Min() - 0.6 * (late.Max() - late.Min()));
    }

    private static IEnumerable<string> Latents(RunDigest history, int width)
    {
        const string shades = " ░▒▓█";
        var names = history.Latents.Max(n => n.Length);
        var shown = EpochPoint.Evenly([.. history.Epochs.Where(e => e.OfLatents.Length == history.Latents.Count)], Math.Max(8, width - names - 32));
        var most = shown.SelectMany(e => e.OfLatents).Where(double.IsFinite).Append(Little).Max();
        var collapsed = RunWords.Collapsed(history).ToDictionary(c => c.Name, c => c.Since, StringComparer.Ordinal);
        for (var i = 0; i < history.Latents.Count; i++)
        {
            var (at, name) = (i, history.Latents[i]);
            // By the root, so that what carries little is told from what carries nothing.
            var course = string.Concat(shown.Select(e => shades[(int)Math.Clamp(Math.Ceiling(Math.Sqrt(Math.Max(0, e.OfLatents[at]) / most) * 4 - 0.3), 0, 4)]));
            var last = Numbers.Nats(shown[^1].OfLatents[at]);
            yield return $"{name.PadRight(names)} │{course}│ {last}{(collapsed.TryGetValue(name, out var since) ? string.Create(CultureInfo.InvariantCulture, $" collapsed since {since}") : "")}";
        }
    }

    private static IEnumerable<string> Columns(RunDigest history, int width)
    {
        var last = history.Epochs.Last(e => e.OfColumns.Length == history.Columns.Count).OfColumns;
        var (names, most) = (Math.Min(30, history.Columns.Max(n => n.Length)), last.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max());
        var widest = Math.Min(WidestBar, width - names - 14);
        return history.Columns.Select((name, c) => $"{TextLines.Shorten(name, names).PadRight(names)}  {Numbers.Nats(last[c]),10}  {new string('█', (int)Math.Round(Math.Abs(last[c]) / most * widest))}".TrimEnd());
    }

    private static IEnumerable<string> Posterior(JsonObject table, int width)
    {
        var columns = table["columns"]!.AsArray().ToDictionary(c => c!["name"]!.GetValue<string>(), c => c!["values"]!.AsArray(), StringComparer.Ordinal);
        if (!columns.TryGetValue("name", out var names) || !columns.TryGetValue("q05", out var low) || !columns.TryGetValue("q95", out var high) || !(columns.TryGetValue("median", out var middle) || columns.TryGetValue("mean", out middle)))
            yield break;
        var rows = Enumerable.Range(0, names.Count).Select(i => (Name: names[i]?.ToString() ?? "", Low: Number(low[i]), Middle: Number(middle[i]), High: Number(high[i]))).Where(r => r.High >= r.Low).ToArray();
        if (rows.Length == 0)
            yield break;
        var (longest, least, greatest) = (Math.Min(24, rows.Max(r => r.Name.Length)), rows.Min(r => r.Low), rows.Max(r => r.High));
        var room = Math.Clamp(width - longest - 34, 20, 80);
        foreach (var row in rows)
        {
            var line = new string(' ', room).ToCharArray();
            line.AsSpan(At(row.Low), At(row.High) - At(row.Low) + 1).Fill('─');
            line[At(row.Middle)] = '●';
            yield return string.Create(CultureInfo.InvariantCulture, $"{TextLines.Shorten(row.Name, longest).PadRight(longest)}  {new string(line)}  {row.Middle:G4} ({row.Low:G4} to {row.High:G4})");
        }

        int At(double value) => greatest > least ? (int)Math.Clamp((value - least) / (greatest - least) * (room - 1), 0, room - 1) : room / 2;
        static double Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : double.NaN;
    }
}
