using System.Globalization;
using Elbo.Compute;
using Elbo.Programs;

namespace Elbo.Conjugate;

/// <summary>Where a start of coordinate ascent ended.</summary>
/// <param name="Bound">The bound there, in nats, total.</param>
/// <param name="History">The bound before each sweep, or after each epoch of minibatches, and at the end.</param>
/// <param name="IsSettled">Whether nothing much was left to gain.</param>
/// <param name="Steps">Sweeps, or steps on minibatches.</param>
public sealed record Ascended(double Bound, IReadOnlyList<double> History, bool IsSettled, int Steps);

/// <summary>
/// Ascends the bound E ln p + Σ entropies of a conjugate-exponential model factor by factor. Since E ln p is linear in the statistics of a
/// factor, its best natural parameters are the derivative by them (as in Autoconj: Hoffman, Johnson and Tran, 2018), so one loop serves all
/// models: coordinate ascent takes them, stochastic inference goes a part of the way by those of a minibatch, which is a step along the
/// natural gradient (Hoffman, Blei, Wang and Paisley, 2013), and expectation-maximisation takes the mode in place of the density.
/// </summary>
internal sealed class CoordinateAscent : IDisposable
{
    // A gain of less, relative to the bound, is rounding.
    private const double Rounding = 1e-13;

    // Stochastic steps whose end a sweep over all data would still improve by more, in nats, had not come to rest.
    private const double NoticeableGain = 0.5;

    private readonly ExpectedLogJoint _model;
    private readonly CoordinateOptions _options;
    private readonly Tensor _rate = Tensor.Input("rate", [], DType.Float64);
    private readonly Tensor _elbo;
    private readonly CompiledFunction _begin;
    private readonly CompiledFunction _bound;
    private readonly CompiledFunction[] _sweep;
    private readonly Tensor? _rows;
    private readonly CompiledFunction? _step;
    private readonly CompiledFunction? _ofRows;
    private int _start;

    public CoordinateAscent(ExpectedLogJoint model, CoordinateOptions options, Cpu cpu)
    {
        (_model, _options) = (model, options);
        var joint = model.Common + model.OfRows(null);
        _elbo = model.Factors.Aggregate(joint, (sum, factor) => sum + factor.Entropy);
        _begin = cpu.Compile([], [.. model.Factors.SelectMany(f => Followed(f, f.Natural))]);
        _bound = cpu.Compile([_elbo]);
        _sweep = [.. model.Groups.Select((group, g) => cpu.Compile(g == 0 ? [_elbo] : [], [.. group.SelectMany(f => Taken(f, Gradient.Of(joint, [.. f.Statistics])))]))];
        if (options.Batch is not { } batch)
            return;
        batch = Math.Min(batch, model.Rows);
        _rows = Tensor.Input("rows", [batch], DType.Int32);
        var ofRows = model.OfRows(_rows);
        var estimate = model.Common + ofRows * ((double)model.Rows / batch);
        Factor[] local = [.. model.Factors.Where(f => f.IsLocal)];
        var ofBatch = local.SelectMany(f => TakenOf(f, Gradient.Of(ofRows, [.. f.Statistics]))).ToList();
        if (local.Length > 0)
            _ofRows = cpu.Compile([], ofBatch);
        _step = cpu.Compile([], [.. ofBatch, .. model.Factors.Except(local).SelectMany(f => Moved(f, Gradient.Of(estimate, [.. f.Statistics])))]);
    }

    /// <summary>From one start to the end.</summary>
    /// <exception cref="ModelException">The bound is not a number.</exception>
    public Ascended Run(int start)
    {
        _model.Begin(new RandomNumbers(_options.Seed, 0x434F_0000 + (ulong)start));
        _begin.Run();
        _start = start;
        return _step is null ? Sweep() : Stochastic(start);
    }

    /// <summary>The bound of the factors as they are.</summary>
    public double Bound()
    {
        _begin.Run();
        _bound.Run();
        return _bound.Scalar(_elbo);
    }

    /// <summary>Moves all factors once by all rows; gives the bound before.</summary>
    public double SweepOnce()
    {
        foreach (var function in _sweep)
            function.Run();
        return _sweep[0].Scalar(_elbo);
    }

