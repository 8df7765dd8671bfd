using Elbo.Inference;
using Elbo.Programs;

namespace Elbo.Recording;

/// <summary>What is to be seen of a posterior: its numbers with the prior beside, and predictions beside the data.</summary>
internal static class PosteriorViews
{
    private const int MostDraws = 10_000;
    private const int PriorDraws = 2000;

    // Numbers of all draws together.
    private const int LargestDraws = 20_000_000;
    private const int MostPredicted = 100_000;
    private const int MostRows = 2000;

    /// <summary>Each number of a posterior beside its prior.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="dimension">How many unknowns it has.</param>
    /// <param name="prior">Draws of the model before it saw data; null where a prior cannot be drawn from.</param>
    public static TableMade Numbers(Posterior posterior, int dimension, Func<int, Draws?> prior)
    {
        var lines = posterior.Summary(DrawsFor(dimension, MostDraws)).Lines.Take(MostRows).ToList();
        var before = OfPrior(prior(DrawsFor(dimension, PriorDraws)));
        FitColumn Of(string name, Func<SummaryLine, double> number) => FitColumn.Of(name, [.. lines.Select(number)]);
        FitColumn Before(string name, Func<double[], double> number) => FitColumn.Of(name, [.. lines.Select(l => before.TryGetValue(l.Name, out var values) ? number(values) : double.NaN)]);
        FitColumn[] columns =
        [
            FitColumn.Of("name", [.. lines.Select(l => (string?)l.Name)]),
            Of("mean", l => l.Mean), Of("sd", l => l.Sd), Of("q05", l => l.Q05), Of("median", l => l.Median), Of("q95", l => l.Q95), Of("effective", l => l.EffectiveDraws),
            Before("prior mean", v => v.Average()), Before("prior sd", Deviation), Before("prior q05", v => Quantile(v, 0.05)), Before("prior median", v => Quantile(v, 0.5)), Before("prior q95", v => Quantile(v, 0.95)),
        ];
        return new(FitTableKind.Posterior, "The posterior, and the prior beside it", columns);
    }

    /// <summary>Each datum beside what the posterior predicts; null where there are none, or too many.</summary>
    /// <param name="data">The data, as one draw.</param>
    /// <param name="predict">So many draws of the data anew.</param>
    public static TableMade? Predictions(Draws data, Func<int, Draws> predict)
    {
        var numbers = data.Numbers.ToList();
        if (numbers.Count is 0 or > MostPredicted)
            return null;
        var draws = predict(DrawsFor(numbers.Count, 1000));
        var every = (numbers.Count + MostRows - 1) / MostRows;
        var shown = numbers.Where((_, i) => i % every == 0).Select(n => (n.Label, Datum: data.Of(n.Quantity, n.Index)[0], Values: Sorted(draws.Of(n.Quantity, n.Index)))).ToList();
        FitColumn[] columns =
        [
            FitColumn.Of("name", [.. shown.Select(s => (string?)s.Label)]),
            FitColumn.Of("data", [.. shown.Select(s => s.Datum)]),
            FitColumn.Of("mean", [.. shown.Select(s => s.Values.Average())]),
            FitColumn.Of("q05", [.. shown.Select(s => Quantile(s.Values, 0.05))]),
            FitColumn.Of("median", [.. shown.Select(s => Quantile(s.Values, 0.5))]),
            FitColumn.Of("q95", [.. shown.Select(s => Quantile(s.Values, 0.95))]),
            FitColumn.Of("rank", [.. shown.Select(s => Rank(s.Values, s.Datum))]),
        ];
        return new(FitTableKind.Predictive, "Data beside what the posterior predicts of them", columns);
    }

    /// <summary>Draws of a model before it saw data; null where there is a prior that cannot be drawn from, as a flat one.</summary>
    public static Draws? PriorOf(Model model, int draws, ulong seed)
    {
        try
        {
            return model.Simulate(draws, seed);
        }
        catch (Exception e) when (e is ModelException or Distributions.DistributionException)
        {
            return null;
        }
    }

    private static int DrawsFor(int numbers, int most) => Math.Clamp(LargestDraws / Math.Max(1, numbers), 200, most);

    private static Dictionary<string, double[]> OfPrior(Draws? prior)
    {
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var (_, _, label, drawn) in prior?.Varying ?? [])
            values[label] = Sorted(drawn);
        return values;
    }

    private static double[] Sorted(double[] values)
    {
        Array.Sort(values);
        return values;
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    private static double Quantile(double[] sorted, double probability)
    {
        var at = probability * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }

    // The share of predictions below, of those that are the same one half.
    private static double Rank(double[] values, double datum) => values.Average(v => v < datum ? 1 : v == datum ? 0.5 : 0);
}
