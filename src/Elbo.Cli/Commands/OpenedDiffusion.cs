using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Data.Pictures;
using Elbo.Diffusion;
using Elbo.Images;
using Elbo.Models;

namespace Elbo.Cli.Commands;

/// <summary>A diffusion model from its file, and where wanted data read for it; and what the commands say of them.</summary>
internal sealed class OpenedDiffusion : IDisposable
{
    private readonly DiffusionModelFile _file;
    private readonly string _path;
    private readonly TableDiffusion? _table;
    private readonly DiffusionModel _model;

    // Of data that were read.
    private string _data = "";
    private TableReadResult? _tableRead;
    private ImageReadResult? _imagesRead;

    private OpenedDiffusion(string path, DiffusionModelFile file, int? threads)
    {
        (_path, _file) = (path, file);
        _table = (file as TableDiffusionFile)?.Open(path, threads);
        _model = _table?.Model ?? ((ImageDiffusionFile)file).Open(path, threads);
    }

    private string Row => _table is null ? "image" : "row";

    /// <summary>Opens a model.</summary>
    public static OpenedDiffusion Open(string path, DiffusionModelFile file, int? threads) => new(path, file, threads);

    /// <summary>Opens a model and reads data as those were read that it was fitted to.</summary>
    /// <exception cref="UsageException">The data are not such as it was fitted to.</exception>
    public static OpenedDiffusion Open(string path, DiffusionModelFile file, int? threads, string data, Terminal terminal)
    {
        TableReadResult? table = null;
        ImageReadResult? images = null;
        if (file is TableDiffusionFile ofTable)
            table = TableReader.Read(data, ofTable.Schema, ofTable.Description.Label?.Column.Name);
        if (file is ImageDiffusionFile ofImages)
        {
            images = ImageReader.Read(data, ReadingFor(ofImages, ImageReadOptions.Default));
            var (has, wanted) = (images.Images, ofImages.Description.Shape);
            if ((has.Height, has.Width, has.Channels) != (wanted.Height, wanted.Width, wanted.Channels))
                throw new UsageException($"{data}: its images have {has.Height} x {has.Width} pixels{FitText.Colours(has.Channels)}; {path} is a model of {wanted.Height} x {wanted.Width} pixels{FitText.Colours(wanted.Channels)}.");
        }

        foreach (var notice in table?.Notices ?? images!.Notices)
            terminal.Notice(notice);
        return new(path, file, threads) { _data = data, _tableRead = table, _imagesRead = images };
    }

    /// <summary>How images are read for a model: their size is known.</summary>
    public static ImageReadOptions ReadingFor(ImageDiffusionFile file, ImageReadOptions asked) =>
        asked.Shape is null && file.Description.Shape is { Channels: 1 or 3 } shape ? asked with { Shape = new(shape.Height, shape.Width, shape.Channels) } : asked;

    /// <summary>Refuses a command that makes no sense for a diffusion model.</summary>
    /// <exception cref="UsageException">The file is of one.</exception>
    public static void Refuse(ModelFile file, string path, string why)
    {
        if (file is DiffusionModelFile)
            throw new UsageException($"{path}: this is a diffusion model. {why}");
    }

    private IRows Rows => Use(() => _table?.Rows(_tableRead!.Table) ?? _imagesRead!.Images);

    private bool IsKnown => (_tableRead is { } table ? TableModelFile.FingerprintOf(table.Table) : ImageModelFile.FingerprintOf(_imagesRead!.Images)) == _file.Fingerprint;

