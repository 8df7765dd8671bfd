using Elbo.Classification;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Images;
using Elbo.Likelihoods;
using Elbo.Recording;
using Elbo.Training;

namespace Elbo.Autoencoders;

/// <summary>
/// A variational autoencoder (Kingma and Welling, 2014; Rezende, Mohamed and Wierstra, 2014), put together from parts: what is latent and how it
/// makes a row, <see cref="LatentNetwork"/>, and what is observed of the row, <see cref="Likelihoods.Observation"/>.
/// </summary>
public sealed class Vae : IDisposable
{
    private const int RowsACall = 64;
    private const int SamplesACall = 16;

    private readonly Dictionary<(bool HasMissing, bool GivesOutputs, int Samples), CodeSampler> _samplers = [];
    private Func<(IReadOnlyList<NamedTensor>, TrainingState)>? _checkpoint;

    /// <summary>An autoencoder of parts, not trained yet.</summary>
    /// <param name="network">What is latent. The autoencoder takes it over, and lets its memory go with its own.</param>
    /// <param name="observation">What is observed; taken over as well.</param>
    /// <param name="seed">Decides everything random but the first weights, which are the parts' own.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has. Results do not depend on it.</param>
    public Vae(LatentNetwork network, Observation observation, ulong seed = 1, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(observation);
        (Network, Observation, Seed, Cpu) = (network, observation, seed, new(threads));
    }

    /// <summary>What is latent and how it makes a row.</summary>
    public LatentNetwork Network { get; }

    /// <summary>What is observed of a row.</summary>
    public Observation Observation { get; }

    /// <summary>Decides everything random.</summary>
    public ulong Seed { get; }

    /// <summary>Where it computes.</summary>
    public Cpu Cpu { get; }

    /// <summary>All that a model of images is apart from its weights; null for one put together by hand.</summary>
    public VaeDescription? Description { get; private init; }

    /// <summary>Everything learned.</summary>
    public IReadOnlyList<Variable> Variables => [.. Network.Variables, .. Observation.Variables];

    /// <summary>The weights.</summary>
    public IReadOnlyList<NamedTensor> Weights => [.. Variables.Select(NamedTensor.Of)];

    /// <summary>Where training stands, for going on; null for a model that was not trained here.</summary>
    public TrainingState? TrainingState { get; private set; }

    /// <summary>Rows that the model was trained on, by index; none for a loaded model.</summary>
    public IReadOnlyList<int> TrainingRows { get; private set; } = [];

    /// <summary>Rows that were held out, by index, or all of the validation rows where such were given; none for a loaded model.</summary>
    public IReadOnlyList<int> HeldOutRows { get; private set; } = [];

