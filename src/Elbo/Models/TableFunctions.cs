using Elbo.Compute;
using Elbo.Objectives;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Models;

/// <summary>Inputs that every function over rows of a table has.</summary>
internal sealed record RowInputs(Tensor Values, Tensor Mask, Tensor Seed, Tensor Step)
{
    public static RowInputs Of(int rows, int columns) => new(
        Tensor.Input("values", [rows, columns]), Tensor.Input("mask", [rows, columns]),
        Tensor.Input("seed", [2], DType.Int32), Tensor.Input("step", [], DType.Int32));

    public RandomSource Random => new(Seed, Step);

    public static void SetSeed(CompiledFunction function, Tensor input, ulong seed)
    {
        var words = function.Input<int>(input);
        (words[0], words[1]) = ((int)seed, (int)(seed >> 32));
    }
}

/// <summary>What one training step reported.</summary>
/// <param name="Accepted">Whether loss and gradient were finite, and the step taken.</param>
/// <param name="Elbo">The bound of the batch, with one draw of the code: nats per row.</param>
/// <param name="Kl">The divergence of the batch: nats per row.</param>
/// <param name="GradientNorm">Before clipping.</param>
internal readonly record struct StepResult(bool Accepted, double Elbo, double Kl, double GradientNorm);

/// <summary>
/// One step of maximising the ELBO, compiled: batch in, parameters and optimiser updated in place. A step whose loss or gradient
/// is not finite changes nothing.
/// </summary>
internal sealed class TableTrainingStep : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly RowInputs _rows;
    private readonly Tensor _rate;
    private readonly Tensor _klWeight;
    private readonly Tensor _weights;
    private readonly Tensor _accepted;
    private readonly Tensor _elbo;
    private readonly Tensor _kl;
    private readonly Tensor _norm;

    public TableTrainingStep(Cpu cpu, TableNetwork network, Adam adam, int batch, double clip, ulong seed, CompileOptions? options = null)
    {
        _rows = RowInputs.Of(batch, network.Columns.Count);
        _rate = Tensor.Input("rate", []);
        _klWeight = Tensor.Input("klWeight", []);
        _weights = Tensor.Input("weights", [batch, 1]);
        var (mean, logVariance) = network.Encode(_rows.Values, _rows.Mask);
        var z = mean + Exp(0.5 * logVariance) * _rows.Random.Normal(mean.Shape, Sites.TrainingNoise);
        var parameters = network.Decode(z).Reshape([1, batch, network.ParameterCount]);
        var cells = network.LogDensity(parameters, _rows.Values, _rows.Mask).Reshape([batch, network.Columns.Count]);
        var total = _weights.Sum();
        var reconstruction = (cells * _weights).Sum() / total;
        _kl = (GaussianDivergence.ToStandardNormal(mean, logVariance) * _weights).Sum() / total;
        _elbo = reconstruction - _kl;
        var loss = _klWeight * _kl - reconstruction;

        var gradients = Gradient.Of(loss, [.. network.Variables.Select(v => v.Value)]);
        _norm = Sqrt(gradients.Select(g => (g * g).Sum()).Aggregate((a, b) => a + b));
        _accepted = IsFinite(_norm) & IsFinite(loss);
        var shrink = Minimum(Tensor.Scalar(1), clip / (_norm + 1e-12));
        var updates = adam.Step([.. gradients.Select(g => g * shrink)], _rate, _accepted);
        _function = cpu.Compile([_elbo, _kl, _norm, _accepted], updates, options);
        RowInputs.SetSeed(_function, _rows.Seed, seed);
    }

    /// <summary>The compiled step, to be looked at.</summary>
    public CompiledFunction Function => _function;

    public StepResult Run(EncodedTable table, ReadOnlySpan<int> rows, int step, double rate, double klWeight)
    {
        table.Fill(rows, _function.Input<float>(_rows.Values), _function.Input<float>(_rows.Mask));
        var weights = _function.Input<float>(_weights);
        weights[..rows.Length].Fill(1);
        weights[rows.Length..].Clear();
        _function.Input<int>(_rows.Step)[0] = step;
        _function.Input<float>(_rate)[0] = (float)rate;
        _function.Input<float>(_klWeight)[0] = (float)klWeight;
        _function.Run();
        return new(_function.Output<int>(_accepted)[0] != 0, _function.Scalar(_elbo), _function.Scalar(_kl), _function.Scalar(_norm));
    }

    public void Dispose() => _function.Dispose();
}

