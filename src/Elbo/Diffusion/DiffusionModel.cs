using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Images;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Diffusion;

/// <summary>
/// A diffusion model (Sohl-Dickstein et al., 2015; Ho, Jain and Abbeel, 2020): a hierarchy of T levels whose q adds noise in steps that are given, and whose p takes
/// it away by a network. Its ELBO is a prior term, T − 1 denoising terms and a reconstruction term.
/// </summary>
public sealed class DiffusionModel : IDisposable
{
    private readonly Dictionary<int, LevelEvaluator> _evaluators = [];
    private NoiseChain _chain;

    /// <summary>A model put together from parts, untrained.</summary>
    /// <param name="network">The network.</param>
    /// <param name="shape">How the numbers of a row lie.</param>
    /// <param name="readout">What they are.</param>
    /// <param name="options">The other parts.</param>
    /// <param name="classes">Classes that rows can be of; 0 for none.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    /// <exception cref="ArgumentException">Parts are out of range or do not go together.</exception>
    public DiffusionModel(DenoisingNetwork network, RowShape shape, Readout readout, DiffusionOptions options, int classes = 0, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(readout);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        options.Check();
        (Network, Shape, Readout, Options, Classes) = (network, shape, readout, options, classes);
        ScheduleNetwork = options.Schedule is LearnedSchedule learned ? new(learned.First, learned.Last) : null;
        _chain = new(options.Schedule, options.Levels);
        Cpu = new(threads);
        Refresh();
    }

    /// <summary>The network.</summary>
    public DenoisingNetwork Network { get; }

    /// <summary>How the numbers of a row lie.</summary>
    public RowShape Shape { get; }

    /// <summary>What they are.</summary>
    public Readout Readout { get; }

    /// <summary>The other parts.</summary>
    public DiffusionOptions Options { get; }

    /// <summary>The levels of noise; of a schedule that is learned, as it stands.</summary>
    public NoiseChain Chain => _chain;

    /// <summary>What is learned, of network and schedule.</summary>
    public IReadOnlyList<Variable> Variables => [.. Network.Variables, .. ScheduleNetwork?.Variables ?? []];

    internal MonotoneNetwork? ScheduleNetwork { get; }

    /// <summary>Classes that rows can be of; 0 for none.</summary>
    public int Classes { get; }

    /// <summary>Numbers of a row.</summary>
    public int Size => Shape.Size;

    /// <summary>Numbers of the vector that a row is taken for, to which noise is added.</summary>
    public int Width => Readout.WidthOf(Size);

    /// <summary>Where training stands; null for a model that was not trained.</summary>
    public DiffusionTraining? Training { get; private set; }

    internal Cpu Cpu { get; }

    /// <summary>What is learned, to be kept in a file.</summary>
    public IReadOnlyList<NamedTensor> Weights => [.. Variables.Select(NamedTensor.Of)];

    /// <summary>How rows are trained on where nothing else is said.</summary>
    public static TrainingOptions Usual { get; } = new() { Epochs = 100, Batch = 128, LearningRate = 1e-3, Decay = RateDecay.Cosine, Patience = 1000, WarmUp = 0, WeightDecay = 0, AveragedSteps = 1000, GradientClip = 1 };

