using Elbo.Compute;

namespace Elbo.Autoencoders;

/// <summary>A model and a batch of rows, as inputs of compiled functions. What is drawn of the rows themselves is the same in all of them.</summary>
internal sealed class RowBatch
{
    private readonly RowInputs _inputs;
    private readonly ulong _seed;

    public RowBatch(Vae model, bool hasMissing, int rows, ulong seed)
    {
        if (model.Network.Classes > 0)
            throw new ArgumentException("The model has a label that is summed out, and this looks at codes that are numbers alone. Its bounds and class probabilities say how good it is: Vae.Evaluate and Vae.Classify.", nameof(model));
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

    /// <summary>Checks that rows fit a model, and says which are meant.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="which">Indices of those that are meant; null for all.</param>
    /// <exception cref="ArgumentException">The rows are not of the size that the model has, or there are none.</exception>
    public static IReadOnlyList<int> RowsOf(Vae model, IRows rows, IReadOnlyList<int>? which)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.CheckRows(rows);
        which ??= [.. Enumerable.Range(0, rows.Count)];
        return which.Count > 0 ? which : throw new ArgumentException("There are no rows to look at.", nameof(which));
    }
}
