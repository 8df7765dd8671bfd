using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Optimisers;
using Elbo.Recording;
using Elbo.Training;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>What an epoch of a diffusion model came to, of what is minimised, a number of a row.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Training">The mean over the epoch's batches, before each step.</param>
/// <param name="HeldOut">Of the held-out rows, each at one level, the same in each epoch; of training rows where none are held out.</param>
/// <param name="IsBest">Whether no epoch before was better.</param>
/// <param name="Notices">Sentences about what went wrong and was mended in this epoch.</param>
public sealed record DiffusionEpoch(int Epoch, double Training, double HeldOut, bool IsBest, IReadOnlyList<string> Notices);

/// <summary>Where training of a diffusion model stands after an epoch: all it takes to go on to the same bits.</summary>
/// <param name="Step">Steps tried, over all epochs: the counter of the random draws.</param>
/// <param name="RateScale">What the step size is multiplied by: halved at each step that was not finite.</param>
/// <param name="BestEpoch">The epoch with the least held-out loss.</param>
/// <param name="History">The epochs so far.</param>
/// <param name="Best">The weights of the best epoch.</param>
/// <param name="Tensors">Weights and optimiser state after the last epoch.</param>
public sealed record DiffusionTraining(int Step, double RateScale, int BestEpoch, IReadOnlyList<DiffusionEpoch> History, IReadOnlyList<NamedTensor> Best, IReadOnlyList<NamedTensor> Tensors);

/// <summary>Goes down what a diffusion model minimises, over minibatches, judged on held-out rows.</summary>
internal sealed class DiffusionTrainer : IDisposable
{
    private const int RowsJudgedEachEpoch = 2000;
    private const int StepsUndoneInARow = 20;

    private readonly DiffusionModel _model;
    private readonly IRows _data;
    private readonly TrainingOptions _options;
    private readonly int[] _training;
    private readonly int[] _heldOut;
    private readonly ShuffledBatches _batches;
    private readonly NoisyRows _noisy;
    private readonly LevelVisits _visits;
    private readonly Adam _adam;
    private readonly WeightAverage? _average;
    private readonly CompiledFunction _function;
    private readonly Tensor _rate = Tensor.Input("rate", []);
    private readonly Tensor _count = Tensor.Input("count", []);
    private readonly Tensor _loss;
    private readonly Tensor _norm;
    private readonly Tensor _accepted;
    private readonly List<DiffusionEpoch> _history = [];
    private NamedTensor[] _best;
    private int _bestEpoch;
    private int _step;
    private double _rateScale = 1;
    private StepReports? _reports;

    public DiffusionTrainer(DiffusionModel model, IRows data, TrainingOptions options)
    {
        (_model, _data, _options) = (model, data, options);
        (_training, _heldOut) = options.Split(data.Count, model.Options.Seed);
        var batch = Math.Min(options.Batch ?? 128, _training.Length);
        _batches = new(_training, batch, model.Options.Seed);
        (_noisy, _visits) = (new(model, batch, learnsSchedule: true), new(model.Chain, model.Options.Objective));
        var variables = model.Variables;
        _adam = new(variables) { WeightDecay = options.WeightDecay };
        _loss = _noisy.Loss.Sum(0) / _count;
        var gradients = Gradient.Of(_loss, [.. variables.Select(v => v.Value)]);
        _norm = Sqrt(gradients.Select(g => (g * g).Sum()).Aggregate((a, b) => a + b));
        _accepted = IsFinite(_norm) & IsFinite(_loss);
        var shrink = Minimum(Tensor.Scalar(1), options.GradientClip / (_norm + 1e-12));
        var updates = _adam.Step([.. gradients.Select(g => g * shrink)], _rate, _accepted);
        if (options.AveragedSteps > 0)
        {
            _average = new(variables, options.AveragedSteps);
            updates = [.. updates, .. _average.Updates(updates, _accepted)];
        }
        _function = model.Cpu.Compile([_loss, _norm, _accepted, _noisy.Term], updates);
        RowInputs.SetSeed(_function, _noisy.Rows.Seed, model.Options.Seed);
        _best = NamedTensor.OfAll(variables);
    }

    /// <summary>The rows that steps are taken on.</summary>
    public int[] Training => _training;

    /// <summary>The rows that judge; none if nothing is held out.</summary>
    public int[] HeldOut => _heldOut;

    /// <summary>A step.</summary>
    public CompiledFunction Function => _function;