    /// <summary>Fits a model to images of 8 bits.</summary>
    /// <param name="images">At least two.</param>
    /// <param name="options">The parts of the model.</param>
    /// <param name="training">How to train.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <param name="labels">The label of each image, from 0, null where it has none; null for a model without classes.</param>
    /// <exception cref="ArgumentException">An option is out of range, or parts do not go together; the message says which and why.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static DiffusionModel Fit(
        ImageSet images, DiffusionOptions? options = null, TrainingOptions? training = null, Func<DiffusionEpoch, DiffusionModel, bool>? progress = null, IReadOnlyList<int?>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Fit(labels is null ? images : new LabelledRows(images, labels), new(images.Height, images.Width, images.Channels), Readout.Shades, options, training, progress);
    }

    /// <summary>Fits a model to rows of numbers of about unit size.</summary>
    /// <param name="rows">At least two; none with missing numbers. Where rows have labels (<see cref="LabelledRows"/>), the model is one of classes.</param>
    /// <param name="options">The parts of the model.</param>
    /// <param name="training">How to train.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">An option is out of range, or parts do not go together; the message says which and why.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static DiffusionModel Fit(
        IRows rows, DiffusionOptions? options = null, TrainingOptions? training = null, Func<DiffusionEpoch, DiffusionModel, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Fit(rows, RowShape.Vector(rows.Size), Readout.Density, options, training, progress);
    }

    /// <summary>Fits a model to rows of any shape and kind of number.</summary>
    /// <param name="rows">At least two; with missing numbers only where the readout allows them. Where rows have labels (<see cref="LabelledRows"/>), the model is one of classes.</param>
    /// <param name="shape">How the numbers of a row lie.</param>
    /// <param name="readout">What they are.</param>
    /// <param name="options">The parts of the model.</param>
    /// <param name="training">How to train.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">An option is out of range, or parts do not go together; the message says which and why.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static DiffusionModel Fit(
        IRows rows, RowShape shape, Readout readout, DiffusionOptions? options = null, TrainingOptions? training = null, Func<DiffusionEpoch, DiffusionModel, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        (options, training) = (options ?? new(), training ?? Usual);
        training.Check();
        var classes = Enumerable.Range(0, rows.Count).Max(row => rows.LabelOf(row)) + 1 ?? 0;
        var model = Make(shape, readout, options, classes, training.Threads);
        try
        {
            model.Train(rows, training, progress: progress is null ? null : epoch => progress(epoch, model));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>An untrained model for rows of a shape.</summary>
    /// <inheritdoc cref="DiffusionModel(DenoisingNetwork, RowShape, Readout, DiffusionOptions, int, int?)"/>
    public static DiffusionModel Make(RowShape shape, Readout readout, DiffusionOptions options, int classes = 0, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(readout);
        var width = readout.WidthOf(shape.Size);
        var noisy = width == shape.Size ? shape : RowShape.Vector(width);
        var denoiser = options.Denoiser ?? (shape.Height > 1 ? Denoiser.UNet([32, 64, 64]) : Denoiser.FullyConnected());
        denoiser.Check(noisy);
        var network = denoiser.Begin(noisy, options.LearnsVariances ? 2 : 1, readout.AllowsMissing ? 2 * shape.Size : 0, classes, new(options.Seed, (ulong)RandomUse.Weights));
        return new(network, shape, readout, options with { Denoiser = denoiser }, classes, threads);
    }

    /// <summary>Trains the model on rows, from the start or from where a training stood.</summary>
    /// <param name="rows">The data.</param>
    /// <param name="training">How to train; what is said there of codes and their divergence does not count here.</param>
    /// <param name="from">Where a training stood, to go on with; null to begin.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a state is of another model.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public void Train(IRows rows, TrainingOptions training, DiffusionTraining? from = null, Func<DiffusionEpoch, bool>? progress = null) =>
        Train(rows, training, from, progress, new Recording.DiffusionRowViews(this));

    internal void Train(IRows rows, TrainingOptions training, DiffusionTraining? from, Func<DiffusionEpoch, bool>? progress, Recording.IDiffusionViews views)
    {
        ArgumentNullException.ThrowIfNull(training);
        training.Check();
        Check(rows);
        if (rows.Count < 2)
            throw new ArgumentException($"A model needs at least two rows; there is {rows.Count}.", nameof(rows));
        using var trainer = new DiffusionTrainer(this, rows, training);
        if (from is not null)
            trainer.Resume(from);
        Training = trainer.State;
        var recording = Recording.DiffusionRecording.Begin(training, this, rows, trainer, from?.History.Count ?? 0, views);
        try
        {
            Run(trainer, recording, progress);
        }
        catch (Exception e)
        {
            recording?.Fail(e);
            throw;
        }
    }

    private void Run(DiffusionTrainer trainer, Recording.DiffusionRecording? recording, Func<DiffusionEpoch, bool>? progress)
    {
        var goesOn = true;
        while (goesOn && !trainer.IsFinished)
        {
            var report = trainer.RunEpoch();
            Training = trainer.State;
            recording?.Epoch(report);
            goesOn = progress?.Invoke(report) ?? true;
        }
        trainer.UseBest();
        recording?.End(trainer.IsFinished);
    }

    /// <summary>The bound of rows, term by term: of what is known of each, and given its label where the model has classes and the row a label.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="visits">Levels that each row visits, spread over all; null for each level once. More make the standard errors of the steps smaller.</param>
    public DiffusionBound Evaluate(IRows rows, int? visits = 16) => Look(rows, visits ?? Chain.Count - 1, false).Of(this);

    /// <summary>
    /// The bound of rows in the limit of steps without end, T → ∞ between the same first and last level: ½∫γ′(t)·E‖ε − ε̂‖² dt in the place of the sum of steps (Kingma, Salimans, Poole
    /// and Ho, 2021, eq. 17). It does not depend on the schedule between its ends.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="visits">Times that each row visits, spread over all.</param>
    public DiffusionBound EvaluateContinuous(IRows rows, int visits = 16) => Look(rows, visits, true).Of(this);

    /// <summary>The ELBO of each row, nats, with the standard error that is left by visits of some levels alone.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="visits">Levels that each row visits, spread over all, at least 2; null for each level once.</param>
    public IReadOnlyList<Estimate> EvaluateRows(IRows rows, int? visits = 64) => Look(rows, visits ?? Chain.Count - 1, false).Elbos;

    private LevelSums Look(IRows rows, int visits, bool isContinuous)
    {
        Check(rows);
        return Evaluator(Math.Min(rows.Count, LevelEvaluator.MostRows)).Evaluate(rows, visits, isContinuous);
    }

    /// <summary>New rows.</summary>
    /// <param name="count">How many.</param>
    /// <param name="options">How to draw them.</param>
    /// <param name="seed">Other seeds give other rows.</param>
    /// <returns>[rows, numbers], row by row.</returns>
    public float[] Sample(int count, SamplingOptions? options = null, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return SampleLabelled(count, options ?? new(), seed, null);
    }

    /// <param name="count">How many rows.</param>
    /// <param name="options">How to draw them.</param>
    /// <param name="seed">Of all draws.</param>
    /// <param name="labels">The label of each row, null for any; in place of the class of the options.</param>
    internal float[] SampleLabelled(int count, SamplingOptions options, ulong seed, IReadOnlyList<int?>? labels)
    {
        using var sampler = new DiffusionSampler(this, options, seed);
        return sampler.Draw(count, null, labels);
    }

    /// <summary>The way of new rows from noise to data, level by level: what <see cref="Sample"/> gives for the same options and seed comes last.</summary>
    /// <param name="count">How many rows, at most 64.</param>
    /// <param name="options">How to draw them.</param>
    /// <param name="seed">Other seeds give other rows.</param>
    /// <returns>A moment for each level that is visited, the noisiest first.</returns>
    public IReadOnlyList<DenoisingMoment> Denoise(int count, SamplingOptions? options = null, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, DiffusionSampler.RowsACall);
        var moments = new List<DenoisingMoment>();
        using var sampler = new DiffusionSampler(this, options ?? new(), seed) { Seen = moments.Add };
        sampler.Draw(count, null, null);
        return moments;
    }

    /// <summary>
    /// Rows whose unknown numbers are drawn so that they go with the known ones: given them, where the model is of rows that may have holes, and so was trained on rows of which some cells
    /// are given; otherwise by putting the known numbers back at each level, with the noise of that level (Lugmayr et al., 2022).
    /// </summary>
    /// <param name="values">[rows, numbers], row by row; what stands where a number is not known does not matter.</param>
    /// <param name="isKnown">Whether each number is known, of the same length.</param>
    /// <param name="options">How to draw; where numbers are put back, more <see cref="SamplingOptions.Repeats"/> let the two go together better.</param>
    /// <param name="seed">Other seeds give other numbers.</param>
    /// <returns>[rows, numbers]; known ones as they were.</returns>
    public float[] Complete(ReadOnlySpan<float> values, ReadOnlySpan<bool> isKnown, SamplingOptions? options = null, ulong seed = 1)
    {
        if (values.Length == 0 || values.Length % Size != 0 || isKnown.Length != values.Length)
            throw new ArgumentException($"{values.Length} numbers, of which it is said of {isKnown.Length} whether they are known, are no rows of {Size}.");
        return CompleteLabelled(values.ToArray(), isKnown.ToArray(), options ?? new() { Repeats = 5 }, seed, null);
    }

    internal float[] CompleteLabelled(float[] values, bool[] isKnown, SamplingOptions options, ulong seed, IReadOnlyList<int?>? labels)
    {
        using var sampler = new DiffusionSampler(this, options, seed);
        return sampler.Draw(values.Length / Size, KnownNumbers.Of(this, values, isKnown), labels);
    }

    /// <summary>Puts weights into the model.</summary>
    /// <exception cref="ArgumentException">They are of another model.</exception>
    public void Restore(IReadOnlyList<NamedTensor> weights)
    {
        NamedTensor.Restore(Variables, weights);
        Refresh();
    }

    // After a change of a schedule that is learned.
    internal void Refresh()
    {
        if (ScheduleNetwork is not null)
            _chain = new(ScheduleNetwork.AsItStands(Options.Levels), Options.Levels);
    }

    internal LevelEvaluator Evaluator(int rows)
    {
        if (!_evaluators.TryGetValue(rows, out var evaluator))
            _evaluators[rows] = evaluator = new(this, rows);
        return evaluator;
    }

    private void Check(IRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Size != Size)
            throw new ArgumentException($"The rows have {rows.Size} numbers each, and the model is of rows of {Size}. Give rows of the kind that it was fitted to.", nameof(rows));
        if (rows.HasMissing && !Readout.AllowsMissing)
            throw new ArgumentException("Some numbers are missing, and noise can be added to whole rows only: impute them first, or leave out rows with gaps.", nameof(rows));
        if (rows.Count == 0)
            throw new ArgumentException("There are no rows.", nameof(rows));
    }

    /// <summary>Lets memory and threads go.</summary>
    public void Dispose()
    {
        foreach (var evaluator in _evaluators.Values)
            evaluator.Dispose();
        Cpu.Dispose();
        foreach (var variable in Network.Variables)
            variable.Dispose();
        ScheduleNetwork?.Dispose();
    }
}
