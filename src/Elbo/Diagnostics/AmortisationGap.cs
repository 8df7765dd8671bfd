using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>The bounds of a row, from the lowest up, in nats.</summary>
/// <param name="Amortised">The ELBO of the encoder's q.</param>
/// <param name="Refined">The ELBO of the row's own q, the best of its family as far as steps have found it.</param>
/// <param name="ImportanceWeighted">ln p(x) by importance weights of the encoder's q.</param>
/// <param name="RefinedImportanceWeighted">ln p(x) by importance weights of the row's own q.</param>
/// <param name="Annealed">ln p(x) by annealed importance sampling; null where it was left out.</param>
public sealed record RowBoundsByQ(double Amortised, double Refined, double ImportanceWeighted, double RefinedImportanceWeighted, Estimate? Annealed);

/// <summary>
/// Why the ELBO of an autoencoder is below ln p(x) (Cremer, Li and Duvenaud, 2018): because no q of its family is the posterior, the approximation
/// gap ln p(x) − L[q*], and because the encoder does not find the best of them, the amortisation gap L[q*] − L[q]. All per row, in nats.
/// </summary>
/// <remarks>
/// q* is found row by row, from what the encoder says, by steps that have come to rest; L[q*] is thus a lower bound on what is possible. The evidence is the
/// greatest of the estimates, all of which err to the low side on average, so that the approximation gap does so too.
/// </remarks>
public sealed record AmortisationGap
{
    // Draws of a call: enough to fill the machine.
    private const int PointsOfACall = 5000;
    private const int Site = 0x414d;

    private AmortisationGap(IReadOnlyList<RowBoundsByQ> rows, int steps) => (Rows, Steps) = (rows, steps);

    /// <summary>Row by row.</summary>
    public IReadOnlyList<RowBoundsByQ> Rows { get; }

    /// <summary>Steps that refining a batch took, on average.</summary>
    public int Steps { get; }

    /// <summary>The mean ELBO of the encoder's q, with its error over rows.</summary>
    public Estimate Amortised => Over(r => r.Amortised);

    /// <summary>The mean ELBO of the rows' own q.</summary>
    public Estimate Refined => Over(r => r.Refined);

    /// <summary>The mean ln p(x), by the estimate that is greatest on average.</summary>
    public Estimate Evidence => Over(Best.Of);

    /// <summary>Which estimate of the evidence is the greatest on average.</summary>
    public string EvidenceBy => Best.Name;

    /// <summary>ln p(x) − L[q*]: what the family of q costs.</summary>
    public Estimate Approximation => Over(r => Best.Of(r) - r.Refined);

    /// <summary>L[q*] − L[q]: what it costs that one encoder serves all rows.</summary>
    public Estimate Amortisation => Over(r => r.Refined - r.Amortised);

    /// <summary>ln p(x) − L[q]: both.</summary>
    public Estimate Total => Over(r => Best.Of(r) - r.Amortised);

    private (string Name, Func<RowBoundsByQ, double> Of) Best
    {
        get
        {
            List<(string Name, Func<RowBoundsByQ, double> Of)> ways = [("importance weights of q", r => r.ImportanceWeighted), ("importance weights of q*", r => r.RefinedImportanceWeighted)];
            if (Rows.All(r => r.Annealed is not null))
                ways.Add(("annealing", r => r.Annealed!.Value.Value));
            return ways.MaxBy(way => Rows.Average(way.Of));
        }
    }

