using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Training;

/// <summary>
/// A fit in which each row has a q of its own. Without amortisation it is expectation-maximisation, in turn some steps of the q of a batch of rows and one
/// of the weights of the model (Neal and Hinton, 1998; Hoffman and others, 2013); there is no encoder whose shortcomings could shape the model. With the encoder
/// for a start it is semi-amortised: the model learns from the refined q, the encoder from its own bound (Krishnan, Liang and
/// Hoffman, 2018). Gradients do not go through the refinement, as they do in Kim and others (2018).
/// </summary>
/// <param name="Elbo">The mean ELBO of the refined q over each epoch, nats per row.</param>
/// <param name="Codes">Without amortisation, the q of each row, [rows, parameters]: means, logarithms of variances, and correlations where there are any. Empty with it.</param>
public sealed record RefinedFit(IReadOnlyList<double> Elbo, ReadOnlyMemory<float> Codes)
{
    private const int Site = 0x5250;

    /// <summary>Fits the weights of a model, from where they are.</summary>
    /// <param name="model">The model. Without amortisation its encoder stays as it is: train it afterwards, or go on without.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How to fit.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the rows are not of the size that the model has.</exception>
    public static RefinedFit Of(Vae model, IRows rows, RefinedFitOptions? options = null)
    {
        options ??= new();
        options.Check();
        var all = RowBatch.RowsOf(model, rows, null);
        var batch = new RowBatch(model, rows.HasMissing, Math.Min(options.Batch, all.Count), options.Seed);
        using var codes = new RefinedCodes(batch, options.Family.Begin(model.Network.Latent, new RandomNumbers(options.Seed, 0)), options.Draws);
        using var weights = new WeightStep(model, batch, codes, options);
        var isAmortised = options.Amortisation == Amortisation.Start;
        var memory = new float[isAmortised ? 0 : all.Count * codes.RowMemory];
        var (elbos, order, step, look) = (new List<double>(), all.ToArray(), 0, 0);
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            new RandomNumbers(options.Seed, ((ulong)RandomUse.Order << 32) + (uint)epoch).Shuffle<int>(order);
            var (elbo, batches) = (0.0, (order.Length + batch.Rows - 1) / batch.Rows);
            for (var b = 0; b < batches; b++)
            {
                // The last batch is made full by rows that have had their turn.
                int[] chunk = [.. Enumerable.Range(b * batch.Rows, batch.Rows).Select(i => order[i % order.Length])];
                codes.Begin(rows, chunk, look);
                if (!isAmortised && epoch > 0)
                    codes.Recall(memory, chunk, epoch * options.InnerSteps);
                var rate = Math.Min(1, 2 * (1 - (epoch + (double)b / batches) / options.Epochs));
                for (var k = 0; k < options.InnerSteps; k++)
                    codes.Step(step++, look, options.InnerRate * (isAmortised ? 1 : rate));
                if (!isAmortised)
                    codes.Keep(memory, chunk);
                elbo += weights.Run(rows, chunk, look++, options.LearningRate * rate) / batches;
            }
            elbos.Add(elbo);
        }
        return new(elbos, OwnCodes(memory, codes.RowMemory));
    }

    // Without what the optimiser knows.
    private static float[] OwnCodes(float[] memory, int width)
    {
        var codes = new float[memory.Length / 3];
        for (var row = 0; row < memory.Length / width; row++)
            memory.AsSpan(row * width, width / 3).CopyTo(codes.AsSpan(row * (width / 3)));
        return codes;
    }

    /// <summary>A step of the weights up the bound of the refined q; of those of the encoder up the bound of its own.</summary>
    private sealed class WeightStep : IDisposable
    {
        private readonly RowBatch _batch;
        private readonly Adam _adam;
        private readonly CompiledFunction _function;
        private readonly Tensor _rate = Tensor.Input("rate", []);
        private readonly Tensor _elbo;

        public WeightStep(Vae model, RowBatch batch, RefinedCodes codes, RefinedFitOptions options)
        {
            _batch = batch;
            var noise = batch.Random.Normal([options.Draws, batch.Rows, batch.Latent], Site);
            var draw = codes.Draw(noise);
            var (logPrior, logLikelihood) = batch.Score(draw.Z);
            _elbo = (logPrior + logLikelihood - draw.LogDensity).Mean();
            Variable[] learned = [.. model.Network.DecoderVariables, .. model.Observation.Variables];
            var gradients = Gradient.Of(-_elbo, [.. learned.Select(v => v.Value)]);
            if (options.Amortisation == Amortisation.Start)
            {
                var code = batch.Network.Infer(batch.Features, noise);
                var own = batch.LogLikelihood(code.Parameters).Mean() - code.Divergence.Mean(0).Sum() / batch.Rows;
                Variable[] encoder = [.. model.Network.EncoderVariables];
                gradients = [.. gradients, .. Gradient.Of(-own, [.. encoder.Select(v => v.Value)])];
                learned = [.. learned, .. encoder];
            }
            _adam = new Adam(learned);
            _function = batch.Compile([_elbo], _adam.Step(gradients, _rate, IsFinite(_elbo)));
        }

        public double Run(IRows rows, ReadOnlySpan<int> chunk, int look, double rate)
        {
            _batch.Fill(_function, rows, chunk, look);
            _batch.SetStep(_function, look, look);
            _function.Input<float>(_rate)[0] = (float)rate;
            _function.Run();
            return _function.Scalar(_elbo);
        }

        public void Dispose()
        {
            _function.Dispose();
            foreach (var variable in _adam.State)
                variable.Dispose();
        }
    }
}
