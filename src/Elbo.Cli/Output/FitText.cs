using Elbo.Cli.Commands;
using Elbo.Data;

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
                table.Add([column.Name, ColumnRequest.NameOf(column.Kind), likelihoods[column.Name], missing, column.Why]);
        }

        foreach (var line in table.Lines(width, colour))
            yield return line;
    }

    /// <summary>What a fit came to.</summary>
    public static IEnumerable<string> Result(FitResult result, int width, bool colour)
    {
        var file = result.File;
        var (report, state) = (file.Report!, file.State!);
        var heldOut = result.HeldOutRows > 0 ? $", {Numbers.Count(result.HeldOutRows)} held out" : ", none held out";
        var end = state.IsFinished ? $"stopped after {file.Description.Training.Patience} epochs without a better one" : "as many as asked for";
        yield return TextLines.Wrap(
            $"{Ansi.Bold("Trained", colour)} on {Numbers.Of(result.TrainingRows, "row")}{heldOut}: {Numbers.Of(state.Epoch, "epoch")} in {Numbers.Duration(report.Seconds)}, {end}. "
            + $"The best was epoch {state.BestEpoch}; the model is the one of that epoch.", width);
        yield return "";
        var rows = report.OfHeldOutRows
            ? $"{Numbers.Of(report.Evaluation.Bound.Rows, "held-out row")} (they chose the epoch, which flatters the model a little)"
            : $"{Numbers.Of(report.Evaluation.Bound.Rows, "row")} it was trained on, so the numbers flatter it";
        foreach (var line in ReportText.Lines(report.Evaluation, rows, width, colour))
            yield return line;
        yield return "";
        yield return $"{Ansi.Green("Saved", colour)} {result.Path}. Next, for example:";
        yield return $"  elbo impute {result.Data} -m {result.Path} -o filled.csv";
    }
}
