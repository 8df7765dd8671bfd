using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Classification;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo classify</c>: the classes of rows, how sure, and where it is better not to say.</summary>
internal static class ClassifyCommand
{
    private const string Description = """
        Say the class of each row, by a model that was fitted with --label.

        Columns: row, its number in DATA from 1; the column of DATA that names the rows, if there is one; class, the most
        probable one, empty where its probability is below --abstain-below; probability, of that class; and the probability
        of each class. Probabilities are scaled by the temperature that the fit found by hiding labels from itself. Labels
        in DATA are not looked at, but where there are some it is said how many were found; --curve writes how often
        answers are wrong by how often there is one.

          elbo classify customers.csv -m churn.elbo -o classes.csv
          elbo classify new.csv -m churn.elbo --abstain-below 0.9 --curve curve.csv
          elbo classify questions.csv -m routing.elbo --abstain-below 0.8
          elbo classify t10k-images-idx3-ubyte.gz -m digits.elbo --label t10k-labels-idx1-ubyte.gz -o classes.csv
        """;

    private sealed record Request(string Data, string Model, string? Label, string? Output, double AbstainBelow, string? Curve, bool ByBound, int Samples, int? Threads, bool Json);

    public static Command Create(Terminal terminal)
    {
        var (data, model, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Threads());
        var output = OptionOf.Output("The file to write: .csv, .tsv, or either with .gz. [default: standard output]");
        var label = new Option<string?>("--label") { Description = "A file of labels to compare with, as 'elbo fit --label' takes it; of a table, its own column where it has it.", HelpName = "FILE" };
        var abstain = OptionOf.Number("--abstain-below", "P", p => p is >= 0 and <= 1, "a probability from 0 to 1", "Leave the class empty where its probability is below P. [default: 0, never]");
        var curve = new Option<string?>("--curve") { Description = "A file for the curve of risk and coverage: threshold, coverage, risk.", HelpName = "FILE" };
        var samples = OptionOf.Whole("--samples", "K", 1, "Ask the model itself, p(class|row) by K draws of the code for each class, in place of its classifier.");
        var json = OptionOf.Json("How well labels were found as one JSON object in place of sentences; with --output.");
        var command = new DescribedCommand("classify", Description) { data, model, output, label, abstain, curve, samples, threads, json };
        command.SetAction(parsed => Run(terminal, new(
            parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(label), parsed.GetValue(output), parsed.GetValue(abstain) ?? 0, parsed.GetValue(curve),
            parsed.GetValue(samples) is not null, parsed.GetValue(samples) ?? 0, parsed.GetValue(threads), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Terminal terminal, Request request)
    {
        FileNames.CheckOutput(request.Output, request.Data, request.Model);
        FileNames.CheckOutput(request.Curve, request.Data, request.Model);
        if (request.Json && request.Output is null)
            throw new UsageException("--json says how well labels were found on standard output, where the classes go without --output. Name a file with --output.");
        var file = ModelFile.Load(request.Model);
        OpenedDiffusion.Refuse(file, request.Model, "It models rows given their label, and has no classifier. Fit an autoencoder with --label, without --model diffusion.");
        if (file.Classes.Count == 0)
            throw new UsageException($"{request.Model}: the model has no label, so there are no classes. Fit one with --label.");
        if (file is ImageModelFile images)
        {
            using var opened = OpenedImages.Open(request.Model, images, request.Threads, request.Data, terminal);
            var names = opened.Read.Names;
            var found = opened.Model.Classify(opened.Read.Images, request.Samples);
            return Report(terminal, request, file, found, LabelsOf(request, file, found.Rows), names is null ? null : ("image", [.. names]));
        }

        if (file is TextClassifierFile texts)
        {
            if (request.ByBound)
                throw new UsageException("--samples draws codes, and a classifier of texts has none. Leave it out.");
            var documents = OpenedTexts.Read(texts, request.Data, terminal);
            var codes = file.Classes.Index().ToDictionary(c => c.Item, c => (int?)c.Index, StringComparer.Ordinal);
            return Report(
                terminal, request, file, texts.Model.Classify(documents.Texts, isCalibrated: false),
                LabelsOf(request, file, documents.Texts.Count) ?? documents.Labels?.Select(l => l is null ? null : codes.GetValueOrDefault(l)).ToArray(),
                documents.Names is { } files ? ("text", [.. files]) : null);
        }

        using var table = OpenedTable.Open(request.Model, (TableModelFile)file, request.Threads, request.Data, terminal);
        var classes = table.Use(m => m.Classify(table.Read.Table, request.Samples));
        var known = LabelsOf(request, file, classes.Rows) ?? table.Use(m =>
        {
            var rows = m.Rows(table.Read.Table);
            return Enumerable.Range(0, rows.Count).Select(rows.LabelOf).ToArray();
        });
        return Report(terminal, request, file, classes, known, table.RowNames());
    }

    // By names: classes of which a file has none are known all the same.
    private static int?[]? LabelsOf(Request request, ModelFile file, int rows)
    {
        if (request.Label is not { } path)
            return null;
        var read = LabelFile.Read(path, rows);
        var codes = file.Classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        return [.. read.Labels.Select(l => l is not { } label ? null : codes.TryGetValue(read.Classes[label], out var code) ? (int?)code
            : throw new UsageException($"{path}: there is a label '{read.Classes[label]}', which {request.Model} does not know. It knows {Names.List(file.Classes)}."))];
    }

    private static int Report(Terminal terminal, Request request, ModelFile file, ClassProbabilities found, int?[]? labels, (string Name, string[] Texts)? names)
    {
        var classes = request.ByBound || file.Calibration is null ? found : found.At(file.Calibration.Temperature);
        int[] known = labels is null ? [] : [.. Enumerable.Range(0, classes.Rows).Where(row => labels[row] is not null)];
        if (known.Length == 0 && request.Curve is not null)
            throw new UsageException($"--curve needs rows whose label is known, and {request.Data} has none. Give their labels in its column, or with --label.");
        Write(terminal, request, file, classes, names);
        var answered = Enumerable.Range(0, classes.Rows).Count(row => classes.Best(row).Probability >= request.AbstainBelow);
        var json = new JsonObject
        {
            ["file"] = request.Data,
            ["model"] = request.Model,
            ["rows"] = classes.Rows,
            ["answered"] = answered,
            ["temperature"] = request.ByBound ? null : JsonText.Number(file.Calibration?.Temperature ?? 1),
        };
        if (known.Length == 0)
        {
            Say(terminal, request, json, request.AbstainBelow > 0 ? [$"{Numbers.Count(answered)} of {Numbers.Of(classes.Rows, "row")} have an answer."] : []);
            return ExitCode.Done;
        }

        int[] truth = [.. known.Select(row => labels![row]!.Value)];
        var judged = classes.Select(known);
        var curve = RiskCoverage.Of(judged, truth);
        var (at, error) = (curve.At(request.AbstainBelow), CalibrationError.Of(judged, truth));
        if (request.Curve is { } path)
            new TableOutput(terminal, path).Write(["threshold", "coverage", "risk"], [.. curve.Points.Select(p => (IReadOnlyList<string>)[Text(p.Threshold), Text(p.Coverage), Text(p.Risk)])]);
        json["labelled"] = known.Length;
        json["accuracy"] = JsonText.Number(ClassMeasures.Accuracy(judged, truth));
        json["logLoss"] = JsonText.Number(ClassMeasures.LogLoss(judged, truth));
        json["calibrationError"] = JsonText.Number(error.Value);
        json["coverage"] = JsonText.Number(at.Coverage);
        json["risk"] = JsonText.Number(at.Risk);
        json["riskCoverageArea"] = JsonText.Number(curve.Area);
        List<string> sentences =
        [
            string.Create(CultureInfo.InvariantCulture, $"Of {Numbers.Of(known.Length, "row")} whose label is known, {100 * ClassMeasures.Accuracy(judged, truth):F1} % were found; calibration error {100 * error.Value:F1} %, log loss {ClassMeasures.LogLoss(judged, truth):F3} nats. If the model was fitted to these labels, that flatters it."),
        ];
        if (request.AbstainBelow > 0)
            sentences.Add(string.Create(CultureInfo.InvariantCulture, $"With answers from a probability of {request.AbstainBelow} up, {100 * at.Coverage:F1} % have one, and {100 * at.Risk:F1} % of those are wrong."));
        if (file.Calibration is null && !request.ByBound)
            sentences.Add("The model was fitted without calibration, so its probabilities are as they are.");
        Say(terminal, request, json, sentences);
        return ExitCode.Done;
    }

    private static void Say(Terminal terminal, Request request, JsonObject json, IEnumerable<string> sentences)
    {
        if (request.Json)
        {
            terminal.Out.WriteLine(JsonText.Line("result", json));
            return;
        }

        foreach (var sentence in sentences)
            terminal.Notice(sentence);
    }

    private static void Write(Terminal terminal, Request request, ModelFile file, ClassProbabilities classes, (string Name, string[] Texts)? names)
    {
        string[] header = ["row", .. names is { } n ? [n.Name] : Array.Empty<string>(), "class", "probability", .. file.Classes.Select(c => $"p({c})")];
        var rows = Enumerable.Range(0, classes.Rows).Select(row =>
        {
            var (label, probability) = classes.Best(row);
            return (IReadOnlyList<string>)
                [(row + 1).ToString(CultureInfo.InvariantCulture), .. names is { } n ? [n.Texts[row]] : Array.Empty<string>(), probability >= request.AbstainBelow ? file.Classes[label] : "",
                Text(probability), .. Enumerable.Range(0, classes.Classes).Select(k => Text(classes[row, k]))];
        });
        new TableOutput(terminal, request.Output).Write(header, [.. rows]);
    }

    private static string Text(double value) => value.ToString("F6", CultureInfo.InvariantCulture);
}
