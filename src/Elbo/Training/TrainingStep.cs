using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Objectives;
using Elbo.Optimisers;
using static Elbo.Compute.TensorMath;

namespace Elbo.Training;

/// <summary>What one training step reported.</summary>
/// <param name="Accepted">Whether loss and gradient were finite, and the step taken.</param>
/// <param name="Elbo">The bound of the batch by its draws of the code, before the step: nats per row. The importance-weighted one where that is maximised.</param>
/// <param name="Kl">The divergence of the batch: nats per row.</param>
/// <param name="GradientNorm">Before clipping.</param>
internal readonly record struct StepResult(bool Accepted, double Elbo, double Kl, double GradientNorm);

/// <summary>What a training step changes.</summary>
internal enum TrainedPart
{
    All,
    Encoder,
    Decoder,
}

/// <summary>
/// One step up an objective, compiled: batch in, parameters and optimiser updated in place. A step whose objective or gradient is not finite
/// changes nothing.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly RowInputs _rows;
    private readonly Tensor _rate = Tensor.Input("rate", []);
    private readonly Tensor _klWeight = Tensor.Input("klWeight", []);
    private readonly Tensor _grown = Tensor.Input("grown", []);
    private readonly Tensor _part = Tensor.Input("part", [], DType.Int32);
    private readonly Tensor _weights;
    private readonly Tensor _accepted;
    private readonly Tensor _bound;
    private readonly Tensor _kl;
    private readonly Tensor _norm;
    private readonly BudgetState? _budget;

    public TrainingStep(Cpu cpu, LatentNetwork network, Observation observation, OptimiserState optimiser, int batch, ulong seed, TrainingOptions options, bool hasMissing = true, CompileOptions? compile = null, int? dataRows = null)
    {
        options.Budget.Need(network);
        _budget = options.Budget.Begin(network.Latent, seed);
        _rows = RowInputs.Of(batch, observation.Size, hasMissing);
        _weights = Tensor.Input("weights", [1, batch]);
        var objective = options.Objective;
        var values = _rows.Observed(observation);
        var code = network.Infer(observation.Features(values, _rows.Mask), _rows.Random.Normal([objective.DrawsOfRow, batch, network.Latent], Sites.TrainingNoise));
        var logLikelihood = observation.LogDensity(code.Parameters, values, _rows.Mask).Sum(2);
        if (options.Constraint is { } constraint)
            Constraint = new(constraint, new(values, code.Parameters, logLikelihood, code.Z, observation));
        var terms = new RowTerms(logLikelihood, code, _weights, _klWeight)
        {
            GuideVariables = network.EncoderVariables,
            ModelVariables = [.. network.DecoderVariables, .. observation.Variables],
            HasOneGroup = network.Groups.Count == 1,
            Budget = options.Budget,
            Grown = _grown,
            BudgetState = _budget,
            DataRows = dataRows,
            Constraint = Constraint,
        };
        _kl = terms.Divergence;
        var estimate = objective.OfRows(terms);
        _bound = objective.DrawsOfRow > 1 ? estimate.Value : terms.Reconstruction - _kl;

        _norm = Sqrt(estimate.Gradients.Select(g => (g * g).Sum()).Aggregate((a, b) => a + b));
        _accepted = IsFinite(_norm) & IsFinite(estimate.Value);
        var shrink = -Minimum(Tensor.Scalar(1), options.GradientClip / (_norm + 1e-12));
        var updates = optimiser.Step([.. estimate.Gradients.Select(g => g * shrink)], _rate, _accepted);
        if (options.AggressiveEncoder)
            updates = Parted(updates, network, observation);
        if (options.AveragedSteps > 0)
        {
            Average = new WeightAverage([.. network.Variables, .. observation.Variables], options.AveragedSteps);
            updates = [.. updates, .. Average.Updates(updates, _accepted)];
        }
        _function = cpu.Compile([_bound, _kl, _norm, _accepted], [.. updates, .. Constraint?.Updates(terms, _accepted) ?? [], .. _budget?.Updates(terms, _accepted) ?? []], compile);
        RowInputs.SetSeed(_function, _rows.Seed, seed);
    }

    /// <summary>The compiled step, to be looked at.</summary>
    public CompiledFunction Function => _function;

    /// <summary>The constraint at work; null for none.</summary>
    public ConstraintState? Constraint { get; }

    /// <summary>The average of the parameters over steps; null where none is kept.</summary>
    public WeightAverage? Average { get; }

    /// <summary>Everything but the parameters and the optimiser that changes from step to step.</summary>
    public IEnumerable<Variable> State => [.. Constraint?.Variables ?? [], .. _budget?.Variables ?? [], .. Average?.Variables ?? []];

    public StepResult Run(IRows data, ReadOnlySpan<int> rows, int step, double rate, double klWeight, double grown = 1, TrainedPart part = TrainedPart.All)
    {
        _rows.Fill(_function, data, rows, step, step);
        var weights = _function.Input<float>(_weights);
        weights[..rows.Length].Fill(1);
        weights[rows.Length..].Clear();
        _function.Input<float>(_rate)[0] = (float)rate;
        if (_function.Reads(_klWeight))
            _function.Input<float>(_klWeight)[0] = (float)klWeight;
        if (_function.Reads(_grown))
            _function.Input<float>(_grown)[0] = (float)grown;
        if (_function.Reads(_part))
            _function.Input<int>(_part)[0] = (int)part;
        _function.Run();
        return new(_function.Output<int>(_accepted)[0] != 0, _function.Scalar(_bound), _function.Scalar(_kl), _function.Scalar(_norm));
    }

    // The other part keeps its weights. The optimiser's memory of its gradients goes on, so that they are known when its turn comes.
    private IReadOnlyList<Update> Parted(IReadOnlyList<Update> updates, LatentNetwork network, Observation observation)
    {
        var of = network.EncoderVariables.Select(v => (v, TrainedPart.Encoder)).Concat(network.DecoderVariables.Concat(observation.Variables).Select(v => (v, TrainedPart.Decoder))).ToDictionary(v => v.v, v => v.Item2);
        Tensor Is(TrainedPart part) => _part.EqualTo((double)part);
        return [.. updates.Select(u => of.TryGetValue(u.Variable, out var part) ? new Update(u.Variable, Where(Is(TrainedPart.All) | Is(part), u.Value, u.Variable.Value)) : u)];
    }

    public void Dispose()
    {
        _function.Dispose();
        Constraint?.Dispose();
        _budget?.Dispose();
        Average?.Dispose();
    }
}
