using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Data.Pictures;
using Elbo.Diagnostics;
using Elbo.Models;
using Elbo.Tables;
using static System.FormattableString;

namespace Elbo.Examples.Autoencoders;

/// <summary>
/// Rows whose hidden cause lies in one of a few places: the bound hardly minds that the prior is spread evenly, and samples show it.
/// </summary>
internal static class GoodBoundBadSamples
{
    private const int Columns = 12;
    private const int Places = 5;
    private const double Spread = 0.08;
    private const double Noise = 0.1;

    public static Page Run()
    {
        var mixing = Mixing();
        var (training, heldOut) = (Rows(6000, mixing, 1), Rows(3000, mixing, 2));
        var normal = Judge(CodePrior.StandardNormal, training, heldOut);
        var mixture = Judge(CodePrior.Mixture(20), training, heldOut);
        var panels = new Panels("Two numbers of rows: data, and samples of models with two priors", 3,
            Scatter("data", normal.Data), Scatter("samples, prior N(0, I)", normal.Samples), Scatter("samples, mixture prior", mixture.Samples));
        return new("A good bound, and bad samples", Invariant($"""
            The data are {Columns} numbers a row, a linear map of a hidden point in the plane plus noise of {Noise}. The hidden points lie in {Places} places, {Spread} wide. An autoencoder with the usual prior
            N(0, I) has a good bound: **{normal.HeldOut:F2}** nats a held-out row, **{normal.Verdict.Gain.Value:F1}** more than independent columns. Yet a small network tells its samples from data in
            **{normal.Verdict.Quality.Classifier.Accuracy:P0}** of the cases, and only **{normal.Verdict.Quality.Coverage.Precision:P0}** of them lie where data do (equal sets: {normal.Verdict.Quality.Coverage.ByChance:P0}): the prior fills the plane between the places, where there are no data. What the bound pays for
            that is KL(q(z)‖p(z)), {normal.Split.Marginal.Value:F2} nats of its {normal.Split.Divergence.Value:F2} nats of divergence, next to nothing beside the {normal.Verdict.Gain.Value:F0} nats that are won:

            ```
            {normal.Split}
            ```

            The verdict of `BoundAndSamples`, by samples, bound, and samples decoded from codes of data:

            > {normal.Verdict}

            With `CodePrior.Mixture(20)` in its place, and nothing else changed, the bound is {mixture.HeldOut:F2}, {mixture.HeldOut - normal.HeldOut:F2} nats better, and the network is right in
            {mixture.Verdict.Quality.Classifier.Accuracy:P0} of the cases:

            > {mixture.Verdict}

            | | N(0, I) | mixture |
            |---|---|---|
            | bound, nats a held-out row | {normal.HeldOut:F2} | {mixture.HeldOut:F2} |
            | KL(q(z)‖p(z)), nats | {normal.Split.Marginal.Value:F2} | {mixture.Split.Marginal.Value:F2} |
            | classifier, accuracy | {normal.Verdict.Quality.Classifier.Accuracy:P1} | {mixture.Verdict.Quality.Classifier.Accuracy:P1} |
            | total variation at least | {normal.Verdict.Quality.Classifier.LeastTotalVariation:F2} | {mixture.Verdict.Quality.Classifier.LeastTotalVariation:F2} |
            | MMD² | {normal.Verdict.Quality.Kernel.Squared:G2} | {mixture.Verdict.Quality.Kernel.Squared:G2} |
            | Fréchet distance (by chance) | {normal.Verdict.Quality.Frechet.Value:G2} ({normal.Verdict.Quality.Frechet.ByChance:G2}) | {mixture.Verdict.Quality.Frechet.Value:G2} ({mixture.Verdict.Quality.Frechet.ByChance:G2}) |
            | precision, recall | {normal.Verdict.Quality.Coverage.Precision:P0}, {normal.Verdict.Quality.Coverage.Recall:P0} | {mixture.Verdict.Quality.Coverage.Precision:P0}, {mixture.Verdict.Quality.Coverage.Recall:P0} |

            The Fréchet distance sees means and covariances alone: of a variance of {Columns} in all, {normal.Verdict.Quality.Frechet.Value:G2} is little, and says little of what is wrong.
            """), panels);
    }

    private static Judgement Judge(CodePrior prior, Points training, Points heldOut)
    {
        var (table, other) = (TableOf(training), TableOf(heldOut));
        using var model = TableVae.Fit(table, new() { Latent = 2, Hidden = [64], Prior = prior }, new() { Epochs = 120, Batch = 128, LearningRate = 3e-3 });
        var (rows, unseen) = (model.Rows(table), model.Rows(other));
        // As the network has them: columns standardised.
        var (known, unknown) = (Points.Of(rows), Points.Of(unseen));
        var (bounds, weighted) = model.Vae.EvaluateRows(unseen);
        var samples = new Points(model.Vae.Sample(heldOut.Count, seed: 3), Columns);
        var split = AggregateSplit.OfModel(model.Vae, rows);
        var verdict = BoundAndSamples.Of(
            bounds, IndependentNumbers.Normal(training, heldOut), model.Vae.Evaluate(rows).Bound.Elbo, IndependentNumbers.Normal(training, training).Average(),
            SampleQuality.Of(samples, unknown, known), new()
            {
                OfCodesOfData = SampleQuality.Of(new(model.Vae.SampleFromCodes(unseen), Columns), unknown),
                Split = split,
                TighterBy = weighted.Average() - bounds.Average(),
            });
        return new(verdict, split, bounds.Average(), samples, unknown);
    }

    private sealed record Judgement(BoundAndSamples Verdict, AggregateSplit Split, double HeldOut, Points Samples, Points Data);

    private static Plot Scatter(string title, Points points)
    {
        var some = Enumerable.Range(0, Math.Min(800, points.Count)).ToArray();
        return new Plot(title) { Width = 360, Height = 360, X = new("x1") { From = -2.5, To = 2.5 }, Y = new("x2") { From = -2.5, To = 2.5 } }.Points("", [.. some.Select(i => (double)points[i][0])], [.. some.Select(i => (double)points[i][1])]);
    }

    private static Table TableOf(Points points) => new(
        [.. Enumerable.Range(0, Columns).Select(c => new Column($"x{c + 1}", ColumnKind.Real, []))],
        [.. Enumerable.Range(0, Columns).Select(c => (ReadOnlyMemory<double>)Enumerable.Range(0, points.Count).Select(i => (double)points[i][c]).ToArray())]);

    private static double[,] Mixing()
    {
        var random = new RandomNumbers(5, 1);
        var mixing = new double[Columns, 2];
        for (var c = 0; c < Columns; c++)
            (mixing[c, 0], mixing[c, 1]) = (c == 0 ? 1 : c == 1 ? 0 : random.NextNormal(), c == 0 ? 0 : c == 1 ? 1 : random.NextNormal());
        return mixing;
    }

    private static Points Rows(int count, double[,] mixing, ulong seed)
    {
        var random = new RandomNumbers(seed, 2);
        var values = new float[count * Columns];
        for (var i = 0; i < count; i++)
        {
            var angle = 2 * Math.PI * random.NextBelow(Places) / Places;
            var (a, b) = (1.3 * Math.Cos(angle) + Spread * random.NextNormal(), 1.3 * Math.Sin(angle) + Spread * random.NextNormal());
            for (var c = 0; c < Columns; c++)
                values[i * Columns + c] = (float)(mixing[c, 0] * a + mixing[c, 1] * b + Noise * random.NextNormal());
        }
        return new(values, Columns);
    }
}
