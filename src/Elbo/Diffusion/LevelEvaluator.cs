using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;

namespace Elbo.Diffusion;

/// <summary>Terms of the bound of rows, by draws of levels and of noise.</summary>
internal sealed class LevelEvaluator : IDisposable
{
    public const int MostRows = 256;

    private readonly DiffusionModel _model;
    private readonly NoisyRows _noisy;
    private readonly CompiledFunction _function;
    private readonly int _batch;

    public LevelEvaluator(DiffusionModel model, int rows)
    {
        (_model, _batch, _noisy) = (model, rows, new(model, rows));
        _function = model.Cpu.Compile([_noisy.Term, _noisy.SquaredError, _noisy.Loss]);
        RowInputs.SetSeed(_function, _noisy.Rows.Seed, model.Options.Seed);
    }

    /// <summary>The mean of what is minimised over rows: each visits one level, the same each time.</summary>
    public double Loss(IRows data, ReadOnlySpan<int> rows, IReadOnlyList<int>? classes)
    {
        var (random, visits) = (new RandomNumbers(_model.Options.Seed, Stream(0)), new LevelVisits(_model.Chain, _model.Options.Objective));
        var (sum, step) = (0.0, 0);
        for (var start = 0; start < rows.Length; start += _batch)
        {
            var some = rows.Slice(start, Math.Min(_batch, rows.Length - start));
            var (levels, weights) = visits.Next(some.Length, random, byCost: false);
            Run(data, some, classes, [.. levels.Zip(weights, (t, weight) => Visit.Of(_model.Chain, t, weight))], step++);
            foreach (var loss in _function.Output<float>(_noisy.Loss)[..some.Length])
                sum += loss;
        }
        visits.Dispose();
        return sum / rows.Length;
    }

    public DiffusionBound Evaluate(IRows data, int[] rows, IReadOnlyList<int>? classes, int visits, bool isContinuous = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(visits, 1);
        var chain = _model.Chain;
        var (first, steps, prior) = (new double[rows.Length], new double[rows.Length], Prior(data, rows));
        var (terms, errors) = (new RunningMean[chain.Count + 1], new RunningMean[chain.Count + 1]);
        var random = new RandomNumbers(_model.Options.Seed, Stream(1));
        var step = 1 << 20;
        for (var start = 0; start < rows.Length; start += _batch)
        {
            var some = rows.AsSpan(start, Math.Min(_batch, rows.Length - start));
            for (var v = -1; v < visits; v++)
            {
                // Visit −1 is of the first level; the others are each in a stretch of the rest.
                var (visited, levels) = (new Visit[some.Length], new int[some.Length]);
                for (var i = 0; i < some.Length; i++)
                {
                    var place = (v + random.NextUniform()) / visits;
                    levels[i] = v < 0 ? 1 : 2 + Math.Min((int)(place * (chain.Count - 1)), chain.Count - 2);
                    visited[i] = v >= 0 && isContinuous ? Visit.At(chain, Math.Min(place, 1)) : Visit.Of(chain, levels[i]);
                }
                Run(data, some, classes, visited, step++);
                var term = _function.Output<float>(_noisy.Term);
                var error = _function.Output<float>(_noisy.SquaredError);
                for (var i = 0; i < some.Length; i++)
                {
                    var scale = isContinuous ? 1 : chain.Count - 1;
                    if (v < 0)
                        first[start + i] = term[i];
                    else
                        steps[start + i] += (double)term[i] * scale / visits;
                    terms[levels[i]].Add(v >= 0 && isContinuous ? (double)term[i] / (chain.Count - 1) : term[i]);
                    errors[levels[i]].Add(error[i]);
                }
            }
        }
        var totals = new double[rows.Length];
        for (var i = 0; i < totals.Length; i++)
            totals[i] = prior[i] + steps[i] + first[i];
        return new(
            Estimate.OfMean(prior), Estimate.OfMean(steps), Estimate.OfMean(first), Estimate.OfMean(totals),
            [.. Enumerable.Range(1, chain.Count).Where(t => terms[t].Count > 0).Select(t => new LevelTerm(t, terms[t].Estimate, errors[t].Estimate, t == 1 ? 0 : chain.StepTo(t).Cost))],
            _model.Size, _model.Readout.IsDiscrete);
    }

    // KL(N(αx, σ²I)‖N(0, I)) of the last level, in closed form.
    private double[] Prior(IRows data, int[] rows)
    {
        var last = _model.Chain[_model.Chain.Count];
        var (signal, variance) = (last.Signal * last.Signal, last.Variance);
        // σ² − 1 − ln σ² is of the second order in α², where both of its parts are of the first.
        var each = -signal - double.LogP1(-signal);
        var (sums, values) = (new double[rows.Length], new float[_model.Size]);
        for (var i = 0; i < rows.Length; i++)
        {
            data.Fill([rows[i]], values, []);
            foreach (var value in values)
            {
                var x = _model.Readout.Embed(value);
                sums[i] += 0.5 * (signal * x * x + each);
            }
        }
        return sums;
    }

    private void Run(IRows data, ReadOnlySpan<int> rows, IReadOnlyList<int>? classes, Visit[] visits, int step)
    {
        var of = new int[classes is null ? 0 : rows.Length];
        for (var i = 0; i < of.Length; i++)
            of[i] = classes![rows[i]];
        _noisy.Fill(_function, data, rows, of, visits, step);
        _function.Run();
    }

    private static ulong Stream(uint use) => ((ulong)RandomUse.Levels << 32) + use;

    public void Dispose() => _function.Dispose();

    /// <summary>Mean and standard error of numbers one after the other (Welford, 1962).</summary>
    private struct RunningMean
    {
        private double _mean;
        private double _squares;

        public int Count { get; private set; }

        public readonly Estimate Estimate => new(_mean, Math.Sqrt(_squares / Math.Max(1, Count - 1) / Count));

        public void Add(double value)
        {
            Count++;
            var off = value - _mean;
            _mean += off / Count;
            _squares += off * (value - _mean);
        }
    }
}