    private T Use<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{(_data.Length > 0 ? _data : _path)}: {e.Message}", e);
        }
    }

    /// <summary>The bound of all rows.</summary>
    public int Evaluate(Terminal terminal, int visits, bool json)
    {
        var rows = Rows;
        var (bound, limit) = (_model.Evaluate(rows, visits), _model.EvaluateContinuous(rows, visits).Total);
        if (json)
        {
            var result = new JsonObject { ["file"] = _data, ["model"] = _path, ["isTrainingTable"] = IsKnown };
            DiffusionText.AddBound(result, bound, limit);
            terminal.Out.WriteLine(JsonText.Line("result", result));
            return ExitCode.Done;
        }

        if (IsKnown)
            terminal.Notice($"these are the {Row}s that the model was fitted to. Most of them were trained on, so these numbers flatter the model; 'elbo info' shows those of the {Row}s that judged it.");
        if (!terminal.IsQuiet)
        {
            foreach (var line in DiffusionText.Lines(bound, limit, $"{Numbers.Of(bound.Rows, Row)} of {_data} under {_path}", _file, Row, terminal.Width, terminal.HasColour))
                terminal.Out.WriteLine(line);
        }

        return ExitCode.Done;
    }

    /// <summary>The bound of each row, the least first.</summary>
    public int Score(Terminal terminal, string? output, int visits)
    {
        var scores = _model.EvaluateRows(Rows, Math.Max(2, visits));
        var names = _table is null ? (_imagesRead!.Names is { } files ? ("image", [.. files]) : null) : OpenedTable.RowNames(_data, _tableRead!);
        string[] header = ["row", .. names is { } n ? [n.Name] : Array.Empty<string>(), "elbo", "error"];
        var rows = Enumerable.Range(0, scores.Count).OrderBy(row => scores[row].Value).Select(row => (IReadOnlyList<string>)
            [(row + 1).ToString(CultureInfo.InvariantCulture), .. names is { } n ? [n.Texts[row]] : Array.Empty<string>(), Text(scores[row].Value), Text(scores[row].StandardError)]);
        new TableOutput(terminal, output).Write(header, [.. rows]);
        return ExitCode.Done;
    }

    /// <summary>New rows.</summary>
    public int Sample(Terminal terminal, string? output, int count, SamplingOptions options, ulong seed)
    {
        if (_table is null)
        {
            var to = new ImageOutput(terminal, output);
            to.Write(AsImages(Use(() => _model.Sample(count, options, seed))), null, Numbers.Of(count, "image"));
            return ExitCode.Done;
        }

        var file = (TableDiffusionFile)_file;
        var sampled = Use(() => _table.Sample(count, options, seed));
        new TableOutput(terminal, output).Write(sampled.SelectColumns([.. file.Schema.Columns.Select(c => c.Column.Name)]), file.Schema);
        return ExitCode.Done;
    }

    /// <summary>Values for missing cells of a table.</summary>
    public (TableReadResult Read, TableImputation Imputation) Impute(int draws, int samples, SamplingOptions? options, ulong? seed, double? interval)
    {
        var table = _table ?? throw new UsageException($"{_path}: this is a model of images. Say with --hide which of their pixels are missing.");
        return (_tableRead!, Use(() => table.Impute(_tableRead!.Table, draws, samples, options, seed, interval)));
    }

    /// <summary>Columns that name rows of the table.</summary>
    public (string Name, string[] Texts)? RowNames() => OpenedTable.RowNames(_data, _tableRead!);

    /// <summary>Images whose hidden pixels are drawn anew.</summary>
    public int Inpaint(Terminal terminal, string? output, HiddenPixels hidden, int? count, SamplingOptions options, ulong seed)
    {
        const int Usual = 20;
        const int Across = 10;
        if (_table is not null)
            throw new UsageException($"{_path}: this is a model of a table, whose missing cells are found in {_data}. Leave --hide out.");
        var to = new ImageOutput(terminal, output);
        var all = _imagesRead!.Images;
        var images = all.Select([.. Enumerable.Range(0, Math.Min(all.Count, count ?? (to.IsPicture ? Usual : all.Count)))]);
        var isKnown = hidden.IsKnown(images, _data);
        var values = new float[images.Count * images.Size];
        images.Fill([.. Enumerable.Range(0, images.Count)], values, []);
        var completed = AsImages(Use(() => _model.Complete(values, isKnown, options, seed)));
        if (!to.IsPicture)
        {
            to.Write(completed, null, Numbers.Of(images.Count, "image"));
            return ExitCode.Done;
        }

        // What is known in the first row, hidden pixels half black; below it what was drawn.
        for (var i = 0; i < values.Length; i++)
            values[i] = isKnown[i] ? values[i] : 0.5f;
        to.Write(ImageRows.Interleave([AsImages(values), completed], Math.Min(Across, images.Count)), Math.Min(Across, images.Count), $"{Numbers.Of(images.Count, "image")}, each with its hidden pixels grey, and completed below");
        return ExitCode.Done;
    }

    /// <summary>Where the nats of the bound are.</summary>
    public int Diagnose(Terminal terminal, int most, int visits, ulong seed, string? curve, bool json)
    {
        var all = Rows;
        var (trained, heldOut) = IsKnown ? _file.Training.Split(all.Count, _file.Seed) : ([], [.. Enumerable.Range(0, all.Count)]);
        int[] judged = heldOut.Length > 0 ? heldOut : trained;
        if (judged.Length > most)
        {
            new RandomNumbers(seed, 0x646961).Shuffle<int>(judged);
            judged = [.. judged[..most].Order()];
        }

        var rows = new SelectedRows(all, judged);
        // Every level is to be seen by some rows.
        var (bound, limit) = (_model.Evaluate(rows, visits), _model.EvaluateContinuous(rows, visits).Total);
        var bands = NoiseBand.Of(bound, _model.Chain);
        if (curve is not null)
            WriteCurve(terminal, curve, bound);
        if (json)
        {
            var result = new JsonObject { ["file"] = _data, ["model"] = _path, ["areTrainedOn"] = IsKnown && heldOut.Length == 0 };
            DiffusionText.AddBound(result, bound, limit);
            result["bands"] = new JsonArray([.. bands.Select(b => (JsonNode?)DiffusionText.Json(b))]);
            terminal.Out.WriteLine(JsonText.Line("diagnosis", result));
            return ExitCode.Done;
        }

        if (terminal.IsQuiet)
            return ExitCode.Done;
        var which = IsKnown && heldOut.Length == 0 ? $"{Row}s that it was trained on, so the numbers flatter it" : $"{Row}s that it was not trained on";
        terminal.Out.WriteLine(TextLines.Wrap($"{Ansi.Bold(_path, terminal.HasColour)} by {_data}: {Numbers.Count(judged.Length)} {which}.", terminal.Width));
        terminal.Out.WriteLine();
        foreach (var line in DiffusionText.Diagnosis(bound, limit, bands, _file, Row, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
        return ExitCode.Done;
    }

    private void WriteCurve(Terminal terminal, string path, DiffusionBound bound)
    {
        var levels = bound.Levels.Where(l => l.Level > 1).ToList();
        if (path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
        {
            // Nats of a unit of γ: what does not depend on how many levels there are.
            double[] at = [.. levels.Select(l => _model.Chain[l.Level].LogNoise)];
            var (x, nats, errors) = DiffusionText.Smoothed(at, [.. levels.Select(l => l.Term.Value / _model.Chain.StepTo(l.Level).Increase)], [.. levels.Select(l => l.SquaredError.Value)]);
            var steps = new Plot("Where the nats of the bound are") { X = new("logarithm of noise over signal, γ"), Y = new($"nats per {Row} and unit of γ") }.Line("the bound", x, nats);
            var simple = new Plot("What the simple loss looks at") { X = new("logarithm of noise over signal, γ"), Y = new("squared error of the noise") }.Line("E‖ε − ε̂‖²", x, errors);
            new Panels("", 1, steps, simple).Save(path);
            new TableOutput(terminal, path).Done("a curve over the levels");
            return;
        }

        new TableOutput(terminal, path).Write(
            ["level", "log_noise", "term", "term_error", "squared_error", "cost"],
            [.. bound.Levels.Select(l => (IReadOnlyList<string>)[l.Level.ToString(CultureInfo.InvariantCulture), Text(_model.Chain[l.Level].LogNoise), Text(l.Term.Value), Text(l.Term.StandardError), Text(l.SquaredError.Value), Text(l.Cost)])]);
    }

    private ImageSet AsImages(ReadOnlySpan<float> values)
    {
        var shape = _model.Shape;
        return ImageSet.Of(shape.Height, shape.Width, shape.Channels, values);
    }

    private static string Text(double value) => value.ToString("F6", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (_table is not null)
            _table.Dispose();
        else
            _model.Dispose();
    }
}
