using Elbo.Compute;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>A family of q with parameters of its own for each row of a batch, and the steps that make them better: rows have nothing to do with each other.</summary>
internal sealed class RefinedCodes : IDisposable
{
    private const int EncodedDraws = 8;
    private const int Site = 0x5246;

    private readonly RowBatch _batch;
    private readonly PosteriorFamily _family;
    private readonly Adam _adam;
    private readonly CompiledFunction _begin;
    private readonly CompiledFunction _step;
    private readonly Tensor _rate = Tensor.Input("rate", []);
    private readonly Tensor _elbo;

    /// <param name="batch">The rows.</param>
    /// <param name="family">The family of q.</param>
    /// <param name="draws">Draws of the code of each row, each step.</param>
    public RefinedCodes(RowBatch batch, PosteriorFamily family, int draws)
    {
        (_batch, _family) = (batch, family);
        Parameters = new Variable("refined", [batch.Rows, family.ParameterCount]);
        _adam = new Adam([Parameters]);

        // From the encoder: the means over draws where codes depend on those above them.
        var code = batch.Network.Infer(batch.Features, batch.Random.Normal([EncodedDraws, batch.Rows, batch.Latent], Site));
        var start = Tensor.Concatenate(1, code.Mean.Mean(0), code.LogVariance.Mean(0));
        if (family.ParameterCount > start.Shape[1])
            start = Tensor.Concatenate(1, start, Tensor.Full([batch.Rows, family.ParameterCount - start.Shape[1]], 0));
        _begin = batch.Compile([], [new(Parameters, start), .. _adam.State.Select(s => new Update(s, Tensor.Full(s.Shape, 0, s.Type)))]);

        // By draws alone, with the parameters of ln q held: where q is the posterior the gradient is 0, draw by draw.
        var draw = Draw(batch.Random.Normal([draws, batch.Rows, batch.Latent], Site + 1));
        var (logPrior, logLikelihood) = batch.Score(draw.Z);
        _elbo = (logPrior + logLikelihood - draw.LogDensity).Mean();
        var loss = (draw.LogDensityHeld! - logPrior - logLikelihood).Mean(0).Sum();
        var gradient = Gradient.Of(loss, Parameters.Value)[0];
        _step = batch.Compile([_elbo], _adam.Step([gradient], _rate, IsFinite(loss)));
    }

    /// <summary>What the family takes, [rows, parameters]: means, logarithms of variances, and what else there is.</summary>
    public Variable Parameters { get; }

    // The parameters, and the two moments of their gradients.
    private IReadOnlyList<Variable> RowMatrices => field ??= [Parameters, .. _adam.State.Where(s => s.Shape == Parameters.Shape)];

    /// <summary>Draws of the codes, for noise [draws, rows, latent].</summary>
    public PosteriorDraw Draw(Tensor noise) => _family.Draw(Parameters, noise);

    /// <summary>Takes up other rows, and what the encoder says of them.</summary>
    public void Begin(IRows rows, ReadOnlySpan<int> indices, int look)
    {
        _batch.Fill(_begin, rows, indices, look);
        _begin.Run();
        Continue(rows, indices, look);
    }

    /// <summary>Takes up other rows, with parameters as they stand.</summary>
    public void Continue(IRows rows, ReadOnlySpan<int> indices, int look) => _batch.Fill(_step, rows, indices, look);

    /// <summary>Numbers that a row takes with it: parameters, and what the optimiser knows of them.</summary>
    public int RowMemory => 3 * _family.ParameterCount;

    /// <summary>Puts back what rows took with them, after so many steps of each.</summary>
    /// <param name="memory">Of all rows, row by row.</param>
    /// <param name="indices">Which of them.</param>
    /// <param name="steps">How many steps each has had.</param>
    public void Recall(float[] memory, ReadOnlySpan<int> indices, int steps)
    {
        _adam.Steps.AsSpan<int>()[0] = steps;
        var width = _family.ParameterCount;
        for (var row = 0; row < indices.Length; row++)
        {
            for (var part = 0; part < 3; part++)
                memory.AsSpan(indices[row] * RowMemory + part * width, width).CopyTo(RowMatrices[part].AsSpan<float>()[(row * width)..]);
        }
    }

    /// <summary>Has rows take with them what there is of them.</summary>
    /// <inheritdoc cref="Recall"/>
    public void Keep(float[] memory, ReadOnlySpan<int> indices)
    {
        var width = _family.ParameterCount;
        for (var row = 0; row < indices.Length; row++)
        {
            for (var part = 0; part < 3; part++)
                RowMatrices[part].AsSpan<float>().Slice(row * width, width).CopyTo(memory.AsSpan(indices[row] * RowMemory + part * width));
        }
    }

    /// <summary>One step.</summary>
    /// <returns>The mean ELBO of the rows before it, nats per row.</returns>
    public double Step(int step, int look, double rate)
    {
        _batch.SetStep(_step, step, look);
        _step.Input<float>(_rate)[0] = (float)rate;
        _step.Run();
        return _step.Scalar(_elbo);
    }

    public void Dispose()
    {
        _begin.Dispose();
        _step.Dispose();
        Parameters.Dispose();
        foreach (var variable in _adam.State)
            variable.Dispose();
    }
}