/// <summary>
/// Draws codes from q(z|x) for a batch of rows and scores them: the terms of the ELBO, importance weights, and decoder outputs.
/// </summary>
internal sealed class TablePosterior : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly RowInputs _rows;
    private readonly Tensor _mean;
    private readonly Tensor _logVariance;
    private readonly Tensor _kl;
    private readonly Tensor _cells;
    private readonly Tensor _logWeights;
    private readonly Tensor _parameters;

    public TablePosterior(Cpu cpu, TableNetwork network, int rows, int samples, ulong seed, int site)
    {
        (Rows, Samples) = (rows, samples);
        _rows = RowInputs.Of(rows, network.Columns.Count);
        (_mean, _logVariance) = network.Encode(_rows.Values, _rows.Mask);
        Shape codes = [samples, rows, network.Latent];
        var noise = _rows.Random.Normal(codes, site);
        var logVariance = _logVariance.BroadcastTo(codes);
        var z = _mean.BroadcastTo(codes) + Exp(0.5 * logVariance) * noise;
        _parameters = network.Decode(z.Reshape([samples * rows, network.Latent])).Reshape([samples, rows, network.ParameterCount]);
        var cells = network.LogDensity(_parameters, _rows.Values, _rows.Mask);
        _kl = GaussianDivergence.ToStandardNormal(_mean, _logVariance);
        _cells = cells.Mean(0);
        _logWeights = cells.Sum(2) + GaussianDivergence.LogPriorMinusPosterior(z, noise, logVariance).Sum(2);
        _function = cpu.Compile([_mean, _logVariance, _kl, _cells, _logWeights, _parameters]);
        RowInputs.SetSeed(_function, _rows.Seed, seed);
    }

    public int Rows { get; }

    public int Samples { get; }

    /// <summary>[rows, latent].</summary>
    public ReadOnlySpan<float> Mean => _function.Output<float>(_mean);

    /// <summary>[rows, latent].</summary>
    public ReadOnlySpan<float> LogVariance => _function.Output<float>(_logVariance);

    /// <summary>Divergence of each dimension, [rows, latent].</summary>
    public ReadOnlySpan<float> Kl => _function.Output<float>(_kl);

    /// <summary>ln p of each cell, averaged over draws, [rows, columns].</summary>
    public ReadOnlySpan<float> Cells => _function.Output<float>(_cells);

    /// <summary>ln p(x, z) − ln q(z|x), [samples, rows].</summary>
    public ReadOnlySpan<float> LogWeights => _function.Output<float>(_logWeights);

    /// <summary>Decoder outputs of a draw for a row.</summary>
    public ReadOnlySpan<float> Parameters(int sample, int row)
    {
        var width = _parameters.Shape[2];
        return _function.Output<float>(_parameters).Slice((sample * Rows + row) * width, width);
    }

    /// <summary>New draws for a batch; <paramref name="step"/> tells them from other draws for the same rows.</summary>
    public void Run(EncodedTable table, ReadOnlySpan<int> rows, int step)
    {
        table.Fill(rows, _function.Input<float>(_rows.Values), _function.Input<float>(_rows.Mask));
        _function.Input<int>(_rows.Step)[0] = step;
        _function.Run();
    }

    public void Dispose() => _function.Dispose();
}

/// <summary>Decoder outputs of codes drawn from the prior.</summary>
internal sealed class TablePrior : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly Tensor _seed = Tensor.Input("seed", [2], DType.Int32);
    private readonly Tensor _step = Tensor.Input("step", [], DType.Int32);
    private readonly Tensor _parameters;

    public TablePrior(Cpu cpu, TableNetwork network, int rows, ulong seed)
    {
        Rows = rows;
        _parameters = network.Decode(new RandomSource(_seed, _step).Normal([rows, network.Latent], Sites.PriorNoise));
        _function = cpu.Compile([_parameters]);
        RowInputs.SetSeed(_function, _seed, seed);
    }

    public int Rows { get; }

    public ReadOnlySpan<float> Parameters(int row) => _function.Output<float>(_parameters).Slice(row * _parameters.Shape[1], _parameters.Shape[1]);

    public void Run(int step)
    {
        _function.Input<int>(_step)[0] = step;
        _function.Run();
    }

    public void Dispose() => _function.Dispose();
}