    /// <summary>Splits the gap of some rows.</summary>
    /// <param name="model">The model. Where it makes rows binary by draws, each row is drawn once.</param>
    /// <param name="rows">The rows: those of training tell of the optimisation, others also of how the encoder generalises.</param>
    /// <param name="which">Indices of those to look at; null for all.</param>
    /// <param name="options">How q is refined and the evidence estimated.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the rows are not of the size that the model has.</exception>
    public static AmortisationGap Of(Vae model, IRows rows, IReadOnlyList<int>? which = null, AmortisationOptions? options = null)
    {
        options ??= new();
        options.Check();
        which = RowBatch.RowsOf(model, rows, which);
        var batch = new RowBatch(model, rows.HasMissing, Math.Min(options.Batch, which.Count), options.Seed);
        using var codes = new RefinedCodes(batch, options.Family.Begin(model.Network.Latent, new RandomNumbers(options.Seed, 0)), options.Draws);
        using var bounds = new Bounds(batch, codes, options.Samples);
        using var density = options.Annealing is null ? null : RowDensity.Of(options.Annealing.Start, batch, options.Annealing.Chains);
        var (results, steps, looks) = (new List<RowBoundsByQ>(which.Count), 0, 0);
        foreach (var chunk in which.Chunk(batch.Rows))
        {
            steps += Refine(codes, rows, chunk, looks, options);
            var (amortised, refined) = bounds.Of(rows, chunk, looks);
            density?.Fill(rows, chunk, looks);
            RowEvidence[]? annealed = density is null ? null : [.. RowEvidence.OfBatch(density, chunk.Length, options.Annealing!, looks)];
            for (var row = 0; row < chunk.Length; row++)
                results.Add(new(amortised[row].MeanOfLogarithms, refined[row].MeanOfLogarithms, amortised[row].Value, refined[row].Value, annealed?[row].LogEvidence));
            looks++;
        }
        return new(results, steps / looks);
    }

    // Steps until the mean bound of a window has not risen for some windows, by each step size.
    private static int Refine(RefinedCodes codes, IRows rows, int[] chunk, int look, AmortisationOptions options)
    {
        codes.Begin(rows, chunk, look);
        var step = 0;
        foreach (var rate in options.LearningRates)
        {
            var (best, without) = (double.NegativeInfinity, 0);
            for (var window = 0; window < options.MostWindows && without < options.Patience; window++)
            {
                var mean = 0.0;
                for (var k = 0; k < options.Window; k++)
                    mean += codes.Step(step++, look, rate) / options.Window;
                (best, without) = mean > best ? (mean, 0) : (best, without + 1);
            }
        }
        return step;
    }

    /// <summary>All of it as text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        ELBO {Amortised}, refined row by row {Refined}, ln p(x) {Evidence} (by {EvidenceBy}), nats per row over {Rows.Count} rows
        gap {Total} = approximation {Approximation} + amortisation {Amortisation}: {Advice}
        """);

    private string Advice => Approximation.Value > Amortisation.Value
        ? "the family of q costs most. A family with correlations or flows is closer to the posterior."
        : "the encoder costs most. A larger encoder, or steps for each row in training, come closer to what the family can do.";

    private Estimate Over(Func<RowBoundsByQ, double> value) => Estimate.OfMean([.. Rows.Select(value)]);

    /// <summary>Weights of draws from both q, by the same noise.</summary>
    private sealed class Bounds : IDisposable
    {
        private readonly RowBatch _batch;
        private readonly CompiledFunction _function;
        private readonly Tensor _amortised;
        private readonly Tensor _refined;
        private readonly int _draws;
        private readonly int _calls;

        public Bounds(RowBatch batch, RefinedCodes codes, int samples)
        {
            _draws = Math.Clamp(PointsOfACall / batch.Rows, 1, samples);
            (_batch, _calls) = (batch, (samples + _draws - 1) / _draws);
            var noise = batch.Random.Normal([_draws, batch.Rows, batch.Latent], Site);
            var code = batch.Network.Infer(batch.Features, noise);
            _amortised = batch.LogLikelihood(code.Parameters) + code.LogPrior - code.LogPosterior;
            var draw = codes.Draw(noise);
            var (logPrior, logLikelihood) = batch.Score(draw.Z);
            _refined = logLikelihood + logPrior - draw.LogDensity;
            _function = batch.Compile([_amortised, _refined]);
        }

        public (RowBounds.LogMean[] Amortised, RowBounds.LogMean[] Refined) Of(IRows rows, int[] chunk, int look)
        {
            _batch.Fill(_function, rows, chunk, look);
            var (amortised, refined) = (new RowBounds.LogMean[chunk.Length], new RowBounds.LogMean[chunk.Length]);
            for (var call = 0; call < _calls; call++)
            {
                _batch.SetStep(_function, call, look);
                _function.Run();
                for (var i = 0; i < _draws * _batch.Rows; i++)
                {
                    if (i % _batch.Rows is var row && row >= chunk.Length)
                        continue;
                    amortised[row].Add(_function.Output<float>(_amortised)[i]);
                    refined[row].Add(_function.Output<float>(_refined)[i]);
                }
            }
            return (amortised, refined);
        }

        public void Dispose() => _function.Dispose();
    }
}
