using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>ln p(x) of a row that the model has made, between two bounds, in nats.</summary>
/// <param name="Lower">By chains from the beginning to the posterior: above ln p(x) by more than c nats with probability below e^−c.</param>
/// <param name="Upper">By chains from the code that the row was made from, an exact draw of its posterior, back to the beginning: below ln p(x) by more than c nats with probability below e^−c. Null where the noise of that code is not found.</param>
public sealed record RowBracket(Estimate Lower, Estimate? Upper);

/// <summary>
/// The evidence of rows that a model has made itself, from both sides (bidirectional Monte Carlo; Grosse, Ghahramani and Adams, 2015): for
/// them one exact draw of the posterior is known, the code that they were made from. What annealing misses for them is what it may miss for rows
/// like them: a bracket that is tight says that the estimates for data, made in the same way, can be relied on, as far as the model fits the data.
/// </summary>
public sealed record EvidenceBracket
{
    private const int MostNoiseSteps = 200;

    private EvidenceBracket(IReadOnlyList<RowBracket> rows, IRows simulated) => (Rows, Simulated) = (rows, simulated);

    /// <summary>Row by row.</summary>
    public IReadOnlyList<RowBracket> Rows { get; }

    /// <summary>The rows that were made.</summary>
    public IRows Simulated { get; }

    /// <summary>The mean lower bound of the rows that have both, with the error that their chains leave.</summary>
    public Estimate Lower => Mean(r => r.Lower);

    /// <summary>Their mean upper bound, with the error that their chains leave.</summary>
    public Estimate Upper => Mean(r => r.Upper!.Value);

    /// <summary>The mean of what the bounds leave open, in nats, with its error over rows: what both estimates together miss.</summary>
    public Estimate Width => Estimate.OfMean([.. Rows.Where(r => r.Upper is not null).Select(r => r.Upper!.Value.Value - r.Lower.Value)]);

