using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>The posteriors of a batch of rows, several chains each, chain by chain and in each row by row.</summary>
internal abstract class RowDensity : AnnealedDensity, IDisposable
{
    public abstract CompiledFunction Function { get; }

    public required RowBatch Batch { get; init; }

    public required int Chains { get; init; }

    public override int Points => Chains * Batch.Rows;

    public override int Groups => Batch.Rows;

    public override int Dimension => Batch.Latent;

    public static RowDensity Of(AnnealingStart start, RowBatch batch, int chains) =>
        start == AnnealingStart.Prior ? new FromPriorDensity(batch, chains) : new FromPosteriorDensity(batch, chains);

    public void Fill(IRows rows, ReadOnlySpan<int> indices, int look) => Batch.Fill(Function, rows, indices, look);

    public virtual void Dispose() => Function.Dispose();

    /// <summary>From p(z) to p(z)p(x|z), where the codes are.</summary>
    private sealed class FromPriorDensity : RowDensity
    {
        private readonly Tensor _codes;
        private readonly Tensor _noise;
        private readonly Tensor[] _outputs;
        private readonly Tensor _drawn;
        private readonly CompiledFunction _draw;

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public FromPriorDensity(RowBatch batch, int chains)
        {
            (Batch, Chains) = (batch, chains);
            var (network, type) = (batch.Network, batch.Type);
            _codes = Tensor.Input("codes", [chains, batch.Rows, batch.Latent], type);
            var (logPrior, logLikelihood) = batch.Score(_codes);
            _outputs = [logPrior, Gradient.Of(logPrior.Sum(), _codes)[0], logLikelihood, Gradient.Of(logLikelihood.Sum(), _codes)[0]];
            Function = batch.Compile(_outputs);
            _noise = Tensor.Input("noise", [chains * batch.Rows, network.PriorNoise], type);
            _drawn = network.FromPrior(_noise);
            _draw = batch.Compile([_drawn]);
        }

        public override CompiledFunction Function { get; }

        public override void Begin(RandomNumbers random, Span<double> at)
        {
            var noise = new double[_noise.Shape.Elements];
            for (var i = 0; i < noise.Length; i++)
                noise[i] = random.NextNormal();
            RowBatch.Write(_draw, _noise, noise);
            _draw.Run();
            RowBatch.Read(_draw, _drawn, at);
        }

        public override void Evaluate(AnnealedPoints points)
        {
            RowBatch.Write(Function, _codes, points.At);
            Function.Run();
            RowBatch.Read(Function, _outputs[0], points.Base);
            RowBatch.Read(Function, _outputs[1], points.BaseSlopes);
            RowBatch.Read(Function, _outputs[2], points.Values);
            RowBatch.Read(Function, _outputs[3], points.Slopes);
        }

        public override void Dispose()
        {
            _draw.Dispose();
            base.Dispose();
        }
    }

    /// <summary>
    /// From q(z|x) to p(z)p(x|z), in the coordinates of the noise that codes are drawn by, in which q is N(0, I) whatever its family (Hoffman
    /// and others, 2019).
    /// </summary>
    private sealed class FromPosteriorDensity : RowDensity
    {
        private readonly Tensor _noise;
        private readonly Tensor _value;
        private readonly Tensor _slope;

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public FromPosteriorDensity(RowBatch batch, int chains)
        {
            (Batch, Chains) = (batch, chains);
            _noise = Tensor.Input("noise", [chains, batch.Rows, batch.Latent], batch.Type);
            var draw = batch.Network.Infer(batch.Features, _noise);
            _value = batch.LogLikelihood(draw.Parameters) + draw.LogPrior - draw.LogPosterior;
            _slope = Gradient.Of(_value.Sum(), _noise)[0];
            Function = batch.Compile([_value, _slope]);
        }

        public override CompiledFunction Function { get; }

        public override void Evaluate(AnnealedPoints points)
        {
            RowBatch.Write(Function, _noise, points.At);
            Function.Run();
            RowBatch.Read(Function, _value, points.Values);
            RowBatch.Read(Function, _slope, points.Slopes);
            FillBase(points);
        }
    }
}
