using Elbo.Diagnostics;
using Elbo.Likelihoods;
using Elbo.Objectives;

namespace Elbo.Autoencoders;

/// <summary>Gathers the terms of the bounds of many rows, batch by batch.</summary>
internal sealed class RowBounds
{
    private readonly LatentNetwork _network;
    private readonly Observation _observation;
    private readonly int _rowCount;
    private readonly IReadOnlyList<string> _latentNames;
    private readonly float[] _cells;
    private readonly double[] _parts;
    private readonly double[] _latents;
    private readonly double[] _elbos;
    private readonly double[] _drawnElbos;
    private readonly double[] _weighted;
    private readonly float[] _means;

    private RowBounds(LatentNetwork network, Observation observation, int rowCount, bool keepsCells)
    {
        (_network, _observation, _rowCount, _latentNames) = (network, observation, rowCount, network.DivergenceTerms);
        _cells = new float[keepsCells ? (long)rowCount * observation.Size : 0];
        _parts = new double[observation.Terms.Count];
        _latents = new double[_latentNames.Count];
        (_elbos, _drawnElbos, _weighted) = (new double[rowCount], new double[rowCount], new double[rowCount]);
        _means = new float[rowCount * network.Latent];
    }

    /// <summary>The ELBO of each row by the draws that also make <see cref="Weighted"/>, so that it is never above it; nats.</summary>
    public ReadOnlySpan<double> DrawnElbos => _drawnElbos;

    /// <summary>The importance-weighted bound of each row, nats.</summary>
    public ReadOnlySpan<double> Weighted => _weighted;

    /// <summary>ln p of each number, averaged over draws, [rows, numbers]; empty unless it was to be kept.</summary>
    public ReadOnlySpan<float> Cells => _cells;

    /// <summary>Evaluates rows with so many draws of the code each, rounded up to whole calls of the sampler.</summary>
    public static (RowBounds Sums, int Samples) Over(
        CodeSampler sampler, LatentNetwork network, Observation observation, IRows data, ReadOnlySpan<int> rows, int samples, bool keepsCells = false)
    {
        var sums = new RowBounds(network, observation, rows.Length, keepsCells);
        var calls = Math.Max(1, (samples + sampler.Samples - 1) / sampler.Samples);
        for (var start = 0; start < rows.Length; start += sampler.Rows)
        {
            var batch = rows.Slice(start, Math.Min(sampler.Rows, rows.Length - start));
            var logWeights = new LogMean[batch.Length];
            for (var call = 0; call < calls; call++)
            {
                sampler.Run(data, batch, start / sampler.Rows * calls + call, start / sampler.Rows);
                sums.Add(sampler, start, batch.Length, calls);
                for (var draw = 0; draw < sampler.Draws; draw++)
                {
                    for (var i = 0; i < batch.Length; i++)
                        logWeights[i].Add(sampler.LogWeights[draw * sampler.Rows + i]);
                }
                for (var i = 0; i < sampler.Elbos.Length && i < batch.Length; i++)
                    sums._drawnElbos[start + i] += sampler.Elbos[i] / calls;
            }
            for (var i = 0; i < batch.Length; i++)
            {
                sums._weighted[start + i] = logWeights[i].Value;
                if (sampler.Elbos.IsEmpty)
                    sums._drawnElbos[start + i] = logWeights[i].MeanOfLogarithms;
            }
        }
        return (sums, calls * sampler.Samples);
    }

    private void Add(CodeSampler sampler, int start, int count, int calls)
    {
        var (parts, latents) = (_parts.Length, _latents.Length);
        for (var i = 0; i < count; i++)
        {
            var terms = sampler.Terms.Slice(i * parts, parts);
            var kl = sampler.Kl.Slice(i * latents, latents);
            var elbo = 0.0;
            for (var c = 0; c < parts; c++)
            {
                _parts[c] += terms[c] / (double)calls;
                elbo += terms[c];
            }
            for (var d = 0; d < latents; d++)
            {
                _latents[d] += kl[d] / (double)calls;
                elbo -= kl[d];
            }
            _elbos[start + i] += elbo / calls;
            if (_cells.Length > 0)
            {
                var size = _observation.Size;
                var cells = sampler.Cells.Slice(i * size, size);
                for (var c = 0; c < size; c++)
                    _cells[(start + i) * size + c] += cells[c] / calls;
            }
        }
        sampler.Mean[..(count * _network.Latent)].CopyTo(_means.AsSpan(start * _network.Latent));
    }

    public Evaluation Evaluate(int samples)
    {
        Term[] parts = [.. _parts.Select((sum, c) => new Term(_observation.Terms[c], sum / _rowCount))];
        Term[] latents = [.. _latents.Select((sum, d) => new Term(_latentNames[d], sum / _rowCount))];
        var (reconstruction, kl) = (parts.Sum(t => t.Value), latents.Sum(t => t.Value));
        var bound = new Bound(reconstruction - kl, reconstruction, kl, parts, latents, StandardError(_elbos), _rowCount);
        return new(bound, new(_weighted.Average(), samples, StandardError(_weighted)), PosteriorCollapse.ActiveDimensions(_means, _network.Latent)) { Latents = _network.Latent };
    }

    private static double StandardError(double[] values)
    {
        if (values.Length < 2)
            return double.NaN;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }

    /// <summary>ln of a mean of exponentials, kept up as terms come, and the mean of their logarithms.</summary>
    internal struct LogMean
    {
        private double _max;
        private double _sum;
        private double _sumOfLogarithms;
        private int _count;

        public void Add(double logTerm)
        {
            _sumOfLogarithms += logTerm;
            if (_count++ == 0)
                (_max, _sum) = (logTerm, 1);
            else if (logTerm <= _max)
                _sum += Math.Exp(logTerm - _max);
            else
                (_max, _sum) = (logTerm, _sum * Math.Exp(_max - logTerm) + 1);
        }

        public readonly double Value => _max + Math.Log(_sum / _count);

        public readonly double MeanOfLogarithms => _sumOfLogarithms / _count;
    }
}
