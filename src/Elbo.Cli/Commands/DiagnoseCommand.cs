using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Diagnostics;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo diagnose</c>: what a model is worth, and why its bound is not tighter.</summary>
internal static class DiagnoseCommand
{
    private const int UsualRows = 1000;
    private const int UsualHardRows = 20;
    private const int UsualSamples = 128;
    private const int UsualTemperatures = 200;

    private const string Description = """
        Examine a model: where its bound is lost, what its code is used for, and whether its samples are like data.

        The bound: its terms, column by column or block of pixels by block, and latent by latent; which term costs most, and
        since which epoch. The code: how many dimensions are in use, and what the divergence pays for. Between the bound and
        ln p(x): what the family of q costs and what the encoder costs, by refining q for some rows; ln p(x) by annealing, and
        between two bounds for rows that the model made itself; and what follows for probabilities under q. Samples: tests
        against data, and a warning where bound and samples disagree.

        Of a diffusion model: the terms of its bound by level of noise, what the simple loss looks at beside them, and what is
        lost by the range of noise and the number of steps.

        DATA may be what the model was fitted to: then its held-out rows are looked at. docs/diagnostics.md explains each
        instrument.

          elbo diagnose customers.csv -m customers.elbo
          elbo diagnose t10k-images-idx3-ubyte.gz -m digits.elbo --training train-images-idx3-ubyte.gz --json
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, samples, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Samples(UsualSamples), OptionOf.Threads());
        var training = new Option<string?>("--training") { Description = "What the model was fitted to, for comparison, where DATA is something else.", HelpName = "FILE" };
        var rows = OptionOf.Whole("--rows", "N", 1, $"The most rows to look at, drawn at random. [default: {UsualRows}]", "-n");
        var hard = OptionOf.Whole("--hard-rows", "N", 0, $"The most rows whose q is refined and whose evidence is annealed, which takes long; 0 for none. [default: {UsualHardRows}]");
        var temperatures = OptionOf.Whole("--temperatures", "N", 1, $"Temperatures of the annealing: more miss less. [default: {UsualTemperatures}]");
        var seed = OptionOf.Seed("Of everything that is drawn. [default: 1]");
        var json = OptionOf.Json("One JSON object.");
        var curve = new Option<string?>("--curve") { Description = "Of a diffusion model: a file for the terms level by level, .csv, .tsv or .svg.", HelpName = "FILE" };
        var command = new DescribedCommand("diagnose", Description) { data, model, training, rows, hard, samples, temperatures, curve, seed, threads, json };
        command.SetAction(parsed =>
        {
            var (path, to) = (parsed.GetRequiredValue(model), parsed.GetValue(curve));
            if (ModelFile.Load(path) is DiffusionModelFile diffusion)
            {
                FileNames.CheckOutput(to, parsed.GetRequiredValue(data), path);
                if (new Option[] { training, hard, temperatures }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } wrong)
                    throw new UsageException($"{wrong.Name} is of models with a code, and {path} is a diffusion model. Leave it out.");
                using var opened = OpenedDiffusion.Open(path, diffusion, parsed.GetValue(threads), parsed.GetRequiredValue(data), terminal);
                return opened.Diagnose(terminal, parsed.GetValue(rows) ?? UsualRows, parsed.GetValue(samples) ?? DiffusionRequest.UsualVisits, parsed.GetValue(seed) ?? 1, to, parsed.GetValue(json));
            }

            if (to is not null)
                throw new UsageException($"--curve is of diffusion models, and {path} is none. Leave it out.");
            return Run(
            terminal, parsed.GetRequiredValue(data), parsed.GetRequiredValue(model), parsed.GetValue(training), parsed.GetValue(json),
            new(
                parsed.GetValue(rows) ?? UsualRows, parsed.GetValue(hard) ?? UsualHardRows, parsed.GetValue(samples) ?? UsualSamples,
                parsed.GetValue(temperatures) ?? UsualTemperatures, parsed.GetValue(seed) ?? 1, parsed.GetValue(threads)));
        });
        return command;
    }

    private static int Run(Terminal terminal, string data, string path, string? training, bool json, DiagnosisRequest request)
    {
        var isSilent = json || terminal.IsQuiet;
        void Say(string what)
        {
            if (!isSilent)
                terminal.Error.WriteLine(Ansi.Dim($"Looking at {what} …", terminal.ErrorHasColour));
        }

        var model = ModelFile.Load(path);
        var diagnosis = model is ImageModelFile file
            ? OfImages(terminal, data, path, file, training, request, Say)
            : OfTable(terminal, data, path, TableModelFile.Load(path), training, request, Say);
        if (model.Training.Weighted is { } weighted)
            diagnosis.Notes.Insert(0, weighted);
        if (json)
        {
            var result = DiagnosisJson.Of(diagnosis);
            result.Insert(0, "file", data);
            result.Insert(1, "model", path);
            terminal.Out.WriteLine(JsonText.Line("diagnosis", result));
            return ExitCode.Done;
        }

        if (terminal.IsQuiet)
            return ExitCode.Done;
        var rows = diagnosis.Rows;
        var which = rows.AreTrainedOn ? $"{rows.Row}s that it was trained on, so the numbers flatter it" : $"{rows.Row}s that it was not trained on";
        var chosen = rows.Judged.Count < rows.Of ? $", drawn from {Numbers.Count(rows.Of)}" : "";
        terminal.Out.WriteLine(TextLines.Wrap($"{Ansi.Bold(path, terminal.HasColour)} by {data}: {Numbers.Count(rows.Judged.Count)} {which}{chosen}.", terminal.Width));
        terminal.Out.WriteLine();
        foreach (var line in DiagnosisText.Lines(diagnosis, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
        return ExitCode.Done;
    }

    private static Diagnosis OfImages(
        Terminal terminal, string data, string path, ImageModelFile file, string? training, DiagnosisRequest request, Action<string> say)
    {
        using var opened = OpenedImages.Open(path, file, request.Threads, data, terminal);
        var (model, images) = (opened.Model, opened.Read.Images);
        var split = Split(file, ImageModelFile.FingerprintOf(images) == file.Fingerprint, images.Count, request, null);
        var judged = images.Select(split.Judged);
        var known = training is not null ? ImageReader.Read(training, OpenedImages.ReadingFor(file, ImageReadOptions.Default)).Images : split.Training is { } trained ? images.Select(trained) : null;
        if (known is not null && known.Size != images.Size)
            throw new UsageException($"{training}: its images are of another size than those of {data}.");
        known = known?.Select(Some(known.Count, MostTraining, request.Seed));
        Points Drawn(int count, ulong seed) => new(model.Sample(count, seed), model.Observation.Size);
        // Without images to compare with, what is drawn is compared with what is read; a model that makes them binary sees other ones.
        var isSame = file.Description.Options.Binarisation is Likelihoods.Binarisation.None;
        var rows = new DiagnosedRows(
            "image", judged, split.Of, split.AreTrainedOn, isSame || known is not null ? Points.Of(judged) : null, known is null ? null : Points.Of(known), Drawn,
            isSame || known is not null ? null : "Samples are not compared with data: the model makes images black and white. Give what it was fitted to with --training.");
        return Diagnosis.Of(model, rows, file.State, known is null || split.AreTrainedOn ? null : (known, judged), request, say);
    }

    // Of more, the search for copies takes long.
    private const int MostTraining = 10_000;

    private static Diagnosis OfTable(
        Terminal terminal, string data, string path, TableModelFile file, string? training, DiagnosisRequest request, Action<string> say)
    {
        using var opened = OpenedTable.Open(path, file, request.Threads, data, terminal);
        var (model, table) = (opened.Model, opened.Read.Table);
        var rowsOf = file.Description.Label is null ? null : model.Rows(table);
        var split = Split(file, TableModelFile.FingerprintOf(table) == file.Fingerprint, table.RowCount, request, rowsOf is null ? null : row => rowsOf.LabelOf(row) is not null);
        var judged = table.SelectRows(split.Judged);
        var known = training is not null ? TableReader.Read(training, file.Schema).Table : split.Training is { } trained ? table.SelectRows(trained) : null;
        var columns = file.Description.Columns;
        return opened.Use(_ =>
        {
            var whole = TablePoints.Of(judged, columns);
            var rows = new DiagnosedRows(
                "row", model.Rows(judged), split.Of, split.AreTrainedOn, whole, known is null ? null : TablePoints.Of(known, columns),
                (count, seed) => TablePoints.Of(model.Sample(count, seed), columns)!,
                whole is null ? "Samples are not compared with data: every row has a missing cell." : null);
            return Diagnosis.Of(model.Vae, rows, file.State, null, request, say);
        });
    }

    // Which rows to look at. Of those that it was fitted to, those held out are known by the seed.
    private static (int[] Judged, int[]? Training, int Of, bool AreTrainedOn) Split(ModelFile file, bool isKnown, int count, DiagnosisRequest request, Func<int, bool>? isLabelled)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        var (trained, heldOut) = isKnown ? file.Training.Split(count, file.Seed, isLabelled) : ([], all);
        var judged = heldOut.Length > 0 ? heldOut : all;
        int[] chosen = [.. Some(judged.Length, request.Rows, request.Seed).Select(i => judged[i])];
        return (chosen, isKnown && heldOut.Length > 0 ? trained : null, judged.Length, isKnown && heldOut.Length == 0);
    }

    private static int[] Some(int count, int most, ulong seed)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        if (count <= most)
            return all;
        new RandomNumbers(seed, 0x646961).Shuffle<int>(all);
        Array.Sort(all, 0, most);
        return all[..most];
    }
}
