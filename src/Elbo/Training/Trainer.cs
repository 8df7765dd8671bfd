using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Likelihoods;
using Elbo.Optimisers;

namespace Elbo.Training;

/// <summary>
/// Goes up an objective over minibatches, judged on held-out rows. Everything random is a function of the seed and a
/// counter, and everything that changes is a variable or in <see cref="TrainingState"/>, so a run that is stopped after an epoch
/// and taken up again ends in the same bits as one that is not.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private const int EvaluationRows = 128;

    // Held-out rows looked at each epoch; all are looked at in the end. A smaller share of a large table judges as well.
    private const int RowsJudgedEachEpoch = 4000;

    // Draws of the code in a call; more are of several calls.
    private const int LargestJudgedSamples = 64;

    // Rows whose codes tell whether information still grows.
    private const int RowsOfInformation = 1000;

    // A run of this many steps that are not finite is not a matter of step size.
    private const int StepsUndoneInARow = 20;

    private readonly LatentNetwork _network;
    private readonly Observation _observation;
    private readonly IRows _data;
    private readonly IRows _judgedData;
    private readonly TrainingOptions _options;
    private readonly ulong _seed;
    private readonly Adam _adam;
    private readonly TrainingStep _step;
    private readonly CodeSampler _judge;
    private readonly AggressiveEncoder? _aggressive;
    private readonly Variable[] _learned;
    private readonly Variable[] _variables;
    private readonly List<EpochLine> _history = [];
    private readonly int _batch;
    private readonly TrainingBatches _batches;
    private readonly int _judgedDraws;
    private NamedTensor[] _best;
    private int _epoch;
    private int _stepCount;
    private int _bestEpoch;
    private double _bestElbo = double.NegativeInfinity;
    private double _rateScale = 1;
    private bool _isFinished;
    private Recording.StepReports? _reports;
    private double _epochs;

    /// <param name="cpu">Where to compute.</param>
    /// <param name="network">What is latent.</param>
    /// <param name="observation">What is observed.</param>
    /// <param name="data">The rows.</param>
    /// <param name="validation">Rows that judge in place of a part of the others; null for such a part.</param>
    /// <param name="options">How to train.</param>
    /// <param name="seed">Of everything random.</param>
    public Trainer(Cpu cpu, LatentNetwork network, Observation observation, IRows data, IRows? validation, TrainingOptions options, ulong seed)
    {
        (_network, _observation, _data, _judgedData, _options, _seed) = (network, observation, data, validation ?? data, options, seed);
        (Training, HeldOut) = validation is null
            ? options.Split(data.Count, seed, network.Classes > 0 ? row => data.LabelOf(row) is not null : null)
            : ([.. Enumerable.Range(0, data.Count)], [.. Enumerable.Range(0, validation.Count)]);
        _batch = Math.Min(options.Batch ?? DefaultBatch(Training.Length), Training.Length);
        _batches = network.Classes > 0 ? new BalancedBatches(data, Training, _batch, seed) : new ShuffledBatches(Training, _batch, seed);
        _learned = [.. network.Variables, .. observation.Variables];
        _adam = new Adam([.. network.EncoderVariables, .. network.DecoderVariables, .. observation.Variables]) { WeightDecay = options.WeightDecay };
        _step = new TrainingStep(cpu, network, observation, _adam, _batch, seed, options, data.HasMissing, dataRows: Training.Length);
        // An importance-weighted bound is judged by no fewer draws than it is maximised with.
        _judgedDraws = Math.Max(options.HeldOutSamples, options.Objective.DrawsOfRow);
        var samples = Math.Min(_judgedDraws, LargestJudgedSamples);
        _judge = new CodeSampler(cpu, network, observation, _judgedData.HasMissing, Math.Min(EvaluationRows, Judged.Length), samples, seed, Sites.BoundNoise);
        _aggressive = options.AggressiveEncoder ? new() : null;
        _variables = [.. _learned, .. _adam.State, .. _step.State, .. _aggressive?.State ?? []];
        _best = NamedTensor.OfAll(_learned);
    }

    /// <summary>The rows that steps are taken on.</summary>
    public int[] Training { get; }

    /// <summary>The rows that judge; none if nothing is held out.</summary>
    public int[] HeldOut { get; }

    /// <summary>The parameters of the best epoch.</summary>
    public IReadOnlyList<NamedTensor> Best => _best;

    /// <summary>The rows that judge training: the held-out ones, or all where there are none.</summary>
    public int[] Judged => HeldOut.Length > 0 ? HeldOut : Training;

    public TrainingState State => new(_epoch, _stepCount, _bestEpoch, _bestElbo, _rateScale, _isFinished, [.. _history], NamedTensor.OfAll(_variables));

    public bool IsFinished => _isFinished || _epoch >= _options.Epochs;

    /// <summary>Takes up training where a state left it.</summary>
    /// <param name="state">Where it stood.</param>
    /// <param name="best">The parameters of its best epoch.</param>
    public void Resume(TrainingState state, IReadOnlyList<NamedTensor> best)
    {
        NamedTensor.Restore(_variables, state.Tensors);
        (_epoch, _stepCount, _bestEpoch, _bestElbo, _rateScale, _isFinished) = (state.Epoch, state.Step, state.BestEpoch, state.BestElbo, state.RateScale, state.IsFinished);
        _history.AddRange(state.History);
        _best = [.. best];
    }

    /// <summary>From now on steps are told.</summary>
    public void TellStepsTo(IProgress<Recording.FitEvent> recorder) => _reports = new(recorder, _stepCount);

    /// <summary>Does something while the model has the parameters that are judged: their average, where one is kept.</summary>
    public void WithJudgedWeights(Action look)
    {
        _step.Average?.Swap();
        try
        {
            look();
        }
        finally
        {
            _step.Average?.Swap();
        }
    }

    /// <summary>One pass over the training rows and a look at the held-out ones.</summary>
    /// <exception cref="TrainingException">Steps keep being not finite however small they are.</exception>
    public EpochReport RunEpoch()
    {
        _epoch++;
        var notices = new List<string>();
        _batches.Shuffle(_epoch);
        var (elbo, counted, steps) = (0.0, 0, _batches.Count);
        var klWeight = 1.0;
        for (var s = 0; s < steps; s++)
        {
            var epochs = _epochs = _epoch - 1 + (s + 1.0) / steps;
            klWeight = Share(epochs, _options.WarmUp);
            var (rows, weights) = _batches.Of(s);
            var (rate, grown) = (_options.RateAt(epochs - 1.0 / steps), Share(epochs, _options.Budget.GrowingEpochs));
            var part = TrainedPart.All;
            if (_aggressive is { IsOn: true })
            {
                AggressiveEncoder.Lead(() => Step(AnyRows(), rate, klWeight, grown, TrainedPart.Encoder, notices));
                part = TrainedPart.Decoder;
            }
            elbo += Step(rows, rate, klWeight, grown, part, notices, weights) * rows.Length;
            counted += rows.Length;
        }
        _aggressive?.Judge(Information, _epoch, notices);
        return Judge(elbo / counted, klWeight, notices);
    }

    /// <summary>Where the time of a step goes. The steps are taken, so this trainer has moved on afterwards.</summary>
    public FunctionProfile ProfileStep(int runs)
    {
        // A batch to work on; steps that are measured repeat it.
        _step.Run(_data, Training.AsSpan(0, _batch), _stepCount++, _options.LearningRate * _rateScale, 1);
        return _step.Function.Profile(runs);
    }

    // A step that is not finite was undone by the step itself; it is tried again, smaller and with fresh noise.
    private double Step(ReadOnlySpan<int> rows, double rate, double klWeight, double grown, TrainedPart part, List<string> notices, ReadOnlySpan<float> weights = default)
    {
        for (var undone = 0; undone < StepsUndoneInARow; undone++)
        {
            var result = _step.Run(_data, rows, _stepCount++, rate * _rateScale, klWeight, grown, part, weights);
            if (result.Accepted)
            {
                _reports?.Add(result.Elbo, result.Kl, _epochs, result.GradientNorm, rate * _rateScale, klWeight);
                return result.Elbo;
            }
            _rateScale *= 0.5;
            notices.Add($"A step was not finite (bound {result.Elbo:G4}, gradient {result.GradientNorm:G4}): it was undone and tried again with half the step size, {_options.LearningRate * _rateScale:G3} from now on.");
        }
        throw new TrainingException($"{StepsUndoneInARow} steps in a row were not finite in epoch {_epoch}, however small. A column may hold values of very different sizes: look for outliers, or give it a StudentT or LogNormal likelihood. Or steps before these were too large: begin again with a learning rate below {_options.LearningRate:G3}.");
    }

    // A batch of the training rows that depends on the number of the step alone.
    private int[] AnyRows()
    {
        var random = new RandomNumbers(_seed, ((ulong)RandomUse.EncoderRows << 32) + (uint)_stepCount);
        var rows = new int[_batch];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = Training[random.NextBelow(Training.Length)];
        return rows;
    }

    // What codes of judged rows tell of them.
    private double Information()
    {
        var rows = Judged.AsSpan(0, Math.Min(Judged.Length, RowsOfInformation));
        var latent = _network.Latent;
        var (means, logVariances) = _judge.CodesOf(_judgedData, rows);
        return AggregateSplit.Of(new(means, latent), new(logVariances, latent), new() { Draws = Math.Max(2, rows.Length), Seed = _seed, Threads = _options.Threads }).Information.Value;
    }

    private EpochReport Judge(double trainingElbo, double klWeight, List<string> notices)
    {
        var rows = Judged.AsSpan(0, Math.Min(Judged.Length, RowsJudgedEachEpoch));
        _step.Average?.Swap();
        var (sums, samples) = RowBounds.Over(_judge, _network, _observation, _judgedData, rows, _judgedDraws);
        var evaluation = sums.Evaluate(samples);
        // The bound that is maximised is the one to judge by.
        var judged = _options.Objective.DrawsOfRow > 1 ? evaluation.ImportanceWeighted.Value : evaluation.Bound.Elbo;
        // Where no bound is maximised, none tells which epoch is best; the last one has what is maximised in its place highest.
        var isBest = judged > _bestElbo || _options.Constraint is not null || !_options.Budget.IsJudgedByBound || !_options.Objective.IsJudgedByBound;
        if (isBest)
        {
            (_bestElbo, _bestEpoch) = (judged, _epoch);
            _best = NamedTensor.OfAll(_learned);
        }
        _step.Average?.Swap();
        // Before the divergence has its full weight, a bound is no guide to when to stop.
        _isFinished = HeldOut.Length > 0 && _epoch - Math.Max(_bestEpoch, _options.WarmUp) >= _options.Patience;
        _history.Add(new(_epoch, trainingElbo, evaluation.Bound.Elbo, evaluation.ImportanceWeighted.Value, evaluation.Bound.Kl, evaluation.ActiveLatents));
        return new(_epoch, trainingElbo, klWeight, evaluation.Bound, evaluation.ImportanceWeighted, evaluation.ActiveLatents, isBest, notices) { Constraint = _step.Constraint?.Report, Latents = _network.Latent };
    }

    /// <summary>Puts the parameters of the best epoch into the model.</summary>
    public void UseBest()
    {
        NamedTensor.Restore(_learned, _best);
        _reports?.Flush();
    }

    public void Dispose()
    {
        _step.Dispose();
        _judge.Dispose();
        _aggressive?.Dispose();
        foreach (var variable in _adam.State)
            variable.Dispose();
    }

    private static double Share(double epochs, int of) => of == 0 ? 1 : Math.Min(1, epochs / of);

    private static int DefaultBatch(int rows) => (int)Math.Clamp(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(rows / 50 + 1)), 32, 512);
}
