using System.Globalization;
using Elbo.Data;

namespace Elbo.Cli.Output;

/// <summary>A figure of two runs; NaN where one has none.</summary>
internal sealed record ComparedFigure(string Name, double A, double B)
{
    public double Difference => B - A;
}

/// <summary>What differs between two runs.</summary>
internal sealed record RunComparison(RunReader A, RunReader B, IReadOnlyList<(string Name, string? A, string? B)> Settings, IReadOnlyList<ComparedFigure> Figures, IReadOnlyList<ComparedFigure> Columns, string Verdict)
{
    private static readonly string[] Names = ["elbo", "reconstruction", "kl", "importanceWeighted", "gap", "activeLatents", "paretoShape", "totalVariation"];

    public static RunComparison Of(RunReader a, RunReader b)
    {
        var (ofA, ofB) = (End.Of(a), End.Of(b));
        var figures = Names.Select(n => new ComparedFigure(n, ofA.Number(n), ofB.Number(n))).Append(new("epochs", ofA.Epochs, ofB.Epochs)).Append(new("seconds", ofA.Seconds, ofB.Seconds))
            .Where(f => !double.IsNaN(f.A) || !double.IsNaN(f.B)).ToList();
        var names = ofA.Columns.Keys.Union(ofB.Columns.Keys).ToList();
        return new(a, b, Differences(a.Info, b.Info), figures,
            [.. names.Select(n => new ComparedFigure(n, ofA.Columns.GetValueOrDefault(n, double.NaN), ofB.Columns.GetValueOrDefault(n, double.NaN)))], VerdictOf(a, b, ofA, ofB));
    }

    private static List<(string, string?, string?)> Differences(RunInfo? a, RunInfo? b)
    {
        var (ofA, ofB) = (Settings(a), Settings(b));
        return [.. ofA.Keys.Union(ofB.Keys).Select(n => (n, ofA.GetValueOrDefault(n), ofB.GetValueOrDefault(n))).Where(s => s.Item2 != s.Item3)];

        static Dictionary<string, string?> Settings(RunInfo? info)
        {
            var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
            if (info is null)
                return settings;
            (settings["kind"], settings["data"], settings["seed"], settings["version"]) = (info.Kind, info.Data, info.Seed?.ToString(CultureInfo.InvariantCulture), info.Version);
            foreach (var setting in info.Settings)
                settings[setting.Name] = setting.Value;
            return settings;
        }
    }

    private static string VerdictOf(RunReader a, RunReader b, End ofA, End ofB)
    {
        if (a.Info?.Data != b.Info?.Data || a.Info?.Kind != b.Info?.Kind)
            return "They are of other data or of other kinds of models, so their bounds do not compare.";
        if (double.IsNaN(ofA.Number("elbo")) || double.IsNaN(ofB.Number("elbo")))
            return "One of them has no bound yet.";
        var (difference, error) = (ofB.Number("elbo") - ofA.Number("elbo"), Math.Sqrt(Square(ofA.Number("elboStandardError")) + Square(ofB.Number("elboStandardError"))));
        if (ofA.Rows != ofB.Rows)
            return "One bound is of held-out rows and the other of rows that were trained on, so they do not compare.";
        var better = difference > 0 ? "B" : "A";
        var rows = a.Info?.Seed == b.Info?.Seed ? "The rows that judge are the same where the same part is held out, so the error of the difference is less than that" : "Other seeds hold other rows out";
        return double.IsNaN(error)
            ? string.Create(CultureInfo.InvariantCulture, $"The bound of {better} is {Math.Abs(difference):F3} nats higher.")
            : string.Create(CultureInfo.InvariantCulture, $"The bound of {better} is {Math.Abs(difference):F3} nats higher; the standard errors of both come to {error:F3} together{(ofA.Rows is null ? "" : $". {rows}")}.");
    }

    private static double Square(double x) => x * x;

    /// <summary>What a run came to, or where it stands.</summary>
    private sealed record End(RecordedEvent? Event, IReadOnlyDictionary<string, double> Columns, double Epochs, double Seconds)
    {
        public string? Rows => Event?.Text("rows");

        public double Number(string name) => Event?.Number(name) ?? double.NaN;

        public static End Of(RunReader run)
        {
            var events = RunHistory.Standing(run.Events());
            var epochs = events.Where(e => e.Type == RecordedEventType.Epoch).ToList();
            var end = events.LastOrDefault(e => e.Type == RecordedEventType.Certificate) ?? epochs.LastOrDefault(e => e.Is("isBest")) ?? epochs.LastOrDefault();
            var columns = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var (name, value) in end?.Terms("columns") ?? [])
                columns[name] = value;
            return new(end, columns, epochs.LastOrDefault()?.Number("epoch") ?? double.NaN, events.Count > 0 ? events[^1].At : double.NaN);
        }
    }
}
