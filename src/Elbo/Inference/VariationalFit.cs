using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Optimisers;
using Elbo.Programs;
using Elbo.Recording;

namespace Elbo.Inference;

/// <summary>Fits guides to models.</summary>
public static class VariationalInference
{
    /// <summary>Finds the member of a variational family with the highest ELBO.</summary>
    /// <param name="model">The model, with its data.</param>
    /// <param name="guide">The family; <see cref="Guide.FullRank"/> by default.</param>
    /// <param name="options">How to go about it.</param>
    /// <returns>The approximate posterior.</returns>
    /// <exception cref="ModelException">The model is not well formed, has nothing to infer, or cannot be fitted by this family.</exception>
    public static Posterior Fit(this Model model, Guide? guide = null, FitOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (guide, options) = (guide ?? Guide.FullRank, options ?? new());
        var fit = new VariationalFit(model, guide, options);
        return RecordedFit.Of(options.Recorder, "model", options.Seed, [.. FitSettings.Of(options, guide)], () =>
        {
            var posterior = fit.Run();
            if (options.Recorder is { } recorder)
                posterior.Show(recorder);
            return posterior;
        });
    }
}

/// <summary>One fit: from a start near the posterior, stochastic gradient ascent on the ELBO with falling steps, the last iterates averaged.</summary>
internal sealed class VariationalFit(Model model, Guide guide, FitOptions options)
{
    // Of values of discrete unknowns, to be summed over in search of a start.
    private const int MostCombinations = 256;

    public Posterior Run()
    {
        options.Check();
        var begun = Begin();
        if (begun.State.Variables.Count == 0 && !begun.Parameters.Variables.Any())
            return new Posterior(begun.Model, begun.Space, guide, begun.State, begun.Parameters, begun.Cpu, options.Seed) { IsSettled = true, OtherModes = begun.OtherModes, SimulatedFitsOf = Simulations };
        using var ascent = begun.Maximisation(options);
        ascent.Run();
        return new Posterior(begun.Model, begun.Space, guide, begun.State, begun.Parameters, begun.Cpu, options.Seed)
        {
            Steps = ascent.Convergence.Steps,
            IsSettled = ascent.Convergence.IsSettled,
            Convergence = ascent.Convergence,
            OtherModes = begun.OtherModes,
            SimulatedFitsOf = Simulations,
        };
    }

    // Parameters without a prior keep the values that were found, as there is nothing to draw others from.
    private SimulatedFits Simulations(Draws draws)
    {
        var parameters = model.Trace([], RandomDraws.Of(options.Seed)).Parameters.Select(p => p.Name).Where(draws.Names.Contains)
            .Select(name => (name, Value.Of(draws[name], draws.ShapeOf(name)))).ToArray();
        return new(model.Substitute(parameters), (other, seed) => new VariationalFit(other, guide, options with { Seed = seed, Recorder = null }).Run(), options.Seed);
    }

    // The bound and predictions are of all places, so a model that can only be run in minibatches would fail after its fit.
    private void CheckWithAllPlaces(ModelTrace trace)
    {
        if (trace.Plates.FirstOrDefault(p => p.Indices is not null) is not { } plate)
            return;
        try
        {
            model.Whole().Trace([], RandomDraws.Of(options.Seed));
        }
        catch (ShapeException mistake)
        {
            throw new ModelException($"The model runs with minibatches of plate '{plate.Name}' ({plate.BatchSize} of {plate.Size}) and not with all of its places, which its bound and predictions need: {mistake.Message} Where a size is written down, write the BatchSize of the plate.", mistake);
        }
    }

    /// <summary>The model with a guide at its start, not yet moved.</summary>
    public BegunFit Begin()
    {
        var trace = model.Trace([], RandomDraws.Of(options.Seed));
        CheckWithAllPlaces(trace);
        var space = UnconstrainedSpace.Of(trace, model.Type, guide.TakesDiscrete);
        if (space.Dimension == 0)
            throw new ModelException(trace.Parameters.Any()
                ? $"The model has parameters without a prior ({string.Join(", ", trace.Parameters.Select(p => $"'{p.Name}'"))}) and no unknowns, so there is no posterior to approximate. Give one of them a prior: write it with Sample."
                : "The model has no unknowns: every site is data or deterministic, so there is nothing to infer. Name the unknowns with Sample.");
        var cpu = new Cpu(options.Threads);
        var parameters = new PointParameters(trace, cpu);
        var whole = model.With(parameters);
        var start = new Lazy<Start>(() => Start(whole, trace, space, cpu));
        var normal = new Lazy<GaussianStart>(() => options.InitialScale is { } scale ? start.Value.Normal.WithScale(scale) : start.Value.Normal);
        var state = guide.Begin(new(whole, trace, space, normal, cpu, options.Seed));
        return new(whole, space, state, parameters, cpu, state.OtherModes ?? start.Value.OtherModes);
    }