    public bool IsFinished => _history.Count >= _options.Epochs || (_heldOut.Length > 0 && _history.Count - _bestEpoch >= _options.Patience);

    public DiffusionTraining State => new(_step, _rateScale, _bestEpoch, [.. _history], _best, NamedTensor.OfAll(All));

    private IEnumerable<Variable> All => [.. _model.Variables, .. _adam.State, .. _average?.Variables ?? [], .. _visits.State];

    public void Resume(DiffusionTraining from)
    {
        NamedTensor.Restore(All, from.Tensors);
        (_step, _rateScale, _bestEpoch, _best) = (from.Step, from.RateScale, from.BestEpoch, [.. from.Best]);
        _history.AddRange(from.History);
        _model.Refresh();
    }

    /// <summary>From now on steps are told.</summary>
    public void TellStepsTo(IProgress<FitEvent> recorder) => _reports = new(recorder, _step, areLosses: true);

    /// <summary>Does something while the model has the weights that are judged: their average, where one is kept.</summary>
    public void WithJudgedWeights(Action look)
    {
        Swap();
        try
        {
            look();
        }
        finally
        {
            Swap();
        }

        void Swap()
        {
            _average?.Swap();
            _model.Refresh();
        }
    }

    public DiffusionEpoch RunEpoch()
    {
        var (epoch, notices) = (_history.Count + 1, new List<string>());
        _batches.Shuffle(epoch);
        var sum = 0.0;
        for (var s = 0; s < _batches.Count; s++)
        {
            var (rows, _) = _batches.Of(s);
            sum += Step(rows, _options.RateAt(epoch - 1 + (double)s / _batches.Count), notices) * rows.Length;
        }
        _average?.Swap();
        _model.Refresh();
        var judged = _heldOut.Length > 0 ? _heldOut : _training;
        var loss = _model.Evaluator(Math.Min(judged.Length, LevelEvaluator.MostRows)).Loss(_data, judged.AsSpan(0, Math.Min(judged.Length, RowsJudgedEachEpoch)));
        var isBest = _history.Count == 0 || loss < _history[_bestEpoch - 1].HeldOut;
        if (isBest)
            (_best, _bestEpoch) = (NamedTensor.OfAll(_model.Variables), epoch);
        _average?.Swap();
        _model.Refresh();
        _history.Add(new(epoch, sum / _training.Length, loss, isBest, notices));
        return _history[^1];
    }

    private double Step(ReadOnlySpan<int> rows, double rate, List<string> notices)
    {
        for (var undone = 0; undone < StepsUndoneInARow; undone++)
        {
            var random = new RandomNumbers(_model.Options.Seed, ((ulong)RandomUse.Levels << 32) + 2 + (uint)_step);
            var (levels, weights) = _visits.Next(rows.Length, random, _model.Options.VisitsByCost);
            var visits = new Visit[rows.Length];
            for (var i = 0; i < visits.Length; i++)
                visits[i] = Visit.Of(_model.Chain, levels[i], weights[i]);
            _noisy.Fill(_function, _data, rows, visits, _step++);
            _noisy.Vary(_function, rows.Length, random);
            _function.Input<float>(_rate)[0] = (float)(rate * _rateScale);
            _function.Input<float>(_count)[0] = rows.Length;
            _function.Run();
            if (_function.Output<int>(_accepted)[0] != 0)
            {
                if (_model.Options.VisitsByCost)
                    _visits.Remember(levels, _function.Output<float>(_noisy.Term));
                _reports?.Add(_function.Scalar(_loss), gradientNorm: _function.Scalar(_norm), rate: rate * _rateScale);
                return _function.Scalar(_loss);
            }
            _rateScale *= 0.5;
            notices.Add($"A step was not finite (loss {_function.Scalar(_loss):G4}, gradient {_function.Scalar(_norm):G4}): it was undone and tried again with half the step size.");
        }
        throw new TrainingException($"{StepsUndoneInARow} steps in a row were not finite in epoch {_history.Count + 1}, however small. Numbers of a row should be of about unit size: standardise them; or begin again with a learning rate below {_options.LearningRate:G3}.");
    }

    public void UseBest()
    {
        _model.Restore(_best);
        _reports?.Flush();
    }

    public void Dispose()
    {
        _function.Dispose();
        _visits.Dispose();
        _average?.Dispose();
        foreach (var variable in _adam.State)
            variable.Dispose();
    }
}
