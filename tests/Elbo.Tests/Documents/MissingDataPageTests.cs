using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Objectives;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Tests.Documents;

/// <summary>docs/missing-data.md against the library: its code stands here, is compiled and run.</summary>
public class MissingDataPageTests
{
    [Fact]
    public void Its_code_runs()
    {
        var random = new RandomNumbers(1, 2);
        double[] age = [.. Enumerable.Range(0, 120).Select(_ => 40 + 10 * random.NextNormal())];
        double[] income = [.. age.Select(a => Math.Exp(0.02 * a + 0.3 * random.NextNormal()))];
        var table = new Table(
            [new("age", ColumnKind.Real), new("income", ColumnKind.Positive)], [age, income.Select(i => i > 2.5 && random.NextUniform() < 0.7 ? double.NaN : i).ToArray()]);
        // Begin.
        using var model = TableVae.Fit(table, new TableVaeOptions
        {
            Missing = Missingness.SelfMasking([new("income", MaskedEnd.High)]),
        }, new TrainingOptions { Objective = Objective.ImportanceWeighted(20) });

        var filled = model.Impute(table, draws: 20, interval: 0.9);
        foreach (var (row, column) in filled.Cells.Take(3))
            Console.WriteLine($"row {row + 1}, {column}: {filled.Point(row, column):F1} {filled.Interval(row, column)}");
        Console.WriteLine(model.Description.Missing.Assumption);
        // End.
        Assert.True(filled.Count > 5);
        PageCode.StandsOn("MissingDataPageTests.cs", "missing-data.md");
    }
}
