using Elbo.Diagnostics;
using Elbo.Objectives;

namespace Elbo.Models;

/// <summary>Bounds of rows.</summary>
/// <param name="Bound">The ELBO and its terms.</param>
/// <param name="ImportanceWeighted">The tighter bound.</param>
/// <param name="ActiveLatents">Latent dimensions whose posterior mean varies over these rows.</param>
public sealed record TableEvaluation(Bound Bound, ImportanceWeightedBound ImportanceWeighted, int ActiveLatents)
{
    /// <summary>A sentence if the code has collapsed, with remedies; otherwise null.</summary>
    public string? Collapse => PosteriorCollapse.Explain(Bound, ActiveLatents);
}

/// <summary>Gathers the terms of the bounds of many rows, batch by batch.</summary>
internal sealed class BoundAccumulator(TableNetwork network, int rowCount, bool keepsCells = false)
{
    private readonly float[] _cells = new float[keepsCells ? (long)rowCount * network.Columns.Count : 0];
    private readonly double[] _columns = new double[network.Columns.Count];
    private readonly double[] _latents = new double[network.Latent];
    private readonly double[] _elbos = new double[rowCount];
    private readonly double[] _drawnElbos = new double[rowCount];
    private readonly double[] _weighted = new double[rowCount];
    private readonly float[] _means = new float[rowCount * network.Latent];

    /// <summary>The ELBO of each row by the draws that also make <see cref="Weighted"/>, so that it is never above it; nats.</summary>
    public ReadOnlySpan<double> DrawnElbos => _drawnElbos;

    /// <summary>The importance-weighted bound of each row, nats.</summary>
    public ReadOnlySpan<double> Weighted => _weighted;

    /// <summary>ln p of each cell, averaged over draws, [rows, columns]; empty unless it was to be kept.</summary>
    public ReadOnlySpan<float> Cells => _cells;

    /// <summary>Evaluates rows with so many draws of the code each, rounded up to whole calls of the posterior.</summary>
    public static (BoundAccumulator Sums, int Samples) Over(TablePosterior posterior, TableNetwork network, EncodedTable table, ReadOnlySpan<int> rows, int samples, bool keepsCells = false)
    {
        var sums = new BoundAccumulator(network, rows.Length, keepsCells);
        var calls = Math.Max(1, (samples + posterior.Samples - 1) / posterior.Samples);
        for (var start = 0; start < rows.Length; start += posterior.Rows)
        {
            var batch = rows.Slice(start, Math.Min(posterior.Rows, rows.Length - start));
            var logWeights = new LogMean[batch.Length];
            for (var call = 0; call < calls; call++)
            {
                posterior.Run(table, batch, start / posterior.Rows * calls + call);
                sums.Add(posterior, start, batch.Length, calls);
                for (var sample = 0; sample < posterior.Samples; sample++)
                {
                    for (var i = 0; i < batch.Length; i++)
                        logWeights[i].Add(posterior.LogWeights[sample * posterior.Rows + i]);
                }
            }
            for (var i = 0; i < batch.Length; i++)
                (sums._weighted[start + i], sums._drawnElbos[start + i]) = (logWeights[i].Value, logWeights[i].MeanOfLogarithms);
        }
        return (sums, calls * posterior.Samples);
    }

    private void Add(TablePosterior posterior, int start, int count, int calls)
    {
        var (columns, latents) = (_columns.Length, _latents.Length);
        for (var i = 0; i < count; i++)
        {
            var cells = posterior.Cells.Slice(i * columns, columns);
            var kl = posterior.Kl.Slice(i * latents, latents);
            var elbo = 0.0;
            for (var c = 0; c < columns; c++)
            {
                _columns[c] += cells[c] / (double)calls;
                elbo += cells[c];
            }
            for (var d = 0; d < latents; d++)
            {
                _latents[d] += kl[d] / (double)calls;
                elbo -= kl[d];
            }
            _elbos[start + i] += elbo / calls;
            for (var c = 0; c < columns && keepsCells; c++)
                _cells[(start + i) * columns + c] += cells[c] / calls;
        }
        posterior.Mean[..(count * latents)].CopyTo(_means.AsSpan(start * latents));
    }

    public TableEvaluation Evaluate(int samples)
    {
        Term[] columns = [.. _columns.Select((sum, c) => new Term(network.Columns[c].Column.Name, sum / rowCount))];
        Term[] latents = [.. _latents.Select((sum, d) => new Term($"z{d + 1}", sum / rowCount))];
        var (reconstruction, kl) = (columns.Sum(t => t.Value), latents.Sum(t => t.Value));
        var bound = new Bound(reconstruction - kl, reconstruction, kl, columns, latents, StandardError(_elbos), rowCount);
        return new(bound, new(_weighted.Average(), samples, StandardError(_weighted)), PosteriorCollapse.ActiveDimensions(_means, network.Latent));
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
