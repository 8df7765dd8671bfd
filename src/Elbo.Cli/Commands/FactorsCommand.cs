using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Diagnostics.Factors;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo factors</c>: whether latent numbers tell of known factors one by one.</summary>
internal static class FactorsCommand
{
    private const int UsualRows = 10_000;

    private const string Description = """
        Score a model's codes against known factors.

        FACTORS is a table with a column for each factor and a row for each row or image of DATA, in the same order. Numbers are ordered factors, texts unordered ones. docs/disentangling.md says what each
        score means.

          elbo simulate sprites -o sprites.npy
          elbo fit sprites.npy --latent 10 --disentangle tc=6
          elbo factors sprites.npy -m sprites.elbo --factors sprites.csv --cyclic rotation
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Threads());
        var factors = new Option<string>("--factors") { Description = "The table of the factors.", HelpName = "FILE", Required = true };
        var cyclic = OptionOf.Repeated("--cyclic", "NAME", "A factor whose greatest value is its least once more, as of angles. May be given several times.");
        var rows = OptionOf.Whole("--rows", "N", 20, $"The most rows to score, drawn at random. [default: {UsualRows}]", "-n");
        var seed = OptionOf.Seed("Of everything that is drawn. [default: 1]");
        var json = OptionOf.Json("One JSON object.");
        var command = new DescribedCommand("factors", Description) { data, model, factors, cyclic, rows, seed, threads, json };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetRequiredValue(factors), parsed.GetValue(cyclic) ?? [], parsed.GetValue(rows) ?? UsualRows,
            parsed.GetValue(seed) ?? 1, parsed.GetValue(threads), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, string factors, string[] cyclic, int most, ulong seed, int? threads, bool json)
    {
        OpenedDiffusion.Refuse(ModelFile.Load(path), path, "It has no latent numbers that could tell of factors. Fit an autoencoder with --disentangle.");
        if (ModelFile.Load(path) is ImageModelFile file)
        {
            using var opened = OpenedImages.Open(path, file, threads, data, terminal);
            var images = opened.Read.Images;
            return Report(terminal, opened.Model, images, FactorFile.Read(factors, images.Count, cyclic), factors, most, seed, json);
        }

        using var table = OpenedTable.Open(path, TableModelFile.Load(path), threads, data, terminal);
        var known = FactorFile.Read(factors, table.Read.Table.RowCount, cyclic);
        return table.Use(m => Report(terminal, m.Vae, m.Rows(table.Read.Table), known, factors, most, seed, json));
    }

    private static int Report(Terminal terminal, Vae model, IRows rows, FactorTable factors, string file, int most, ulong seed, bool json)
    {
        DisentanglementScores scores;
        try
        {
            int[] all = [.. Enumerable.Range(0, rows.Count)];
            new Compute.RandomNumbers(seed, 1).Shuffle<int>(all);
            int[] chosen = [.. all.Take(most)];
            scores = DisentanglementScores.OfModel(model, new SelectedRows(rows, chosen), factors.Select(chosen), seed);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{file}: {e.Message}", e);
        }

        if (json)
        {
            terminal.Out.WriteLine(JsonText.Line("factors", Json(scores)));
            return ExitCode.Done;
        }

        if (!terminal.IsQuiet)
        {
            foreach (var line in Lines(scores, terminal.Width, terminal.HasColour))
                terminal.Out.WriteLine(line);
        }

        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(DisentanglementScores scores, int width, bool colour)
    {
        var (means, dci) = (scores.OfMeans, scores.Importances);
        var scored = new TextTable(new TextColumn(""), new TextColumn("", IsRight: true), new TextColumn(""));
        if (scores.OfPosterior is { } posterior)
            scored.Add(["MIG", Text(posterior.Score), "how much more the first latent number tells of a factor than the second; by draws of q(z|x)"]);
        scored.Add(["MIG of means", Text(means.Score), $"the same by {means.Estimator}"]);
        scored.Add(["DCI disentanglement", Text(dci.Disentanglement), "whether each latent number tells of one factor"]);
        scored.Add(["DCI completeness", Text(dci.Completeness), "whether each factor is told of by one latent number"]);
        scored.Add(["DCI informativeness", Text(dci.Informativeness), "what is told of the factors in all"]);
        scored.Add(["SAP", Text(scores.Predictability.Score), "how much better the first latent number predicts a factor than the second"]);
        scored.Add(["FactorVAE", Text(scores.Votes.Accuracy), $"how often the number that varies least tells which factor was held; chance is {Text(1.0 / means.Factors.Count)}"]);
        yield return Ansi.Bold($"Scores by {Numbers.Of(scores.Rows, "row")}, from 0 to 1", colour);
        foreach (var line in scored.Lines(width, colour: false).Skip(1))
            yield return line;
        yield return "";
        var each = new TextTable(
            new TextColumn("factor", Most: 28), new TextColumn("gap", IsRight: true), new TextColumn("told of most by"), new TextColumn("nats", IsRight: true), new TextColumn("of", IsRight: true),
            new TextColumn("told by all", IsRight: true));
        foreach (var (k, factor) in (scores.OfPosterior ?? means).Factors.Index())
            each.Add([factor.Factor, Text(factor.Gap), $"z{factor.Best + 1}", Text(factor.Information[factor.Best]), Text(factor.Entropy), Text(dci.Explained[k])]);
        foreach (var line in each.Lines(width, colour))
            yield return line;
        yield return "";
        yield return TextLines.Wrap("Scores of one model of one seed; others of the same setting can differ by as much as settings do. Compare several seeds.", width);
    }

    private static JsonObject Json(DisentanglementScores scores) => new()
    {
        ["rows"] = scores.Rows,
        ["mig"] = scores.OfPosterior is { } posterior ? posterior.Score : null,
        ["migOfMeans"] = scores.OfMeans.Score,
        ["disentanglement"] = scores.Importances.Disentanglement,
        ["completeness"] = scores.Importances.Completeness,
        ["informativeness"] = scores.Importances.Informativeness,
        ["sap"] = scores.Predictability.Score,
        ["factorVae"] = scores.Votes.Accuracy,
        ["factors"] = new JsonArray([.. (scores.OfPosterior ?? scores.OfMeans).Factors.Select((f, k) => (JsonNode?)new JsonObject
        {
            ["name"] = f.Factor,
            ["entropy"] = f.Entropy,
            ["gap"] = f.Gap,
            ["best"] = $"z{f.Best + 1}",
            ["information"] = new JsonArray([.. f.Information.Select(i => (JsonNode?)i)]),
            ["importance"] = new JsonArray([.. scores.Importances.Importance.Select(row => (JsonNode?)row[k])]),
            ["explained"] = scores.Importances.Explained[k],
        })]),
    };

    private static string Text(double number) => number.ToString("F3", CultureInfo.InvariantCulture);
}

/// <summary>Tables of known factors.</summary>
internal static class FactorFile
{
    /// <summary>Reads the factors of so many rows.</summary>
    /// <exception cref="UsageException">The table has another number of rows or cells without a value, or a name is none of its columns.</exception>
    public static FactorTable Read(string path, int rows, string[] cyclic)
    {
        var read = TableReader.Read(path);
        var table = read.Table;
        if (table.RowCount != rows)
            throw new UsageException($"{path}: it has {Numbers.Of(table.RowCount, "row")}, and the data {Numbers.Of(rows, "row")}. The factors are those of the data, in the same order.");
        if (cyclic.FirstOrDefault(name => !table.TryGetIndex(name, out _)) is { } unknown)
            throw new UsageException($"--cyclic: {path} has no column '{unknown}'{(Names.Nearest(unknown, table.Columns.Select(c => c.Name)) is { } nearest ? $" (did you mean '{nearest}'?)" : "")}.");
        try
        {
            return new([.. table.Columns.Select(c => Of(c, table.Values(c.Name), cyclic.Contains(c.Name)))]);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{path}: {e.Message}", e);
        }
    }

    private static KnownFactor Of(Tables.Column column, ReadOnlySpan<double> values, bool isCyclic)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value))
                throw new ArgumentException($"Column '{column.Name}' has cells without a value, so the factor of their rows is not known; leave the column or the rows out.");
        }

        double[] levels = [.. column.Levels.Select(l => OptionOf.Real(l) ?? double.NaN)];
        if (!column.HasLevels)
            return FactorTable.Of(column.Name, values, isCyclic);
        // A few different numbers are read as levels, which have an order all the same.
        if (!levels.Any(double.IsNaN))
            return FactorTable.Of(column.Name, Array.ConvertAll(values.ToArray(), v => levels[(int)v]), isCyclic);
        var kind = isCyclic ? FactorKind.Cyclic : column.Kind == Tables.ColumnKind.Ordinal ? FactorKind.Ordered : FactorKind.Unordered;
        return new(column.Name, column.Levels.Count, kind, [.. Array.ConvertAll(values.ToArray(), v => (int)v)]);
    }
}
