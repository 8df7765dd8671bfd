using System.Text.Json.Nodes;
using Elbo.Data.Pictures;

namespace Elbo.Dashboard;

/// <summary>Single pictures of a fit, each as a drawing that stands by itself.</summary>
public static class RunPictures
{
    private const int MostPoints = 4000;
    private const int MostClasses = 10;
    private const int MostHeatColumns = 160;

    /// <summary>The drawings that can be made of this fit, by name: some of "bound", "gap", "terms", "latents", "columns", "steps", "loss", "levels", "codes", "posterior", "predictive".</summary>
    /// <param name="run">The fit.</param>
    public static IReadOnlyDictionary<string, Func<Picture>> Of(RunSource run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var history = run.History;
        var drawings = new Dictionary<string, Func<Picture>>(StringComparer.Ordinal);
        var epochs = EpochPoint.Chosen(history.Epochs, RunView.MostPoints);
        Add("bound", epochs.Any(e => double.IsFinite(e.Elbo)), () => Bound(run, epochs));
        Add("gap", epochs.Any(e => double.IsFinite(e.Weighted)), () => Gap(run, epochs));
        Add("terms", epochs.Any(e => double.IsFinite(e.Kl)), () => Terms(run, epochs));
        Add("latents", history.Latents.Count > 0, () => Latents(run));
        Add("columns", history.Columns.Count > 1, () => Columns(run));
        Add("steps", history.Steps.Count > 0, () => Steps(run));
        Add("loss", epochs.Any(e => double.IsFinite(e.Loss)), () => Loss(run, epochs));
        Add("levels", history.Levels.Count > 0, () => Levels(run));
        AddTable("codes", "latent", Codes);
        AddTable("posterior", "posterior", Posterior);
        AddTable("predictive", "predictive", Predictive);
        return drawings;

        void Add(string name, bool isThere, Func<Picture> draw)
        {
            if (isThere)
                drawings[name] = draw;
        }

        void AddTable(string name, string kind, Func<RunSource, JsonObject, Picture> draw)
        {
            if (history.Tables.LastOrDefault(t => t.Kind == kind) is { } item && run.Table(item, MostPoints) is { } table && table["problem"] is null)
                drawings[name] = () => draw(run, table);
        }
    }

    /// <summary>The pictures that the fit itself made, by kind: the latest of each, as the bytes of a PNG file.</summary>
    /// <param name="run">The fit.</param>
    public static IReadOnlyDictionary<string, Func<byte[]?>> MadeBy(RunSource run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.History.Pictures.GroupBy(p => p.Kind, StringComparer.Ordinal).ToDictionary(g => g.Key, g => (Func<byte[]?>)(() => run.Picture(g.Last())), StringComparer.Ordinal);
    }

    private static string Title(RunSource run, string what) => $"{run.Name}: {what}";

    private static double[] X(IReadOnlyList<EpochPoint> epochs) => [.. epochs.Select(e => (double)e.Epoch)];

    private static string Unit(RunSource run) => RunWords.IsTotal(run.History.Kind) ? "nats" : "nats per row";

    // The first part is steep, and would take the height from all that follows.
    private static double? From(IReadOnlyList<double> values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        if (known.Length < 8)
            return null;
        var late = known[(known.Length / 4)..];
        var from = late.Min() - 0.6 * (late.Max() - late.Min());
        return known.Min() < from ? from : null;
    }

    private static Plot Bound(RunSource run, IReadOnlyList<EpochPoint> epochs)
    {
        var (x, elbo, weighted, training) = (X(epochs), Of(e => e.Elbo), Of(e => e.Weighted), Of(e => e.Training));
        var plot = new Plot(Title(run, "the bound")) { X = new(RunWords.Turn(run.History)), Y = new(Unit(run)) { From = From(elbo) } };
        plot.Line("ELBO", x, elbo);
        if (weighted.Any(double.IsFinite))
            plot.Line("IWAE", x, weighted);
        return training.Any(double.IsFinite) ? plot.Line("training", x, training) : plot;

        double[] Of(Func<EpochPoint, double> of) => [.. epochs.Select(of)];
    }

    private static Plot Gap(RunSource run, IReadOnlyList<EpochPoint> epochs) =>
        new Plot(Title(run, "what the approximation loses, at least")) { X = new("epoch"), Y = new("IWAE − ELBO, nats per row") }.Line("", X(epochs), [.. epochs.Select(e => e.Weighted - e.Elbo)]);

    private static Plot Terms(RunSource run, IReadOnlyList<EpochPoint> epochs)
    {
        var (x, elbo, reconstruction) = (X(epochs), epochs.Select(e => e.Elbo).ToArray(), epochs.Select(e => e.Reconstruction).ToArray());
        return new Plot(Title(run, "ELBO = reconstruction − KL")) { X = new("epoch"), Y = new(Unit(run)) { From = From(elbo) } }
            .Line("reconstruction", x, reconstruction).Band("KL", x, elbo, reconstruction).Line("ELBO", x, elbo);
    }

