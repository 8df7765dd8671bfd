using System.CommandLine;
using System.Globalization;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Diffusion;
using Elbo.Models;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo impute</c>: the holes of a table, filled.</summary>
internal static class ImputeCommand
{
    private const int UsualSamples = 256;
    private const int UsualDiffusionSamples = 32;
    private const string Number = "{}";

    private const string Description = """
        Fill the missing cells of a table.

        Every observed cell comes back exactly as it was, byte for byte, and so do columns that the model leaves out.

        Without --draws each missing cell gets its best single value: the posterior mean of a number, the most probable level.
        That is no basis for standard errors. With --draws N every missing cell is drawn N times from its posterior, the cells of
        a row together, and the N tables are written one below the other with two columns in front: .imp, the imputation from 1 to N,
        and .id, the row (as R's mice has them; in Python: pandas.read_csv(FILE).groupby(".imp")). With {} in the name of FILE,
        each imputation has a file of its own, without these columns.

          elbo impute customers.csv -m customers.elbo -o filled.csv
          elbo impute customers.csv -m customers.elbo -o imputations.csv --draws 20
          elbo impute customers.csv -m customers.elbo -o filled-{}.csv --draws 20

        With --interval 0.9 a second table, --cells FILE, has a line for each filled cell: row, its number in DATA from 1, and the column of DATA that names the rows, if there is one; column; value; for numbers
        and ordered levels lower and upper, between which the cell lies with this probability; for levels probability, that of the value, and levels, the most probable ones that reach it together.

          elbo impute customers.csv -m customers.elbo -o filled.csv --interval 0.9

        A diffusion model of images completes those whose pixels --hide says are missing.

          elbo impute digits.npy -m digits.elbo --hide bottom -o completed.png
        """;

