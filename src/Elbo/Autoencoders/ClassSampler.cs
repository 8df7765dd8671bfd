using Elbo.Compute;

namespace Elbo.Autoencoders;

/// <summary>What a model with a label says of the classes of rows, whatever labels they have.</summary>
internal sealed class ClassSampler : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly RowInputs _inputs;
    private readonly Tensor _logClasses;
    private readonly Tensor? _logJoint;
    private readonly int _rows;
    private readonly int _classes;
    private readonly int _samples;

    /// <param name="model">The model.</param>
    /// <param name="hasMissing">Whether numbers of the rows can be missing.</param>
    /// <param name="rows">Rows a call.</param>
    /// <param name="samples">Draws a call of the code for each class; 0 to ask q(y|x) alone.</param>
    public ClassSampler(Vae model, bool hasMissing, int rows, int samples)
    {
        var (network, observation) = (model.Network, model.Observation);
        (_rows, _classes, _samples) = (rows, network.Classes, samples);
        _inputs = RowInputs.Of(rows, observation.Size, hasMissing, network.Classes);
        var values = _inputs.Observed(observation);
        var draws = Math.Max(1, samples);
        var code = network.Infer(_inputs.Features(observation, values), _inputs.Random.Normal([draws, rows, network.Latent], Sites.PosteriorNoise));
        var shares = code.LogShares!;
        _logClasses = shares.Slice(0, 0, _classes) + Math.Log(draws);
        Tensor[] outputs = [_logClasses];
        if (samples > 0)
        {
            // ln p(x, y, z) − ln q(z|x, y): without q(y|x), which the shares are, but for the number of draws.
            var ofCell = observation.Score(code.Parameters, values, _inputs.Mask, new(_inputs.Random, Sites.MissingCells)).LogDensity.Sum(2);
            outputs = [_logClasses, _logJoint = ofCell + (code.LogPrior - code.LogPosterior) + (shares + Math.Log(draws))];
        }
        _function = model.Cpu.Compile(outputs);
        RowInputs.SetSeed(_function, _inputs.Seed, model.Seed);
    }

    /// <summary>ln q(y|x) of rows, or where codes are drawn the logarithms of estimates of p(x, y): [rows][classes].</summary>
    public double[][] Run(IRows data, int samples)
    {
        var result = new double[data.Count][];
        var calls = _samples == 0 ? 1 : (samples + _samples - 1) / _samples;
        for (var start = 0; start < data.Count; start += _rows)
        {
            int[] batch = [.. Enumerable.Range(start, Math.Min(_rows, data.Count - start))];
            var sums = new RowBounds.LogMean[batch.Length * _classes];
            for (var call = 0; call < calls; call++)
            {
                _inputs.Fill(_function, data, batch, start / _rows * calls + call, start / _rows);
                _function.Run();
                var each = _function.Output<float>(_logJoint ?? _logClasses);
                for (var draw = 0; draw < each.Length / _rows; draw++)
                {
                    for (var i = 0; i < batch.Length; i++)
                        sums[i * _classes + draw % _classes].Add(each[draw * _rows + i]);
                }
            }
            for (var i = 0; i < batch.Length; i++)
                result[start + i] = [.. Enumerable.Range(0, _classes).Select(k => sums[i * _classes + k].Value)];
        }
        return result;
    }

    public void Dispose() => _function.Dispose();
}