    /// <summary>Makes rows and bounds their evidence from both sides.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">How many rows, at least 1.</param>
    /// <param name="options">How the way goes, in both directions.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static EvidenceBracket Of(Vae model, int count, AnnealingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options ??= new();
        options.Check();
        var (codes, rows) = Simulate(model, count, options.Seed);
        var batch = new RowBatch(model, hasMissing: false, options.BatchOf(count), options.Seed);
        using var density = RowDensity.Of(options.Start, batch, options.Chains);
        var results = new List<RowBracket>(count);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(batch.Rows))
        {
            var look = results.Count / batch.Rows;
            density.Fill(rows, chunk, look);
            var seed = RowEvidence.SeedOf(options, look);
            var sizes = AnnealedSampling.StepSizes(density, options.Way, seed);
            var (forward, _) = AnnealedSampling.Forward(density, options.Way, sizes, seed);
            var truths = new double[batch.Rows * batch.Latent];
            codes.AsSpan(chunk[0] * batch.Latent, chunk.Length * batch.Latent).CopyTo(truths);
            var isKnown = Enumerable.Repeat(true, batch.Rows).ToArray();
            if (options.Start == AnnealingStart.Posterior)
                (truths, isKnown) = NoiseOf(batch, rows, chunk, truths, look);
            var backward = AnnealedSampling.Back(density, options.Way, Repeated(truths, options.Chains), sizes, seed);
            for (var row = 0; row < chunk.Length; row++)
            {
                var inverse = Estimate.OfLogMean(RowEvidence.OfRow(backward, row, batch.Rows));
                results.Add(new(Estimate.OfLogMean(RowEvidence.OfRow(forward, row, batch.Rows)), isKnown[row] ? new(-inverse.Value, inverse.StandardError) : null));
            }
        }
        return new(results, rows);
    }

    /// <summary>The mean bracket as text.</summary>
    public override string ToString() => Rows.All(r => r.Upper is null)
        ? string.Create(CultureInfo.InvariantCulture, $"ln p(x) of {Rows.Count} simulated rows on average at least {Estimate.OfMean([.. Rows.Select(r => r.Lower.Value)])}; no upper bound")
        : string.Create(CultureInfo.InvariantCulture, $"ln p(x) of {Rows.Count(r => r.Upper is not null)} simulated rows on average between {Lower} and {Upper}");

    private Estimate Mean(Func<RowBracket, Estimate> side)
    {
        Estimate[] sides = [.. Rows.Where(r => r.Upper is not null).Select(side)];
        return new(sides.Average(s => s.Value), Math.Sqrt(sides.Sum(s => s.StandardError * s.StandardError)) / sides.Length);
    }

    private static (double[] Codes, SimulatedRows Rows) Simulate(Vae model, int count, ulong seed)
    {
        var (network, observation) = (model.Network, model.Observation);
        var noise = Tensor.Input("noise", [count, network.PriorNoise], RowBatch.TypeOf(network));
        var z = network.FromPrior(noise);
        var parameters = network.Score(z).Parameters.Convert(DType.Float32);
        using var function = model.Cpu.Compile([z, parameters]);
        var random = new RandomNumbers(seed, 0x5349_4d52);
        RowBatch.Write(function, noise, [.. Enumerable.Range(0, count * network.PriorNoise).Select(_ => random.NextNormal())]);
        function.Run();
        var codes = new double[count * network.Latent];
        RowBatch.Read(function, z, codes);
        var values = new float[count * observation.Size];
        for (var row = 0; row < count; row++)
            observation.Draw(function.Output<float>(parameters).Slice(row * observation.ParameterCount, observation.ParameterCount), values.AsSpan(row * observation.Size, observation.Size), random);
        return (codes, new(observation.Size, values));
    }

    // The noise by which q(z|x) makes given codes. One step finds it for independent normals; where a number's noise moves others too, the steps
    // go on, and come to rest since none moves itself by more than its standard deviation.
    private static (double[] Noise, bool[] IsKnown) NoiseOf(RowBatch batch, IRows rows, int[] chunk, double[] codes, int look)
    {
        var noise = Tensor.Input("noise", [1, batch.Rows, batch.Latent], batch.Type);
        var draw = batch.Network.Infer(batch.Features, noise);
        var (z, logVariance) = (draw.Z, draw.LogVariance.BroadcastTo(noise.Shape));
        using var function = batch.Compile([z, logVariance]);
        batch.Fill(function, rows, chunk, look);
        var (at, made, spread) = (new double[codes.Length], new double[codes.Length], new double[codes.Length]);
        var isKnown = new bool[batch.Rows];
        for (var step = 0; step < MostNoiseSteps && !isKnown.All(k => k); step++)
        {
            RowBatch.Write(function, noise, at);
            function.Run();
            RowBatch.Read(function, z, made);
            RowBatch.Read(function, logVariance, spread);
            for (var row = 0; row < isKnown.Length; row++)
            {
                var worst = 0.0;
                for (var i = row * batch.Latent; i < (row + 1) * batch.Latent; i++)
                {
                    var off = (codes[i] - made[i]) / Math.Exp(0.5 * spread[i]);
                    worst = Math.Max(worst, Math.Abs(off) / (1 + Math.Abs(at[i])));
                    at[i] += off;
                }
                isKnown[row] = worst < 1e-3;
            }
        }
        return (at, isKnown);
    }

    private static double[] Repeated(double[] numbers, int times)
    {
        var repeated = new double[numbers.Length * times];
        for (var k = 0; k < times; k++)
            numbers.CopyTo(repeated, k * numbers.Length);
        return repeated;
    }

    /// <summary>Rows that a model has made.</summary>
    private sealed class SimulatedRows(int size, float[] values) : IRows
    {
        public int Count => values.Length / size;

        public int Size => size;

        public bool HasMissing => false;

        public void Fill(ReadOnlySpan<int> rows, Span<float> into, Span<float> mask)
        {
            for (var i = 0; i < rows.Length; i++)
                values.AsSpan(rows[i] * size, size).CopyTo(into[(i * size)..]);
            into[(rows.Length * size)..].Clear();
        }
    }
}