    public void Dispose()
    {
        foreach (var function in (CompiledFunction?[])[_begin, _bound, .. _sweep, _step, _ofRows])
            function?.Dispose();
    }

    private Ascended Sweep()
    {
        var history = new List<double>();
        for (var sweep = 0; sweep < _options.Sweeps; sweep++)
        {
            history.Add(Told(Checked(SweepOnce(), sweep), sweep));
            if (IsAtRest(history))
                return new(End(history), history, true, sweep + 1);
        }
        return new(End(history), history, IsAtRest(history), _options.Sweeps);
    }

    private Ascended Stochastic(int start)
    {
        var random = new RandomNumbers(_options.Seed, 0x5356_0000 + (ulong)start);
        int[] order = [.. Enumerable.Range(0, _model.Rows)];
        var (history, batch, step) = (new List<double>(), _rows!.Shape[0], 0);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            Shuffle(order, random);
            for (var at = 0; at + batch <= order.Length; at += batch)
                Step(order.AsSpan(at, batch), Math.Pow(step++ + _options.Delay, -_options.Forgetting));
            _bound.Run();
            history.Add(Told(Checked(_bound.Scalar(_elbo), epoch), epoch));
        }
        // What a sweep over all data would still gain; it is taken, since it is known.
        SweepOnce();
        End(history);
        return new(history[^1], history, history[^1] - history[^2] < NoticeableGain, step);
    }

    private void Step(ReadOnlySpan<int> rows, double rate)
    {
        if (_ofRows is { } ofRows)
        {
            rows.CopyTo(ofRows.Input<int>(_rows!));
            for (var sweep = 0; sweep < _options.RowSweeps; sweep++)
                ofRows.Run();
        }
        rows.CopyTo(_step!.Input<int>(_rows!));
        _step.Input<double>(_rate)[0] = Math.Min(1, rate);
        _step.Run();
    }

    private double End(List<double> history)
    {
        _bound.Run();
        history.Add(Checked(_bound.Scalar(_elbo), history.Count));
        return history[^1];
    }

    private bool IsAtRest(List<double> history)
    {
        if (history.Count < 3)
            return false;
        var (before, last) = (history[^2] - history[^3], history[^1] - history[^2]);
        if (Math.Abs(last) <= Rounding * Math.Abs(history[^1]))
            return true;
        var ratio = last / before;
        return ratio is >= 0 and < 1 && last * ratio / (1 - ratio) < _options.Tolerance;
    }

    private double Told(double bound, int sweep)
    {
        _options.Recorder?.Report(new Recording.SweepEnded(sweep + 1, _start + 1, bound));
        return bound;
    }

    private double Checked(double bound, int sweep) => double.IsFinite(bound) ? bound
        : throw new ModelException(string.Create(CultureInfo.InvariantCulture, $"The bound is {bound} after {sweep} sweeps. {_model.Remedy}"));

    // The statistics of natural parameters.
    private static IEnumerable<Update> Followed(Factor factor, IReadOnlyList<Tensor> natural) =>
        factor.StatisticVariables.Zip(factor.StatisticsOf(natural), (variable, value) => new Update(variable, value));

    private static IEnumerable<Update> Taken(Factor factor, Tensor[] natural) =>
        [.. factor.NaturalVariables.Zip(natural, (variable, value) => new Update(variable, value)), .. Followed(factor, natural)];

    private IEnumerable<Update> Moved(Factor factor, Tensor[] natural) =>
        Taken(factor, [.. factor.Natural.Zip(natural, (old, best) => old + _rate * (best - old))]);

    // Other rows than those of the minibatch stay.
    private IEnumerable<Update> TakenOf(Factor factor, Tensor[] natural)
    {
        var isInBatch = Tensor.Full(_rows!.Shape, 1, DType.Float64).ScatterAdd(_rows, _model.Rows) > 0.5;
        Tensor InBatch(Tensor like) => isInBatch.Reshape(Shape.Create([_model.Rows, .. Enumerable.Repeat(1, like.Rank - 1)])).BroadcastTo(like.Shape);
        return Taken(factor, [.. factor.Natural.Zip(natural, (old, best) => TensorMath.Where(InBatch(old), best, old))]);
    }

    private static void Shuffle(int[] order, RandomNumbers random)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.NextBelow(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