    /// <summary>Fits a model to images.</summary>
    /// <param name="images">At least two.</param>
    /// <param name="options">The parts of the model.</param>
    /// <param name="training">How to train.</param>
    /// <param name="validation">Images that judge the fit; null to hold some of the others out.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <param name="labels">The label of each image, from 0, null where it has none; for a model with a label.</param>
    /// <exception cref="ArgumentException">An option is out of range, or parts do not go together; the message says which and why.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static Vae Fit(
        ImageSet images, VaeOptions? options = null, TrainingOptions? training = null, ImageSet? validation = null, Func<EpochReport, Vae, bool>? progress = null,
        IReadOnlyList<int?>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        training ??= ForImages;
        training.Check();
        if (images.Count < 2)
            throw new ArgumentException($"A model needs at least two images; there are {images.Count}.");
        CheckSizes(images, validation);
        var description = new VaeDescription(new(images.Height, images.Width, images.Channels), (options ?? new()).For(images), training with { Recorder = null }, images.Count);
        var rows = Labelled(images, description.Options, labels);
        return Make(description, training.Threads, model => model.Train(
            rows, training, validation, null, progress is null ? null : report => progress(report, model), new ImageViews(description, validation ?? images, validation ?? rows)));
    }

    /// <summary>How images are trained on where nothing else is said: the bound alone decides when to stop, and weights do not decay.</summary>
    public static TrainingOptions ForImages { get; } = new() { Epochs = 100, Batch = 128, LearningRate = 1e-3, Patience = 20, WarmUp = 0, WeightDecay = 0 };

    /// <summary>A model from its description and weights.</summary>
    /// <exception cref="ArgumentException">The weights are not those of the description.</exception>
    public static Vae Load(VaeDescription description, IReadOnlyList<NamedTensor> weights, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(weights);
        return Make(description, threads, model => NamedTensor.Restore(model.Variables, weights));
    }

    /// <summary>Goes on with a fit to images. With the same images this ends in the same bits as if it had never been stopped.</summary>
    /// <param name="description">The model, with as many epochs in its training options as are wanted in all.</param>
    /// <param name="best">The weights of its best epoch so far: those of the saved model.</param>
    /// <param name="state">Where training stood.</param>
    /// <param name="images">The images it was fitted to.</param>
    /// <param name="validation">The images that judged it; null where some of the others did.</param>
    /// <param name="progress">As for <see cref="Fit"/>.</param>
    /// <param name="labels">The labels of the images, where the model has one.</param>
    /// <exception cref="ArgumentException">The images are not those of the fit, or the state is of another model.</exception>
    public static Vae Resume(
        VaeDescription description, IReadOnlyList<NamedTensor> best, TrainingState state, ImageSet images, ImageSet? validation = null, Func<EpochReport, Vae, bool>? progress = null,
        IReadOnlyList<int?>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count != description.Images || images.Size != description.Shape.Size)
            throw new ArgumentException($"The model was fitted to {description.Images} images of {description.Shape.Size} numbers, and these are {images.Count} of {images.Size}: training can only go on with the same images.");
        CheckSizes(images, validation);
        description.Training.Check();
        var rows = Labelled(images, description.Options, labels);
        var training = description.Training;
        return Make(description with { Training = training with { Recorder = null } }, training.Threads, model => model.Train(
            rows, training, validation, (best, state), progress is null ? null : report => progress(report, model), new ImageViews(description, validation ?? images, validation ?? rows)));
    }

    private static IRows Labelled(ImageSet images, VaeOptions options, IReadOnlyList<int?>? labels)
    {
        if ((options.Label is null) != (labels is null))
            throw new ArgumentException(labels is null ? "The model has a label, and the images have none: give labels, null where an image has none." : "There are labels, and the model has none: say so in VaeOptions.Label.", nameof(labels));
        return labels is null ? images : new LabelledRows(images, labels);
    }

    private static void CheckSizes(ImageSet images, ImageSet? validation)
    {
        if (validation is not null && (validation.Height, validation.Width, validation.Channels) != (images.Height, images.Width, images.Channels))
            throw new ArgumentException($"The validation images have {validation.Height} x {validation.Width} pixels with {validation.Channels} channels, those to fit {images.Height} x {images.Width} with {images.Channels}.");
    }

    // A model that does not come to be leaves no threads or memory behind.
    private static Vae Make(VaeDescription description, int? threads, Action<Vae> complete)
    {
        var options = description.Options;
        var observation = new PixelObservation(description.Shape, options.Likelihood ?? PixelLikelihood.Bernoulli, options.Binarisation ?? Binarisation.None);
        var setting = new LatentSetting(description.Shape, observation.FeatureCount, observation.ParameterCount, new RandomNumbers(options.Seed, (ulong)RandomUse.Weights));
        LatentNetwork network = options.Label is { } label
            ? new LabelledNetwork(setting, label, options.Latent, options.Architecture, options.Posterior, options.Prior, options.DecoderScale)
            : options.Hierarchy?.Begin(setting, options.DecoderScale) ?? new EncoderDecoder(setting, options.Latent, options.Architecture, options.Posterior, options.Prior, options.DecoderScale);
        var model = new Vae(network, observation, options.Seed, threads) { Description = description };
        try
        {
            complete(model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Trains the model on rows, from the start or from where a training stood.</summary>
    /// <param name="rows">The data.</param>
    /// <param name="training">How to train.</param>
    /// <param name="validation">Rows that judge; null to hold some of the others out.</param>
    /// <param name="from">The best weights and the state of a training to go on with; null to begin.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a state is of another model.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public void Train(
        IRows rows, TrainingOptions training, IRows? validation = null, (IReadOnlyList<NamedTensor> Best, TrainingState State)? from = null, Func<EpochReport, bool>? progress = null) =>
        Train(rows, training, validation, from, progress, new RowViews(this, validation ?? rows));

    // The same, where it is known what a recorder can be shown of the model.
    internal void Train(
        IRows rows, TrainingOptions training, IRows? validation, (IReadOnlyList<NamedTensor> Best, TrainingState State)? from, Func<EpochReport, bool>? progress, IModelViews views)
    {
        ArgumentNullException.ThrowIfNull(training);
        training.Check();
        CheckRows(rows);
        using var trainer = new Trainer(Cpu, Network, Observation, rows, validation, training, Seed);
        if (from is { } stand)
            trainer.Resume(stand.State, stand.Best);
        else
            new DataStart(this, rows, trainer.Training).Begin();
        (TrainingRows, HeldOutRows) = (trainer.Training, trainer.HeldOut);
        var recording = TrainingRecording.Begin(training, views, this, trainer, from?.State.Epoch ?? 0);
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

    private void Run(Trainer trainer, TrainingRecording? recording, Func<EpochReport, bool>? progress)
    {
        var goesOn = true;
        while (goesOn && !trainer.IsFinished)
        {
            var report = trainer.RunEpoch();
            _checkpoint = () => (trainer.Best, trainer.State);
            recording?.Epoch(report);
            goesOn = progress?.Invoke(report) ?? true;
        }
        TrainingState = trainer.State;
        trainer.UseBest();
        _checkpoint = null;
        recording?.End(trainer.IsFinished);
    }

    /// <summary>During training, the best weights so far and where training stands; afterwards the same of the whole.</summary>
    /// <exception cref="InvalidOperationException">The model was not trained here.</exception>
    public (IReadOnlyList<NamedTensor> Best, TrainingState State) Checkpoint() =>
        _checkpoint?.Invoke() ?? (Weights, TrainingState ?? throw new InvalidOperationException("The model was loaded, not trained: it has no state of training."));

    /// <summary>The bounds of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="samples">Draws of the code for each row: the K of the importance-weighted bound.</param>
    public Evaluation Evaluate(IRows rows, int samples = 128)
    {
        var (sums, drawn) = Bounds(rows, samples);
        return sums.Evaluate(drawn);
    }

    /// <summary>The ELBO and the importance-weighted bound of each row, in nats, by the same draws.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public (double[] Elbo, double[] ImportanceWeighted) EvaluateRows(IRows rows, int samples = 128)
    {
        var (sums, _) = Bounds(rows, samples);
        return (sums.DrawnElbos.ToArray(), sums.Weighted.ToArray());
    }

    internal (RowBounds Sums, int Samples) Bounds(IRows rows, int samples, bool keepsCells = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        CheckRows(rows);
        if (rows.Count == 0)
            throw new ArgumentException("There are no rows to evaluate.");
        return RowBounds.Over(Sampler(rows.HasMissing, keepsCells), Network, Observation, rows, All(rows), samples, keepsCells);
    }

    /// <summary>Mean and standard deviation of q(z|x) for each row, given the groups above where there are several: [rows][latent].</summary>
    public (double[][] Means, double[][] Deviations) Encode(IRows rows)
    {
        CheckRows(rows);
        var (means, logVariances) = Sampler(rows.HasMissing).CodesOf(rows, All(rows));
        return ([.. means.Chunk(Network.Latent).Select(row => Array.ConvertAll(row, m => (double)m))], [.. logVariances.Chunk(Network.Latent).Select(row => Array.ConvertAll(row, v => Math.Exp(0.5 * v)))]);
    }

    /// <summary>The probabilities of the classes of each row, by a model with a label; labels that rows have are not looked at.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="samples">0 for q(y|x), the classifier; otherwise draws of the code for each class, by which p(y|x) ∝ p(x, y) is estimated.</param>
    /// <exception cref="ArgumentException">The model has no label.</exception>
    public ClassProbabilities Classify(IRows rows, int samples = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        CheckRows(rows);
        if (Network.Classes == 0)
            throw new ArgumentException("The model has no label, so there are no classes; fit one with a label.");
        using var sampler = new ClassSampler(this, rows.HasMissing, RowsACall, Math.Min(samples, SamplesACall));
        return new(sampler.Run(LabelledRows.Without(rows), samples));
    }

    /// <summary>Finds how sure the classes of a model of images may be, by fits of its kind from which labels are hidden.</summary>
    /// <param name="rows">The images that it was fitted to, with their labels.</param>
    /// <param name="fits">How many of <see cref="LabelCalibration.UsualFolds"/> folds of the labels are hidden in turn, each with a fit of its own.</param>
    /// <param name="validation">The rows that judged its training; null where some of the others did.</param>
    /// <param name="progress">Told of each epoch of each fit; returning false ends that fit after it.</param>
    /// <exception cref="InvalidOperationException">The model was put together by hand: <see cref="LabelCalibration.Of(IRows, Func{IRows, Vae}, int, int?, ulong)"/> takes any fit.</exception>
    public LabelCalibration Calibrate(IRows rows, int fits = LabelCalibration.UsualFolds, IRows? validation = null, Func<EpochReport, bool>? progress = null)
    {
        CheckRows(rows);
        var description = Description ?? throw new InvalidOperationException("The model was put together by hand, so it cannot be made again; use LabelCalibration.Of with a fit of its kind.");
        return LabelCalibration.Of(
            rows, fewer => Make(description, Cpu.Threads, model => model.Train(fewer, description.Training, validation, progress: progress)), fits: fits, seed: Seed);
    }

    /// <summary>Means and log-variances of q(z|x) for each row, given the groups above where there are several: [rows, latent].</summary>
    public (Points Means, Points LogVariances) Codes(IRows rows)
    {
        CheckRows(rows);
        var (means, logVariances) = Sampler(rows.HasMissing).CodesOf(rows, All(rows));
        return (new(means, Network.Latent), new(logVariances, Network.Latent));
    }

    /// <summary>Rows as the model sees them: the mean of each number given a draw of the code.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>[rows, numbers], row by row.</returns>
    public float[] Reconstruct(IRows rows) => FromCodes(rows, (parameters, values, _) => Observation.Mean(parameters, values));

    /// <summary>New rows from codes of rows: of each a code from q(z|x), and each number from its likelihood.</summary>
    /// <remarks>They are samples of the model with the codes of these rows in the place of the prior, so they tell what of the samples' faults is the prior's.</remarks>
    /// <param name="rows">The rows.</param>
    /// <param name="seed">Other seeds give other numbers for the same codes.</param>
    /// <returns>[rows, numbers], row by row.</returns>
    public float[] SampleFromCodes(IRows rows, ulong seed = 1) => FromCodes(
        rows, (parameters, values, row) => Observation.Draw(parameters, values, new RandomNumbers(seed, ((ulong)RandomUse.SamplesFromCodes << 32) + (uint)row)));

    // Numbers for each row by the decoder outputs of a draw of its code.
    private float[] FromCodes(IRows rows, Action<ReadOnlySpan<float>, Span<float>, int> numbers)
    {
        CheckRows(rows);
        var size = Observation.Size;
        var sampler = Sampler(rows.HasMissing, givesOutputs: true, samples: 1);
        var values = new float[rows.Count * size];
        sampler.RunOver(rows, All(rows), (start, count) =>
        {
            for (var i = 0; i < count; i++)
                numbers(sampler.Parameters(0, i), values.AsSpan((start + i) * size, size), start + i);
        });
        return values;
    }

    /// <summary>New rows: a code from the prior, and each number from its likelihood.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Other seeds give other rows.</param>
    /// <param name="means">Whether to give the means of the numbers in place of draws of them.</param>
    /// <param name="label">The class of a model with a label that all rows are to be of; null for classes drawn as well.</param>
    /// <returns>[rows, numbers], row by row.</returns>
    /// <exception cref="ArgumentException">There is no such class, or no label.</exception>
    public float[] Sample(int count, ulong seed = 1, bool means = false, int? label = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var prior = new PriorSampler(Cpu, Network, Math.Min(count, 256), seed, label);
        var size = Observation.Size;
        var values = new float[count * size];
        for (var start = 0; start < count; start += prior.Rows)
        {
            prior.Run(start / prior.Rows);
            for (var row = start; row < Math.Min(count, start + prior.Rows); row++)
            {
                var to = values.AsSpan(row * size, size);
                if (means)
                    Observation.Mean(prior.Parameters(row - start), to);
                else
                    Observation.Draw(prior.Parameters(row - start), to, new RandomNumbers(seed, ((ulong)RandomUse.Samples << 40) + (uint)row));
            }
        }
        return values;
    }

    /// <summary>What codes from anywhere say of rows: the mean of each number given a code.</summary>
    /// <param name="codes">The codes, groups side by side where there are several.</param>
    /// <returns>[codes, numbers], code by code.</returns>
    public float[] Decode(Points codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.Dimensions != Network.Latent)
            throw new ArgumentException($"The codes have {codes.Dimensions} numbers, and those of the model {Network.Latent}.", nameof(codes));
        var block = Math.Min(codes.Count, RowsACall);
        var z = Tensor.Input("z", [block, Network.Latent]);
        var parameters = Network.Score(z).Parameters;
        using var function = Cpu.Compile([parameters]);
        var (size, width) = (Observation.Size, parameters.Shape[1]);
        var values = new float[codes.Count * size];
        for (var start = 0; start < codes.Count; start += block)
        {
            var count = Math.Min(block, codes.Count - start);
            codes.Values.Slice(start * codes.Dimensions, count * codes.Dimensions).CopyTo(function.Input<float>(z));
            function.Run();
            for (var i = 0; i < count; i++)
                Observation.Mean(function.Output<float>(parameters).Slice(i * width, width), values.AsSpan((start + i) * size, size));
        }
        return values;
    }

    /// <summary>
    /// Where the time of a training step goes, kernel by kernel. The steps that are measured are taken by a copy: the model stays as it is.
    /// </summary>
    /// <param name="images">The images that it was fitted to.</param>
    /// <param name="runs">Steps to measure, at least 1.</param>
    /// <exception cref="InvalidOperationException">The model was put together by hand, so that there is no copying it.</exception>
    public FunctionProfile ProfileTraining(ImageSet images, int runs = 200)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        CheckRows(images);
        var description = Description ?? throw new InvalidOperationException("The model was put together by hand: it cannot be copied, and steps would change it.");
        using var copy = Load(description, Weights, Cpu.Threads);
        return copy.ProfileTraining(images, description.Training, runs);
    }

    /// <summary>
    /// Where the time of a training step goes, kernel by kernel. The steps are taken: the model has moved on afterwards.
    /// </summary>
    internal FunctionProfile ProfileTraining(IRows rows, TrainingOptions training, int runs)
    {
        using var trainer = new Trainer(Cpu, Network, Observation, rows, null, training, Seed);
        return trainer.ProfileStep(runs);
    }

    internal CodeSampler Sampler(bool hasMissing, bool givesOutputs = false, int samples = SamplesACall)
    {
        var key = (hasMissing, givesOutputs, samples);
        if (!_samplers.TryGetValue(key, out var sampler))
            _samplers[key] = sampler = new(Cpu, Network, Observation, hasMissing, RowsACall, samples, Seed, Sites.PosteriorNoise, givesOutputs);
        return sampler;
    }

    /// <exception cref="ArgumentException">The rows are not of the size that the model has.</exception>
    internal void CheckRows(IRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Size != Observation.Size)
            throw new ArgumentException($"The rows have {rows.Size} numbers each, and the model is of rows of {Observation.Size}. Give rows of the kind that it was fitted to.", nameof(rows));
    }

    /// <summary>Means of q(z|x) for each row, by one look of the network at it.</summary>
    internal Points CodeMeans(IRows rows) => new(Sampler(rows.HasMissing, givesOutputs: true, samples: 1).CodesOf(rows, All(rows)).Means, Network.Latent);

    private static int[] All(IRows rows) => [.. Enumerable.Range(0, rows.Count)];

    /// <summary>Lets memory and threads go.</summary>
    public void Dispose()
    {
        foreach (var sampler in _samplers.Values)
            sampler.Dispose();
        Cpu.Dispose();
        foreach (var variable in Variables)
            variable.Dispose();
    }
}