    public static Command Create(Terminal terminal)
    {
        var (data, model, samples, threads) = (OptionOf.Data(), OptionOf.Model(), OptionOf.Samples(UsualSamples), OptionOf.Threads());
        var output = OptionOf.Output("The file to write; compressed when its name ends in .gz. [default: standard output]");
        var draws = OptionOf.Whole("--draws", "N", 1, "Multiple imputations to draw. [default: none, the best single values]");
        var interval = OptionOf.Number("--interval", "P", x => x is > 0 and < 1, "a probability between 0 and 1, as 0.9", "Write for each filled cell where it lies with this probability.");
        var cells = new Option<string?>("--cells") { Description = "The file for intervals: .csv, .tsv, or either with .gz. [default: the output's name with -cells before its ending]", HelpName = "FILE" };
        var seed = OptionOf.Seed("Other seeds give other draws. [default: the seed of the fit]");
        var walk = new DiffusionPathOptions();
        var hide = new Option<string?>("--hide") { Description = $"Of images and a diffusion model: which pixels are missing, {HiddenPixels.Words}.", HelpName = "WHICH" };
        var repeats = OptionOf.Whole("--repeats", "N", 1, "Of images and a diffusion model: how often each step is done; more let what is drawn go better with what is known. [default: 5]");
        var rows = OptionOf.Whole("--rows", "N", 1, "Of images and a diffusion model: the first N. [default: 20 in a picture, all in an array]", "-n");
        var command = new DescribedCommand("impute", Description) { data, model, output, draws, interval, cells, samples, walk.Steps, walk.Path, walk.FreshNoise, hide, repeats, rows, seed, threads };
        command.Validators.Add(result =>
        {
            if (result.GetValue(draws) is null && result.GetValue(output)?.Contains(Number, StringComparison.Ordinal) == true)
                result.AddError("{} in the name of the output stands for the number of an imputation: say how many with --draws.");
            if (result.GetResult(cells) is not null && result.GetResult(interval) is null)
                result.AddError("--cells is the file for intervals: say how wide they are, as in --interval 0.9.");
            if (result.GetResult(interval) is not null && result.GetResult(cells) is null && result.GetResult(output) is null)
                result.AddError("--interval writes a second table: name its file with --cells, or that of the filled table with --output.");
        });
        command.SetAction(parsed =>
        {
            var (path, loaded) = (parsed.GetRequiredValue(model), ModelFile.Load(parsed.GetRequiredValue(model)));
            var diffusion = loaded as DiffusionModelFile;
            if (diffusion is null)
                walk.Refuse(parsed, path, hide, repeats, rows);
            if (parsed.GetValue(hide) is { } hidden || loaded is ImageDiffusionFile)
                return Inpaint(parsed, path, diffusion!);
            if (parsed.GetResult(repeats) is { Implicit: false } || parsed.GetResult(rows) is { Implicit: false })
                throw new UsageException($"--repeats and --rows are of images, and {path} is a model of a table. Leave them out.");
            var steps = diffusion is null ? null : walk.Of(parsed) is var asked && asked.Steps is null ? asked with { Steps = Math.Min(50, diffusion.Options.Levels) } : asked;
            return Run(terminal, new Request(parsed.GetRequiredValue(data), path, parsed.GetValue(output), parsed.GetValue(draws),
                parsed.GetValue(samples) ?? (diffusion is null ? UsualSamples : UsualDiffusionSamples), parsed.GetValue(seed), parsed.GetValue(threads))
            {
                Sampling = steps,
                Interval = parsed.GetValue(interval),
                Cells = parsed.GetValue(interval) is null ? null : parsed.GetValue(cells) ?? FileNames.Beside(parsed.GetValue(output)!.Replace(Number, "", StringComparison.Ordinal), "cells"),
            });
        });
        return command;

        int Inpaint(ParseResult parsed, string path, DiffusionModelFile diffusion)
        {
            var to = parsed.GetValue(output);
            FileNames.CheckOutput(to, parsed.GetRequiredValue(data), path);
            if (new Option[] { draws, interval, cells, samples }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } wrong)
                throw new UsageException($"{wrong.Name} is for tables, and {path} is a model of images. Leave it out; other seeds give other draws.");
            var hidden = parsed.GetValue(hide) ?? throw new UsageException($"{path}: this is a model of images, which have no missing cells. Say with --hide which pixels are missing: {HiddenPixels.Words}.");
            var asked = walk.Of(parsed);
            using var opened = OpenedDiffusion.Open(path, diffusion, parsed.GetValue(threads), parsed.GetRequiredValue(data), terminal);
            return opened.Inpaint(terminal, to, new(hidden), parsed.GetValue(rows), asked with { Steps = asked.Steps ?? Math.Min(50, diffusion.Options.Levels), Repeats = parsed.GetValue(repeats) ?? 5 }, parsed.GetValue(seed) ?? diffusion.Seed);
        }
    }

    private sealed record Request(string Data, string Model, string? Output, int? Draws, int Samples, ulong? Seed, int? Threads)
    {
        /// <summary>How a diffusion model draws; null for another.</summary>
        public SamplingOptions? Sampling { get; init; }

        /// <summary>The probability of intervals; null for none.</summary>
        public double? Interval { get; init; }

        /// <summary>Where they go.</summary>
        public string? Cells { get; init; }

        /// <summary>The names of the files, one for each imputation; null where all goes to one place.</summary>
        public IReadOnlyList<string>? Files => Draws is { } draws && Output?.Contains(Number, StringComparison.Ordinal) == true
            ? [.. Enumerable.Range(1, draws).Select(n => Output.Replace(Number, n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))]
            : null;
    }

    private static int Run(Terminal terminal, Request request)
    {
        foreach (var output in request.Files ?? (request.Output is null ? [] : [request.Output]))
            FileNames.CheckOutput(output, request.Data, request.Model);
        if (request.Cells is { } forCells)
        {
            FileNames.CheckOutput(forCells, request.Data, request.Model);
            FileNames.CheckOther(forCells, request.Files ?? (request.Output is null ? [] : [request.Output]), "--cells");
        }

        var loaded = ModelFile.Load(request.Model);
        if (loaded is TextModelFile)
            throw new UsageException($"{request.Model}: this is a model of texts, which have no missing cells. Name a model that was fitted to a table.");
        if (loaded is TableDiffusionFile diffusion)
        {
            using var opened = OpenedDiffusion.Open(request.Model, diffusion, request.Threads, request.Data, terminal);
            var (read, imputation) = opened.Impute(request.Draws ?? 0, request.Samples, request.Sampling, request.Seed, request.Interval);
            if (diffusion.Description.Label is { Column.Name: var label } && read.Columns.FirstOrDefault(c => c.Name == label) is { MissingCount: > 0 and var missing })
                terminal.Notice($"{Numbers.Of(missing, "missing cell")} of the label '{label}' stay as they are: rows are modelled given it. To fill them, fit without --label.");
            return Finish(terminal, request, read, imputation, Likelihoods.Missingness.Ignorable.Assumption, opened.RowNames);
        }

        if (loaded is not TableModelFile file)
            throw new UsageException($"{request.Model}: this is a model of images, which have no missing cells; 'elbo reconstruct' shows them as the model sees them.");
        using var table = OpenedTable.Open(request.Model, file, request.Threads, request.Data, terminal);
        var filled = table.Use(m => m.Impute(table.Read.Table, request.Draws ?? 0, request.Samples, request.Seed, request.Interval, file.Intervals));
        if (request.Interval is { } share)
            terminal.Notice(file.Intervals is { } intervals ? FitText.Of(intervals, share) : "Intervals are as wide as the model takes them, and it is not known what they hold: a fit measures that where it holds rows back, knows numbers in them, and does not model the holes.");
        return Finish(terminal, request, table.Read, filled, file.Description.Missing.Assumption, table.RowNames);
    }

    private static int Finish(Terminal terminal, Request request, TableReadResult read, TableImputation imputation, string assumption, Func<(string Name, string[] Texts)?> rowNames)
    {
        SayWhatStays(terminal, read);
        if (imputation.Count > 0)
            terminal.Notice(assumption);
        Write(terminal, request, read.Schema, imputation);
        if (request.Cells is { } path)
            ImputedCells.Write(new(terminal, path), read.Schema, imputation, rowNames());
        var cells = Numbers.Of(imputation.Count, "missing cell");
        var what = request.Draws is { } draws ? $"{cells} drawn {Numbers.Of(draws, "time")}" : $"{cells} filled";
        new TableOutput(terminal, request.Output).Done($"{Numbers.Of(read.Table.RowCount, "row")}, {what}");
        return ExitCode.Done;
    }

    private static void Write(Terminal terminal, Request request, TableSchema schema, TableImputation imputation)
    {
        CellFormatter[] formats = [.. schema.Columns.Select(c => new CellFormatter(c))];
        string? Text(int column, double? value) => value is { } number ? formats[column].Format(number) : null;
        string? Point(int row, int column) => Text(column, imputation.Point(row, schema.Columns[column].Column.Name));
        string? Draw(int draw, int row, int column) => Text(column, imputation.Draw(row, schema.Columns[column].Column.Name, draw));

        switch (request)
        {
            case { Files: { } files }:
                for (var draw = 0; draw < files.Count; draw++)
                {
                    var number = draw;
                    TableRewriter.Rewrite(request.Data, schema, files[draw], (row, column) => Draw(number, row, column));
                }

                break;
            case { Draws: { } draws, Output: { } output }:
                TableRewriter.Stack(request.Data, schema, output, draws, Draw);
                break;
            case { Output: { } output }:
                TableRewriter.Rewrite(request.Data, schema, output, Point);
                break;
            case { Draws: { } draws }:
                terminal.WriteTable(stream => TableRewriter.Stack(request.Data, schema, stream, draws, Draw));
                break;
            default:
                terminal.WriteTable(stream => TableRewriter.Rewrite(request.Data, schema, stream, Point));
                break;
        }
    }

    private static void SayWhatStays(Terminal terminal, TableReadResult read)
    {
        var left = read.Columns.Where(c => c.LeftOut is not null && c.MissingCount > 0).ToList();
        if (left.Count > 0)
        {
            terminal.Notice(
                $"{Numbers.Of(left.Sum(c => c.MissingCount), "missing cell")} of columns that the model leaves out stay as they are: {Names.List(left.Select(c => c.Name))}.");
        }
    }
}
