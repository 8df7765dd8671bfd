using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;

namespace Elbo.Diagnostics;

/// <summary>A model and a batch of rows, as inputs of compiled functions.</summary>
internal sealed record RowBatch(LatentNetwork Network, Observation Observation, Tensor Values, Tensor? Mask)
{
    public int Rows => Values.Shape[0];

    /// <summary>The type of the network's numbers.</summary>
    public DType Type => Network.Variables.Count > 0 ? Network.Variables[0].Type : DType.Float32;

    public static RowBatch Of(LatentNetwork network, Observation observation, bool hasMissing, int rows) => new(
        network, observation, Tensor.Input("values", [rows, observation.Size]), hasMissing ? Tensor.Input("mask", [rows, observation.Size]) : null);

    /// <summary>What the encoder sees.</summary>
    public Tensor Features => Observation.Features(Values, Mask);

    /// <summary>ln p(x|z) of decoder outputs [draws, rows, parameters]: [draws, rows], nats.</summary>
    public Tensor LogLikelihood(Tensor parameters) => Observation.LogDensity(parameters, Values, Mask).Sum(2);

    /// <summary>ln p(z) and ln p(x|z) of codes [draws, rows, latent]: each [draws, rows], nats.</summary>
    public (Tensor LogPrior, Tensor LogLikelihood) Score(Tensor codes)
    {
        var draws = codes.Shape[0];
        var (logPrior, parameters) = Network.Score(codes.Reshape([draws * Rows, Network.Latent]));
        return (logPrior.Reshape([draws, Rows]), LogLikelihood(parameters.Reshape([draws, Rows, Observation.ParameterCount])));
    }

    /// <summary>Puts rows into a function; those that it has more room for count as missing, or as rows of zeros.</summary>
    public void Fill(CompiledFunction function, IRows rows, ReadOnlySpan<int> indices) =>
        rows.Fill(indices, function.Input<float>(Values), Mask is null ? [] : function.Input<float>(Mask));

    /// <summary>The numbers of an output, in double precision.</summary>
    public static void Read(CompiledFunction function, Tensor output, Span<double> numbers)
    {
        if (output.Type == DType.Float64)
        {
            function.Output<double>(output).CopyTo(numbers);
            return;
        }
        var values = function.Output<float>(output);
        for (var i = 0; i < values.Length; i++)
            numbers[i] = values[i];
    }

    /// <summary>Numbers as an input, in its precision.</summary>
    public static void Write(CompiledFunction function, Tensor input, ReadOnlySpan<double> numbers)
    {
        if (input.Type == DType.Float64)
        {
            numbers.CopyTo(function.Input<double>(input));
            return;
        }
        var values = function.Input<float>(input);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)numbers[i];
    }
}

/// <summary>The posteriors of a batch of rows, several chains each, chain by chain and in each row by row.</summary>
internal abstract class RowDensity : AnnealedDensity, IDisposable
{
    public abstract CompiledFunction Function { get; }

    public required RowBatch Batch { get; init; }

    public required int Chains { get; init; }

    public override int Points => Chains * Batch.Rows;

    public override int Groups => Batch.Rows;

    public override int Dimension => Batch.Network.Latent;

    public static RowDensity Of(AnnealingStart start, RowBatch batch, int chains, Cpu cpu) =>
        start == AnnealingStart.Prior ? new FromPriorDensity(batch, chains, cpu) : new FromPosteriorDensity(batch, chains, cpu);

    public void Fill(IRows rows, ReadOnlySpan<int> indices) => Batch.Fill(Function, rows, indices);

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
        public FromPriorDensity(RowBatch batch, int chains, Cpu cpu)
        {
            (Batch, Chains) = (batch, chains);
            var (network, type) = (batch.Network, batch.Type);
            _codes = Tensor.Input("codes", [chains, batch.Rows, network.Latent], type);
            var (logPrior, logLikelihood) = batch.Score(_codes);
            _outputs = [logPrior, Gradient.Of(logPrior.Sum(), _codes)[0], logLikelihood, Gradient.Of(logLikelihood.Sum(), _codes)[0]];
            Function = cpu.Compile(_outputs);
            _noise = Tensor.Input("noise", [chains * batch.Rows, network.PriorNoise], type);
            _drawn = network.FromPrior(_noise);
            _draw = cpu.Compile([_drawn]);
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
        public FromPosteriorDensity(RowBatch batch, int chains, Cpu cpu)
        {
            (Batch, Chains) = (batch, chains);
            _noise = Tensor.Input("noise", [chains, batch.Rows, batch.Network.Latent], batch.Type);
            var draw = batch.Network.Infer(batch.Features, _noise);
            _value = batch.LogLikelihood(draw.Parameters) + draw.LogPrior - draw.LogPosterior;
            _slope = Gradient.Of(_value.Sum(), _noise)[0];
            Function = cpu.Compile([_value, _slope]);
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
