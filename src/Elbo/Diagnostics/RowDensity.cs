using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>A model and a batch of rows, as inputs of compiled functions. What is drawn of the rows themselves is the same in all of them.</summary>
internal sealed class RowBatch
{
    private readonly RowInputs _inputs;
    private readonly ulong _seed;

    public RowBatch(Vae model, bool hasMissing, int rows, ulong seed)
    {
        (Model, Rows, _seed) = (model, rows, seed);
        _inputs = RowInputs.Of(rows, model.Observation.Size, hasMissing);
        Values = _inputs.Observed(model.Observation);
    }

    public Vae Model { get; }

    public LatentNetwork Network => Model.Network;

    public int Rows { get; }

    public int Latent => Network.Latent;

    /// <summary>The type of the network's numbers.</summary>
    public DType Type => TypeOf(Network);

    /// <summary>What the rows are taken for.</summary>
    public Tensor Values { get; }

    /// <summary>What the encoder sees.</summary>
    public Tensor Features => Model.Observation.Features(Values, _inputs.Mask);

    /// <summary>Draws of noise in a function, which follow the step that it is filled with.</summary>
    public RandomSource Random => _inputs.Random;

    public static DType TypeOf(LatentNetwork network) => network.Variables.Count > 0 ? network.Variables[0].Type : DType.Float32;

    /// <summary>ln p(x|z) of decoder outputs [draws, rows, parameters]: [draws, rows], nats.</summary>
    public Tensor LogLikelihood(Tensor parameters) => Model.Observation.LogDensity(parameters, Values, _inputs.Mask).Sum(2);

    /// <summary>ln p(z) and ln p(x|z) of codes [draws, rows, latent]: each [draws, rows], nats.</summary>
    public (Tensor LogPrior, Tensor LogLikelihood) Score(Tensor codes)
    {
        var draws = codes.Shape[0];
        var (logPrior, parameters) = Network.Score(codes.Reshape([draws * Rows, Latent]));
        return (logPrior.Reshape([draws, Rows]), LogLikelihood(parameters.Reshape([draws, Rows, Model.Observation.ParameterCount])));
    }

    public CompiledFunction Compile(IReadOnlyList<Tensor> outputs, IReadOnlyList<Update>? updates = null)
    {
        var function = Model.Cpu.Compile(outputs, updates);
        RowInputs.SetSeed(function, _inputs.Seed, _seed);
        return function;
    }

    /// <summary>Puts rows into a function; those that it has more room for count as missing, or as rows of zeros.</summary>
    /// <param name="function">The function.</param>
    /// <param name="rows">The data.</param>
    /// <param name="indices">Which of them.</param>
    /// <param name="look">Tells batches apart, in what their rows are taken for.</param>
    public void Fill(CompiledFunction function, IRows rows, ReadOnlySpan<int> indices, int look) => _inputs.Fill(function, rows, indices, 0, look);

    /// <summary>Says which draws of noise are to be made for the rows that are there.</summary>
    public void SetStep(CompiledFunction function, int step, int look) => _inputs.SetSteps(function, step, look);

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