    // Discrete unknowns have no place to begin at: the others begin where they are with those summed out, or where that is too much, as the
    // prior draws them.
    private Start Start(Model whole, ModelTrace trace, UnconstrainedSpace space, Cpu cpu)
    {
        string[] discrete = [.. space.All.Where(c => c.IsDiscrete).Select(c => c.Site)];
        if (discrete.Length == 0)
            return Of(whole, space);
        var continuous = space.Only([.. space.All.Select(c => c.Site).Except(discrete)]);
        if (continuous.Dimension == 0)
            return new(GaussianStart.Standard(space.Dimension), default);
        var combinations = discrete.Aggregate(1.0, (product, site) => product * (trace[site].Distribution!.Support.Count ?? double.PositiveInfinity));
        var start = Of(combinations <= MostCombinations && CanSumOut() ? whole.Enumerate(discrete) : whole, continuous);
        return start with { Normal = start.Normal.Within(space.Dimension, [.. continuous.All.SelectMany(c => Enumerable.Range(space.Find(c.Site)!.Start, c.Count))]) };

        // Not where places of a plate depend on each other through one.
        bool CanSumOut()
        {
            try
            {
                return whole.Enumerate(discrete).Trace([], RandomDraws.Of(options.Seed)).LogJoint is not null;
            }
            catch (ModelException)
            {
                return false;
            }
        }

        Start Of(Model model, UnconstrainedSpace some)
        {
            using var density = new LogDensity(model, some, cpu);
            return new StartingPoint(density, options.Seed).Find();
        }
    }
}

/// <summary>What a fit works on: a model, and a guide of its unknowns.</summary>
internal sealed record BegunFit(Model Model, UnconstrainedSpace Space, GuideState State, PointParameters Parameters, Cpu Cpu, OtherModes OtherModes) : IDisposable
{
    public Ascent Ascent(FitOptions options) => new(Model, Space, State, Parameters, Cpu, options);

    public IMaximisation Maximisation(FitOptions options) => options.Optimiser.HoldsDraws ? new SampleAverage(this, options) : Ascent(options);

    public void Dispose()
    {
        State.Dispose();
        Parameters.Dispose();
        Cpu.Dispose();
    }
}

/// <summary>A way to the highest objective.</summary>
internal interface IMaximisation : IDisposable
{
    /// <summary>Whether it came to rest, and how long that took.</summary>
    Convergence Convergence { get; }

    /// <summary>Moves the parameters there.</summary>
    void Run();
}

/// <summary>The compiled step of a fit and its schedule.</summary>
internal sealed class Ascent : IMaximisation
{
    // Iterates that are looked at: those beside each other are much alike.
    private const int ReadEvery = 8;

    private readonly FitOptions _options;
    private readonly Schedule? _schedule;
    private readonly Averaging _averaging;
    private readonly Tensor _rate;
    private readonly Tensor _weight;
    private readonly Tensor _elbo;
    private readonly ParameterVector _moved;
    private readonly ParameterVector _averages;
    private readonly CompiledFunction? _watched;
    private readonly Tensor? _watchedOfAverages;
    private readonly double[] _iterate;
    private readonly StepReports? _reports;

    // Where the schedule is.
    private int _stage;
    private int _step;

    public Ascent(Model model, UnconstrainedSpace space, GuideState guide, PointParameters parameters, Cpu cpu, FitOptions options)
    {
        Variable[] moved = [.. guide.Variables, .. parameters.Variables];
        Variable[] averages = [.. moved.Select(v => new Variable($"average.{v.Name}", v.Shape, v.Type))];
        (_options, _moved, _averages) = (options, new(moved), new(averages));
        _iterate = new double[_moved.Length];
        _reports = options.Recorder is { } recorder ? new(recorder) : null;
        (_schedule, _averaging) = (options.Schedule ?? options.Optimiser.Schedule, options.Averaging ?? options.Optimiser.Averaging);
        (_rate, _weight) = (Tensor.Input("rate", [], space.Type), Tensor.Input("weight", [], space.Type));
        var optimiser = options.Optimiser.Begin(moved);
        var source = new RandomSource(RandomDraws.SeedOf(options.Seed), optimiser.Steps);
        var estimate = options.Objective.Of(new(model, space, guide, source) { Parameters = [.. parameters.Variables], Draws = options.Draws });
        if (estimate.OwnSteps is not null && _schedule is null)
            throw new ModelException($"The objective, {options.Objective}, takes its steps by the sizes of a schedule, and {options.Optimiser} has none. Use Optimiser.Adam(), or Objective.Elbo.");
        _elbo = estimate.Value;
        var isFinite = TensorMath.IsFinite(_elbo);
        var updates = estimate.Updates(optimiser.Step([.. estimate.Gradients.Select(g => -g)], _rate, isFinite), _rate, isFinite).ToList();
        for (var k = 0; k < averages.Length; k++)
            updates.Add(new(averages[k], averages[k].Value + _weight * (moved[k].Value - averages[k].Value)));
        Step = cpu.Compile([_elbo], updates);
        State = [.. optimiser.State, .. averages];
        if (guide.Watched is not { } watched)
            return;
        var ofAverages = new Vectorisation();
        for (var k = 0; k < averages.Length; k++)
            ofAverages.Replace(moved[k].Value, averages[k].Value);
        Tensor[] each = [watched, .. parameters.Variables.Select(p => p.Value.Reshape([p.Shape.Elements]))];
        _watchedOfAverages = Tensor.Concatenate(0, [.. each.Select(e => ofAverages.Of(e).Value)]).Convert(DType.Float64);
        _watched = cpu.Compile([_watchedOfAverages]);
    }

