using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Cli.Commands;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Objectives;

namespace Elbo.Cli.Output;

/// <summary>The table and the result of a fit in words.</summary>
internal static class FitText
{
    private const int LongestName = 28;

    /// <summary>What each column of a file was taken for.</summary>
    public static IEnumerable<string> Table(FitTable fit, int width, bool colour)
    {
        var rows = fit.Read.Table.RowCount;
        var format = fit.Read.Schema.Format;
        var delimiter = format.Delimiter switch { ',' => "commas", '\t' => "tabs", ';' => "semicolons", '|' => "pipes", var c => $"'{c}'" };
        yield return TextLines.Wrap(
            $"{Ansi.Bold(fit.Data, colour)}: {Numbers.Of(rows, "row")}, {Numbers.Of(fit.Read.Columns.Count, "column")} between {delimiter}, {fit.Columns.Count} of them modelled.", width);
        yield return "";
        var likelihoods = fit.Columns.ToDictionary(c => c.Column.Name, c => LikelihoodWords.Of(c.Likelihood), StringComparer.Ordinal);
        var table = new TextTable(
            new TextColumn("column", Most: LongestName), new TextColumn("kind"), new TextColumn("likelihood"), new TextColumn("missing", IsRight: true), new TextColumn("why"));
        foreach (var column in fit.Read.Columns)
        {
            var missing = Numbers.Percent(column.MissingCount / (double)rows);
            if (column.LeftOut is { } reason)
                table.Add([column.Name, "-", "left out", missing, reason], line => Ansi.Dim(line, colour));
            else
                table.Add([column.Name, ColumnRequest.NameOf(column.Kind), likelihoods.GetValueOrDefault(column.Name, "label"), missing, column.Why]);
        }

        foreach (var line in table.Lines(width, colour))
            yield return line;
    }

    /// <summary>What images are and how they will be modelled.</summary>
    public static IEnumerable<string> Images(ImageFit fit, VaeOptions options, int width, bool colour)
    {
        var images = fit.Read.Images;
        var judged = fit.Validation is { } validation ? $", judged by {Numbers.Of(validation.Images.Count, "other")}" : "";
        yield return TextLines.Wrap(
            $"{Ansi.Bold(fit.Data, colour)}: {Numbers.Of(images.Count, "image")} of {images.Height} x {images.Width} pixels{Colours(images.Channels)}, {fit.Read.Format}{judged}.", width);
        yield return TextLines.Wrap($"{Model(options)}.", width);
        if (fit.Labels is { } labels)
            yield return TextLines.Wrap($"{Numbers.Of(fit.Labelled ?? 0, "image has a label", "images have a label")}, of {Numbers.Of(labels.Classes.Count, "class", "classes")}: {Names.List(labels.Classes)}.", width);
    }

    /// <summary>The parts of a model of images.</summary>
    public static string Model(VaeOptions options)
    {
        var binary = options.Binarisation switch
        {
            Binarisation.Threshold => ", black and white by one half",
            Binarisation.Draw => ", black and white drawn by the shades",
            _ => "",
        };
        var likelihood = $"likelihood {PartWords.Of(options.Likelihood ?? PixelLikelihood.Bernoulli)}{binary}";
        if (options.Hierarchy is { } hierarchy)
            return $"{PartWords.Of(hierarchy)}, {likelihood}";
        return $"{Numbers.Of(options.Latent, "latent dimension")}, {PartWords.Of(options.Architecture)}, {likelihood}, "
            + $"prior {PartWords.Of(options.Prior)}, posterior {PartWords.Of(options.Posterior)}";
    }

    /// <summary>How a constraint stands.</summary>
    public static string Of(ConstraintReport constraint) => constraint.Doubt ?? string.Create(
        CultureInfo.InvariantCulture, $"The {constraint.Name} is {constraint.Value:G5} where at most {constraint.Limit:G5} was asked for ({100 * constraint.Excess:+0.0;-0.0} %), by a multiplier of {constraint.Multiplier:G4}.");

    /// <summary>How sure classes may be.</summary>
    public static string Of(LabelCalibration calibration) => string.Create(
        CultureInfo.InvariantCulture, $"Of {Numbers.Of(calibration.Rows, "label")} that were hidden, {100 * calibration.Accuracy:F1} % were found. Probabilities of classes are scaled by a temperature of {calibration.Temperature:F2}: their calibration error was {100 * calibration.ErrorBefore:F1} %, and is {100 * calibration.Error:F1} % so.");

    /// <summary>What intervals of filled cells hold.</summary>
    public static string Of(IntervalCalibration intervals, double share) => string.Create(
        CultureInfo.InvariantCulture, $"Of {Numbers.Of(intervals.Cells, "known number")} that were hidden in held-out rows, the model's intervals of {100 * share:0.#} % hold {100 * intervals.Coverage(share):F1} %: 'elbo impute' takes those of {100 * intervals.LevelFor(share):F1} %, so that they hold what they say.");

    /// <summary>In colour, of so many channels.</summary>
    public static string Colours(int channels) => channels switch { 1 => "", 3 => " in colour", _ => $" with {channels} channels" };

    /// <summary>What a fit came to.</summary>
    public static IEnumerable<string> Result(FitResult result, int width, bool colour)
    {
        var file = result.File;
        var (report, state) = (file.Report!, file.State!);
        var row = file is ImageModelFile ? "image" : "row";
        var heldOut = result.HeldOutRows > 0 ? $", {Numbers.Count(result.HeldOutRows)} held out" : ", none held out";
        var end = state.IsFinished ? $"stopped after {file.Training.Patience} epochs without a better one" : "as many as asked for";
        yield return TextLines.Wrap(
            $"{Ansi.Bold("Trained", colour)} on {Numbers.Of(result.TrainingRows, row)}{heldOut}: {Numbers.Of(state.Epoch, "epoch")} in {Numbers.Duration(report.Seconds)}, {end}. "
            + $"The best was epoch {state.BestEpoch}; the model is the one of that epoch.", width);
        yield return "";
        var rows = report.OfHeldOutRows
            ? $"{Numbers.Of(report.Evaluation.Bound.Rows, $"held-out {row}")} (they chose the epoch, which flatters the model a little)"
            : $"{Numbers.Of(report.Evaluation.Bound.Rows, row)} it was trained on, so the numbers flatter it";
        foreach (var line in ReportText.Lines(report.Evaluation, rows, width, colour, row, file.Training.Weighted))
            yield return line;
        if (file.Calibration is { } calibration)
        {
            yield return "";
            yield return TextLines.Wrap(Of(calibration), width);
        }

        if ((file as TableModelFile)?.Intervals is { } intervals)
        {
            yield return "";
            yield return TextLines.Wrap(Of(intervals, 0.9), width);
        }

        if (result.Assumption is { } assumption)
        {
            yield return "";
            yield return TextLines.Wrap(assumption, width);
        }

        yield return "";
        yield return $"{Ansi.Green("Saved", colour)} {result.Path}. Next, for example:";
        yield return file.Classes.Count > 0 ? $"  elbo classify {result.Data} -m {result.Path} -o classes.csv"
            : file is ImageModelFile ? $"  elbo sample -m {result.Path} -n 64 -o samples.png" : $"  elbo impute {result.Data} -m {result.Path} -o filled.csv";
        if (result.Run is { } run)
            yield return $"  elbo runs show {run}";
    }
}