    private static HeatMap Latents(RunSource run)
    {
        var history = run.History;
        var shown = EpochPoint.Evenly([.. history.Epochs.Where(e => e.OfLatents.Length == history.Latents.Count)], MostHeatColumns);
        var values = new double[history.Latents.Count, shown.Count];
        for (var i = 0; i < history.Latents.Count; i++)
        {
            for (var e = 0; e < shown.Count; e++)
                values[i, e] = shown[e].OfLatents[i];
        }
        var collapsed = RunWords.Collapsed(history).ToDictionary(c => c.Name, c => c.Since, StringComparer.Ordinal);
        return new(Title(run, shown.Count > 1 ? $"KL of each latent number, nats, epochs {shown[0].Epoch} to {shown[^1].Epoch}" : "KL of each latent number, nats"), values)
        {
            Rows = [.. history.Latents.Select(n => collapsed.TryGetValue(n, out var since) ? $"{n}, collapsed since {since}" : n)],
            Values = new("nats"),
            Height = Math.Clamp(120 + 22 * history.Latents.Count, 240, 900),
        };
    }

    private static BarPlot Columns(RunSource run)
    {
        var history = run.History;
        var last = history.Epochs.Last(e => e.OfColumns.Length == history.Columns.Count);
        return new BarPlot(Title(run, "reconstruction of each column"), history.Columns) { IsHorizontal = true, Values = new("nats per row"), Height = Math.Clamp(110 + 22 * history.Columns.Count, 240, 1400) }.Bars("", last.OfColumns);
    }

    private static Plot Steps(RunSource run)
    {
        var steps = run.History.Steps.Between(double.NegativeInfinity, double.PositiveInfinity, RunView.MostPoints);
        return new Plot(Title(run, "the bound, step by step")) { X = new("step"), Y = new(Unit(run)) { From = From(steps.Smooth) } }.Line("mean of the last steps", steps.X, steps.Smooth).Band("mean of the last steps", steps.X, steps.Low, steps.High);
    }

    private static Plot Loss(RunSource run, IReadOnlyList<EpochPoint> epochs) =>
        new Plot(Title(run, "error of denoising")) { X = new("epoch"), Y = new("lower is better") { IsLogarithmic = true } }.Line("held out", X(epochs), [.. epochs.Select(e => e.Loss)]).Line("training", X(epochs), [.. epochs.Select(e => e.TrainingLoss)]);

    private static Plot Levels(RunSource run)
    {
        var levels = run.History.Levels[^1];
        return new Plot(Title(run, "terms by level of noise")) { X = new("level"), Y = new("nats per row") { From = 0 } }.Line("", levels.Levels, levels.Nats);
    }

    private static Plot Codes(RunSource run, JsonObject table)
    {
        var columns = table["columns"]!.AsArray().Select(c => c!.AsObject()).ToArray();
        var codes = columns.Where(c => Name(c) is ['z', .. var number] && int.TryParse(number, out _)).OrderByDescending(c => Variance(Numbers(c))).Take(2).ToArray();
        if (codes.Length == 0)
            return new(Title(run, "where rows lie"));
        var (across, up) = (codes[0], codes[^1]);
        var plot = new Plot(Title(run, "where rows lie")) { X = new(Name(across)), Y = new(Name(up)), Height = 560 };
        var label = columns.FirstOrDefault(c => c["kind"]!.GetValue<string>() == "text" && c["values"]!.AsArray().Select(v => v?.ToString()).Distinct().Count() <= MostClasses)
            ?? columns.FirstOrDefault(c => Name(c) is "label" or "class");
        if (label is null)
            return plot.Points("", Numbers(across), Numbers(up));
        var classes = label["values"]!.AsArray().Select(v => v?.ToString() ?? "missing").ToArray();
        string[] names = [.. classes.GroupBy(c => c).OrderByDescending(g => g.Count()).Take(MostClasses).Select(g => g.Key)];
        return plot.Points(Numbers(across), Numbers(up), [.. classes.Select(c => Array.IndexOf(names, c) is >= 0 and var at ? at : names.Length)], at => at < names.Length ? names[at] : "others");
    }

    private static Plot Posterior(RunSource run, JsonObject table) => Intervals(run, "posterior, 5 to 95 %", table, "prior median", "prior");

    private static Plot Predictive(RunSource run, JsonObject table) => Intervals(run, "predicted, 5 to 95 %", table, "data", "data");

    private static Plot Intervals(RunSource run, string what, JsonObject table, string other, string otherName)
    {
        var (low, median, high) = (Column(table, "q05"), Column(table, "median"), Column(table, "q95"));
        double[] x = [.. Enumerable.Range(1, median.Length).Select(i => (double)i)];
        var plot = new Plot(Title(run, what)) { X = new("number, in the order of the model"), Y = new() };
        for (var i = 0; i < x.Length; i++)
            plot.Line(what, [x[i], x[i]], [low[i], high[i]]);
        plot.Points("median", x, median);
        return Column(table, other) is { Length: > 0 } others ? plot.Points(otherName, x, others) : plot;
    }

    private static string Name(JsonObject column) => column["name"]!.GetValue<string>();

    private static double[] Column(JsonObject table, string name) => table["columns"]!.AsArray().Select(c => c!.AsObject()).FirstOrDefault(c => Name(c) == name) is { } column ? Numbers(column) : [];

    private static double[] Numbers(JsonObject column) => [.. column["values"]!.AsArray().Select(v => v is JsonValue value && value.TryGetValue<double>(out var number) ? number : double.NaN)];

    private static double Variance(double[] values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        if (known.Length == 0)
            return 0;
        var mean = known.Average();
        return known.Average(v => (v - mean) * (v - mean));
    }
}