    public CompiledFunction Step { get; }

    private Variable[] State { get; }

    public Convergence Convergence { get; private set; } = Convergence.OfNothing;

    public void Run()
    {
        for (_stage = 0; _stage < (_schedule?.StageCount ?? 1); _stage++)
            Stage();
        _reports?.Flush();
    }

    // The iterates of the second half are averaged. While they drift, or are too few, the stage becomes twice as long and they are averaged anew.
    private void Stage()
    {
        var length = _options.StepsPerStage;
        var averaged = length / 2;
        sbyte[]? before = null;
        _step = 0;
        Advance(length - averaged);
        while (averaged > 0)
        {
            var (drift, means, statistics) = Averaged(averaged);
            var now = drift.Directions();
            var drifts = averaged >= Drift.Batches && Drift.GoesOn(before, now);
            // The shorter steps of later stages forget too slowly for their iterates to be compared; they take out what steps are off by.
            if (statistics is not null)
                Convergence = Convergence with { RHat = statistics.GreatestRHat, MonteCarloError = statistics.GreatestError, EffectiveIterates = statistics.LeastEffectiveCount };
            if (!drifts && (statistics is null || Convergence.IsPrecise) || 2 * length > _options.StepsPerStage * _options.LongestStage)
            {
                Convergence = Convergence with { Drifts = Convergence.Drifts || drifts };
                _moved.Set(means);
                return;
            }
            before = now;
            averaged = length;
            length *= 2;
        }
    }

    private void Advance(int steps, IterateStatistics? statistics = null)
    {
        for (var step = 0; step < steps; step++)
        {
            var size = _schedule?.Size(_step, _stage) ?? 1;
            Set(_rate, size);
            _step++;
            Set(_weight, 1.0 / (step + 1));
            Step.Run();
            _reports?.Add(Step.Scalar(_elbo), rate: size);
            if (statistics is null || _step % ReadEvery != 0)
                continue;
            _moved.CopyTo(_iterate);
            statistics.Add(_iterate);
        }
        Convergence = Convergence with { Steps = Convergence.Steps + steps };
    }

    // Whether the stretch drifts, and the means of its iterates.
    private (Drift Drift, double[] Means, IterateStatistics? Statistics) Averaged(int steps)
    {
        var batches = Math.Min(Drift.Batches, steps);
        var (batch, means) = (new double[_moved.Length], new double[_moved.Length]);
        var drift = new Drift(_watchedOfAverages?.Shape.Elements ?? batch.Length);
        // Weights of networks wander on while their draws are at rest.
        var statistics = _stage == 0 && _watched is null ? new IterateStatistics(batch.Length) : null;
        var total = 0.0;
        for (var k = 0; k < batches; k++)
        {
            var from = _step;
            Advance((int)((long)steps * (k + 1) / batches - (long)steps * k / batches), statistics);
            statistics?.EndBatch();
            _averages.CopyTo(batch);
            var weight = _averaging.Weight(from, _step);
            total += weight;
            for (var i = 0; i < means.Length; i++)
                means[i] += weight / total * (batch[i] - means[i]);
            _watched?.Run();
            drift.Add(_watched is null ? batch : _watched.Output<double>(_watchedOfAverages!));
        }
        return (drift, means, statistics);
    }

    public void Dispose()
    {
        Step.Dispose();
        _watched?.Dispose();
        foreach (var variable in State)
            variable.Dispose();
    }

    private void Set(Tensor scalar, double value)
    {
        if (scalar.Type == DType.Float64)
            Step.Input<double>(scalar)[0] = value;
        else
            Step.Input<float>(scalar)[0] = (float)value;
    }
}
