using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Tests.Training;

namespace Elbo.Tests.Missing;

public sealed class MissingnessTests
{
    private static readonly Table Mixed = MixedTable.Of(200);

    private static readonly ModelledColumn[] Columns = [.. Mixed.Columns.Select((c, i) => LikelihoodChoice.Choose(c, Mixed.Values(i)))];

    [Fact]
    public void Columns_with_holes_are_named_and_others_are_not()
    {
        var self = (SelfMaskingMissingness)Missingness.SelfMasking([new("real", MaskedEnd.High), new("category", MaskedEnd.Either)]).In(Mixed, Columns);
        Assert.Equal(["real", "category"], self.Columns.Select(c => c.Column));
        Assert.Null(self.Others);
        var rest = (SelfMaskingMissingness)(new SelfMaskingMissingness(MaskedEnd.Low, [new("count", null), new("spread", null), new("real", MaskedEnd.High)])).In(Mixed, Columns);
        Assert.Equal(
            [new("real", MaskedEnd.High), new("positive", MaskedEnd.Low), new("binary", MaskedEnd.Either), new("category", MaskedEnd.Either), new("ordinal", MaskedEnd.Either)], rest.Columns);
        Assert.Contains("the higher the value of 'real'", rest.Assumption, StringComparison.Ordinal);
        Assert.Contains("the lower the value of 'positive'", rest.Assumption, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_modelled_is_refused_with_the_remedy()
    {
        void Refuses(Missingness missing, Table table, params string[] words)
        {
            var message = Assert.Throws<ArgumentException>(() => missing.In(table, [.. Columns.Where(c => table.TryGetIndex(c.Column.Name, out _))])).Message;
            Assert.All(words, w => Assert.Contains(w, message, StringComparison.Ordinal));
        }
        Refuses(Missingness.SelfMasking(), Mixed, "'count', 'spread'", "log-normal", "ignorable");
        Refuses(Missingness.SelfMasking([new("salary", MaskedEnd.High)]), Mixed, "'salary'", "real, positive");
        Refuses(Missingness.SelfMasking([new("ordinal", MaskedEnd.High)]), Mixed, "'ordinal'", "end");
        Refuses(Missingness.Linear, Mixed, "self-masking", "'count'");
        Refuses(Missingness.Agnostic(0), Mixed, "0");
        var whole = new Table([new("real", ColumnKind.Real)], [new double[] { 1, 2, 3 }]);
        Refuses(Missingness.SelfMasking(), whole, "No cell");
        Refuses(Missingness.SelfMasking([new("real", MaskedEnd.Low)]), new Table([new("real", ColumnKind.Real), new("positive", ColumnKind.Positive)], [new double[] { 1, 2, 3 }, new double[] { 1, double.NaN, 3 }]), "no cell of it");
    }

    [Fact]
    public void Levels_have_probabilities_and_the_likely_ones_reach_the_interval()
    {
        using var model = TableVae.Fit(
            Mixed, new() { Latent = 2, Hidden = [16], Missing = Missingness.SelfMasking([new("category", MaskedEnd.Either), new("real", MaskedEnd.Either)]) }, new() { Epochs = 5, Threads = 1 });
        var filled = model.Impute(Mixed, samples: 64, interval: 0.8);
        Assert.Equal(filled.Count, filled.Cells.Count());
        foreach (var (row, name) in filled.Cells)
        {
            var column = Mixed.Column(name);
            var (probabilities, likely, interval) = (filled.Probabilities(row, name), filled.LikelyLevels(row, name), filled.Interval(row, name));
            Assert.Equal(column.HasLevels, probabilities is not null);
            Assert.Equal(!column.HasLevels || column.Kind == ColumnKind.Ordinal, interval is not null);
            if (interval is var (lower, upper))
                Assert.True(lower <= upper);
            if (probabilities is null)
                continue;
            Assert.Equal(1, probabilities.Sum(), 1e-9);
            Assert.Equal(probabilities.Max(), probabilities[(int)filled.Point(row, name)!.Value], 1e-12);
            Assert.Equal((int)filled.Point(row, name)!.Value, likely![0]);
            Assert.True(likely.Sum(l => probabilities[l]) >= 0.8 - 1e-9);
            Assert.True(likely.Take(likely.Count - 1).Sum(l => probabilities[l]) < 0.8);
        }
        Assert.Null(filled.Interval(0, "no such column"));
    }
}
