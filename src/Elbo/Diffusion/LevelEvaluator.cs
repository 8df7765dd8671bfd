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
    private readonly RowVectors _vectors;
    private readonly CompiledFunction _function;
    private readonly int _batch;

    public LevelEvaluator(DiffusionModel model, int rows)
    {
        (_model, _batch, _noisy, _vectors) = (model, rows, new(model, rows), new(model, rows));
        _function = model.Cpu.Compile([_noisy.Term, _noisy.SquaredError, _noisy.Loss]);
        RowInputs.SetSeed(_function, _noisy.Rows.Seed, model.Options.Seed);
    }

    /// <summary>The mean of what is minimised over rows: each visits one level, the same each time.</summary>
    public double Loss(IRows data, ReadOnlySpan<int> rows)
    {
        var (random, visits) = (new RandomNumbers(_model.Options.Seed, Stream(0)), new LevelVisits(_model.Chain, _model.Options.Objective));
        var (sum, step) = (0.0, 0);
        for (var start = 0; start < rows.Length; start += _batch)
        {
            var some = rows.Slice(start, Math.Min(_batch, rows.Length - start));
            var (levels, weights) = visits.Next(some.Length, random, byCost: false);
            Run(data, some, [.. levels.Zip(weights, (t, weight) => Visit.Of(_model.Chain, t, weight))], step++);
            foreach (var loss in _function.Output<float>(_noisy.Loss)[..some.Length])
                sum += loss;
        }
        visits.Dispose();
        return sum / rows.Length;
    }

    /// <summary>The terms of rows.</summary>
    public LevelSums Evaluate(IRows data, int visits, bool isContinuous = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(visits, 1);
        var (chain, count) = (_model.Chain, data.Count);
        var (first, prior, steps) = (new double[count], new double[count], new RunningMean[count]);
        var (terms, errors) = (new RunningMean[chain.Count + 1], new RunningMean[chain.Count + 1]);
        var random = new RandomNumbers(_model.Options.Seed, Stream(1));
        var step = 1 << 20;
        var all = new int[count];
        for (var i = 0; i < count; i++)
            all[i] = i;
        for (var start = 0; start < count; start += _batch)
        {
            var some = all.AsSpan(start, Math.Min(_batch, count - start));
            Prior(data, some, step++, prior.AsSpan(start));
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
                Run(data, some, visited, step++);
                var term = _function.Output<float>(_noisy.Term);
                var error = _function.Output<float>(_noisy.SquaredError);
                for (var i = 0; i < some.Length; i++)
                {
                    if (v < 0)
                        first[start + i] = term[i];
                    else
                        steps[start + i].Add((double)term[i] * (isContinuous ? 1 : chain.Count - 1));
                    terms[levels[i]].Add(v >= 0 && isContinuous ? (double)term[i] / (chain.Count - 1) : term[i]);
                    errors[levels[i]].Add(error[i]);
                }
            }
        }
        return new(prior, steps, first, terms, errors);
    }

    // KL(N(αx, σ²I)‖N(0, I)) of the last level, in closed form.
    private void Prior(IRows data, ReadOnlySpan<int> rows, int look, Span<double> sums)
    {
        var last = _model.Chain[_model.Chain.Count];
        var signal = last.Signal * last.Signal;
        // σ² − 1 − ln σ² is of the second order in α², where both of its parts are of the first.
        var each = -signal - double.LogP1(-signal);
        _vectors.Fill(data, rows, look);
        for (var i = 0; i < rows.Length; i++)
        {
            var values = _vectors.Values(i);
            var isThere = _vectors.IsThere(i);
            for (var k = 0; k < values.Length; k++)
                sums[i] += 0.5 * isThere[k] * (signal * values[k] * values[k] + each);
        }
    }

    private void Run(IRows data, ReadOnlySpan<int> rows, Visit[] visits, int step)
    {
        _noisy.Fill(_function, data, rows, visits, step);
        _function.Run();
    }

    private static ulong Stream(uint use) => ((ulong)RandomUse.Levels << 32) + use;

    public void Dispose()
    {
        _function.Dispose();
        _vectors.Dispose();
    }
}

/// <summary>Terms of the bound of rows, row by row and level by level.</summary>
/// <param name="Prior">L_T of each row.</param>
/// <param name="Steps">Of each row what its visits say of the sum of steps.</param>
/// <param name="First">L_0 of each row.</param>
/// <param name="Terms">Of each level, from 1, what visits of it came to.</param>
/// <param name="Errors">Of each level the squared error.</param>
internal sealed record LevelSums(double[] Prior, RunningMean[] Steps, double[] First, RunningMean[] Terms, RunningMean[] Errors)
{
    /// <summary>The ELBO of each row.</summary>
    public Estimate[] Elbos => [.. Prior.Select((prior, row) => new Estimate(-(prior + Steps[row].Estimate.Value + First[row]), Steps[row].Estimate.StandardError))];

    /// <summary>The mean over rows.</summary>
    public DiffusionBound Of(DiffusionModel model)
    {
        double[] steps = [.. Steps.Select(s => s.Estimate.Value)];
        return new(
            Estimate.OfMean(Prior), Estimate.OfMean(steps), Estimate.OfMean(First), Estimate.OfMean([.. Elbos.Select(e => -e.Value)]),
            [.. Enumerable.Range(1, model.Chain.Count).Where(t => Terms[t].Count > 0).Select(t => new LevelTerm(t, Terms[t].Estimate, Errors[t].Estimate, t == 1 ? 0 : model.Chain.StepTo(t).Cost))],
            model.Size, model.Readout.IsDiscrete)
        {
            Rows = Prior.Length,
        };
    }
}

/// <summary>Mean and standard error of numbers one after the other (Welford, 1962).</summary>
internal struct RunningMean
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
