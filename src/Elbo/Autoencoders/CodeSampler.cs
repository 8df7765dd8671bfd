using Elbo.Compute;
using Elbo.Likelihoods;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>
/// Draws codes from q(z|x) for a batch of rows and scores them: the terms of the ELBO, importance weights, and decoder outputs where they are
/// wanted.
/// </summary>
internal sealed class CodeSampler : IDisposable
{
    private const double SmallestVariance = 1e-6;

    private readonly CompiledFunction _function;
    private readonly RowInputs _rows;
    private readonly Tensor _mean;
    private readonly Tensor _logVariance;
    private readonly Tensor _kl;
    private readonly Tensor _terms;
    private readonly Tensor _logWeights;
    private readonly Tensor? _elbos;
    private readonly Tensor? _cells;
    private readonly Tensor? _parameters;
    private readonly Tensor? _completed;

    public CodeSampler(Cpu cpu, LatentNetwork network, Observation observation, bool hasMissing, int rows, int samples, ulong seed, int site, bool givesOutputs = false)
    {
        (Rows, Samples, Draws) = (rows, samples, samples * Math.Max(1, network.Classes));
        _rows = RowInputs.Of(rows, observation.Size, hasMissing, network.Classes);
        var values = _rows.Observed(observation);
        var code = network.Infer(_rows.Features(observation, values), _rows.Random.Normal([samples, rows, network.Latent], site));
        (var cells, _completed) = observation.Score(code.Parameters, values, _rows.Mask, new(_rows.Random, Sites.MissingCells));
        (_mean, _logVariance) = (code.OverDraws(code.Mean), code.OverDraws(code.LogVariance));
        _kl = code.OverDraws(code.Divergence);
        var cellsOverDraws = code.OverDraws(cells);
        _terms = PixelTerms(observation, cellsOverDraws);
        _logWeights = cells.Sum(2) + (code.LogPrior - code.LogPosterior);
        Tensor[] outputs = [_mean, _logVariance, _kl, _terms, _logWeights];
        if (code.LogShares is { } shares)
        {
            _logVariance = Log(Maximum(code.OverDraws(Exp(code.LogVariance) + code.Mean * code.Mean) - _mean * _mean, Tensor.Scalar(SmallestVariance)));
            _elbos = code.OverDraws(_logWeights);
            // As if all draws were alike: what each counts is part of its weight.
            _logWeights = _logWeights + (shares + Math.Log(Draws));
            outputs = [_mean, _logVariance, _kl, _terms, _logWeights, _elbos];
        }
        if (givesOutputs)
            outputs = [.. outputs, _cells = cellsOverDraws, _parameters = code.Parameters, .. _completed is null ? Array.Empty<Tensor>() : [_completed]];
        _function = cpu.Compile(outputs);
        RowInputs.SetSeed(_function, _rows.Seed, seed);
    }

    // Sums of the numbers of each part, as a product with 0 and 1: parts of images are blocks.
    private static Tensor PixelTerms(Observation observation, Tensor cells)
    {
        var parts = observation.Terms.Count;
        if (parts == observation.Size)
            return cells;
        var belongs = new double[observation.Size * parts];
        for (var i = 0; i < observation.Size; i++)
            belongs[i * parts + observation.TermOf(i)] = 1;
        return cells.MatMul(Tensor.FromArray(belongs, [observation.Size, parts]));
    }

    public int Rows { get; }

    /// <summary>Draws of noise for a row.</summary>
    public int Samples { get; }

    /// <summary>Codes of a row: one for each draw of noise, or for each class of the label.</summary>
    public int Draws { get; }

    /// <summary>[rows, latent].</summary>
    public ReadOnlySpan<float> Mean => _function.Output<float>(_mean);

    /// <summary>[rows, latent].</summary>
    public ReadOnlySpan<float> LogVariance => _function.Output<float>(_logVariance);

    /// <summary>The parts of the divergence, averaged over draws where they are of draws, [rows, terms].</summary>
    public ReadOnlySpan<float> Kl => _function.Output<float>(_kl);

    /// <summary>ln p of each part of a row, averaged over draws, [rows, parts].</summary>
    public ReadOnlySpan<float> Terms => _function.Output<float>(_terms);

    /// <summary>ln p of each number, averaged over draws, [rows, numbers]; where outputs are given.</summary>
    public ReadOnlySpan<float> Cells => _function.Output<float>(_cells!);

    /// <summary>ln p(x, z) − ln q(z|x), [draws, rows]: the mean of its exponentials estimates p(x).</summary>
    public ReadOnlySpan<float> LogWeights => _function.Output<float>(_logWeights);

    /// <summary>The bound of each row by its draws, [rows]; empty where that is the mean of <see cref="LogWeights"/>.</summary>
    public ReadOnlySpan<float> Elbos => _elbos is null ? [] : _function.Output<float>(_elbos);

    /// <summary>Decoder outputs of a draw for a row; where outputs are given.</summary>
    public ReadOnlySpan<float> Parameters(int draw, int row)
    {
        var width = _parameters!.Shape[2];
        return _function.Output<float>(_parameters).Slice((draw * Rows + row) * width, width);
    }

    /// <summary>A row with a draw in each of its holes, where the model of the holes draws them and outputs are given; otherwise nothing.</summary>
    public ReadOnlySpan<float> Completed(int sample, int row)
    {
        if (_completed is null)
            return [];
        var width = _completed.Shape[2];
        return _function.Output<float>(_completed).Slice((sample * Rows + row) * width, width);
    }

    /// <summary>New draws for a batch.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="step">Tells these draws from other draws for the same rows.</param>
    /// <param name="look">Tells what the rows are taken for from other times.</param>
    public void Run(IRows data, ReadOnlySpan<int> rows, int step, int look)
    {
        _rows.Fill(_function, data, rows, step, look);
        _function.Run();
    }

    /// <summary>Draws once for each of many rows, batch by batch.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="rows">Which of them.</param>
    /// <param name="use">What to do with a batch: its place among those rows, and how many there are of them.</param>
    public void RunOver(IRows data, ReadOnlySpan<int> rows, Action<int, int> use)
    {
        for (var start = 0; start < rows.Length; start += Rows)
        {
            var batch = rows.Slice(start, Math.Min(Rows, rows.Length - start));
            Run(data, batch, start / Rows, start / Rows);
            use(start, batch.Length);
        }
    }

    /// <summary>Means and log-variances of q(z|x) of many rows, given the groups above where there are several: [rows, latent].</summary>
    public (float[] Means, float[] LogVariances) CodesOf(IRows data, ReadOnlySpan<int> rows)
    {
        var latent = _mean.Shape[1];
        var (means, logVariances) = (new float[rows.Length * latent], new float[rows.Length * latent]);
        RunOver(data, rows, (start, count) =>
        {
            Mean[..(count * latent)].CopyTo(means.AsSpan(start * latent));
            LogVariance[..(count * latent)].CopyTo(logVariances.AsSpan(start * latent));
        });
        return (means, logVariances);
    }

    public void Dispose() => _function.Dispose();
}
