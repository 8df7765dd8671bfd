using Elbo.Autoencoders;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Models;

/// <summary>
/// A variational autoencoder of a table with mixed columns and missing cells (Kingma and Welling, 2014; Nazábal, Olmos,
/// Ghahramani and Valera, 2020): p(x|z) has a likelihood for each column, q(z|x) is from the observed cells; unless other parts are asked for,
/// p(z) is standard normal and q(z|x) a diagonal one. Trained by maximising the ELBO of the observed cells.
/// </summary>
public sealed class TableVae : IDisposable
{
    private const int RowsACall = 64;
    private const int SamplesACall = 16;

    private readonly Vae _vae;
    private readonly TableObservation _observation;

    private TableVae(TableVaeDescription description, int? threads)
    {
        Description = description;
        _observation = new TableObservation(description.Columns, description.Missing, description.Seed);
        var random = new RandomNumbers(description.Seed, (ulong)RandomUse.Weights);
        var setting = new LatentSetting(RowShape.Vector(_observation.Size), _observation.FeatureCount, _observation.ParameterCount, random);
        var architecture = Architecture.FullyConnected(description.Hidden, description.Activation);
        LatentNetwork network = description.Label is { } label
            ? new LabelledNetwork(setting, label.Model, description.Latent, architecture, description.Posterior, description.Prior, description.DecoderScale)
            : new EncoderDecoder(setting, description.Latent, architecture, description.Posterior, description.Prior, description.DecoderScale);
        _vae = new Vae(network, _observation, description.Seed, threads);
    }

    /// <summary>The model of rows of numbers behind that of the table, for instruments.</summary>
    public Vae Vae => _vae;

    /// <summary>A table as the model sees it: numbers in rows, columns matched by name, those that are not there missing throughout.</summary>
    /// <exception cref="ArgumentException">A value has no density under its column's likelihood; the message names column, row and value.</exception>
    public IRows Rows(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Labelled(EncodedTable.Of(table, _observation.Columns), table);
    }

    private IRows Labelled(EncodedTable rows, Table table) => Description.Label is { } label ? new LabelledRows(rows, TableLabel.LabelsOf(table, label.Column)) : rows;

    /// <summary>All that the model is apart from its weights.</summary>
    public TableVaeDescription Description { get; }

    /// <summary>Where its training stands, for going on with <see cref="Resume"/>; null for a model made without it.</summary>
    public TrainingState? TrainingState => _vae.TrainingState;

    /// <summary>The weights.</summary>
    public IReadOnlyList<NamedTensor> Weights => _vae.Weights;

    /// <summary>Fits a model to a table.</summary>
    /// <param name="table">Columns other than identifiers; at least two rows.</param>
    /// <param name="options">The shape of the model.</param>
    /// <param name="training">How to train.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">The table cannot be modelled, or an option is out of range; the message says which and why.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static TableVae Fit(Table table, TableVaeOptions? options = null, TrainingOptions? training = null, Func<EpochReport, TableVae, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        (options, training) = (options ?? new(), training ?? new());
        training.Check();
        if (table.RowCount < 2 || table.Columns.Count == 0)
            throw new ArgumentException($"A model needs at least two rows and one column; the table has {table.RowCount} and {table.Columns.Count}.");
        foreach (var name in options.Likelihoods.Keys)
        {
            if (!table.TryGetIndex(name, out _))
                throw new ArgumentException($"A likelihood is given for column '{name}', which the table does not have. It has {string.Join(", ", table.Columns.Select(c => c.Name))}.");
        }
        var label = options.Label is { } labelled ? TableLabel.Of(table, labelled, options.LabelPrior) : null;
        ModelledColumn[] columns = [.. table.Columns.Select((c, i) => (Column: c, Index: i)).Where(p => p.Column.Name != options.Label).Select(p =>
            LikelihoodChoice.Choose(p.Column, table.Values(p.Index), options.Likelihoods.TryGetValue(p.Column.Name, out var asked) ? asked : null))];
        if (columns.Length == 0)
            throw new ArgumentException($"The table has no column but the label '{options.Label}', so there is nothing to know it by.");
        var latent = options.Latent ?? Math.Clamp((columns.Length + 1) / 2, 2, 10);
        if (latent < 1 || options.Hidden.Any(h => h < 1))
            throw new ArgumentException($"Latent dimensions ({latent}) and hidden layers ({string.Join(", ", options.Hidden)}) need at least one unit.");
        var description = new TableVaeDescription(columns, latent, [.. options.Hidden], options.Activation, options.DecoderScale, options.Seed, table.RowCount, training with { Recorder = null })
        {
            Posterior = options.Posterior,
            Prior = options.Prior,
            Missing = options.Missing.In(table, columns),
            Label = label,
        };
        options.Posterior.Check();
        options.Prior.Check(latent, options.Posterior);
        return Make(description, training.Threads, model => model.Train(table, training, null, null, progress));
    }

    /// <summary>A model from its description and weights.</summary>
    /// <exception cref="ArgumentException">The weights are not those of the description.</exception>
    public static TableVae Load(TableVaeDescription description, IReadOnlyList<NamedTensor> weights, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(weights);
        return Make(description, threads, model => NamedTensor.Restore(model._vae.Variables, weights));
    }

    /// <summary>Goes on with a fit. With the same table this ends in the same bits as if it had never been stopped.</summary>
    /// <param name="description">The model, with as many epochs in its training options as are wanted in all.</param>
    /// <param name="best">The weights of its best epoch so far: those of the saved model.</param>
    /// <param name="state">Where training stood.</param>
    /// <param name="table">The table it was fitted to.</param>
    /// <param name="progress">As for <see cref="Fit"/>.</param>
    /// <exception cref="ArgumentException">The table is not the one of the fit, or the state is of another model.</exception>
    public static TableVae Resume(
        TableVaeDescription description, IReadOnlyList<NamedTensor> best, TrainingState state, Table table, Func<EpochReport, TableVae, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(table);
        if (table.RowCount != description.Rows)
            throw new ArgumentException($"The model was fitted to {description.Rows} rows, and this table has {table.RowCount}: training can only go on with the same table.");
        foreach (var column in (IEnumerable<Column>)[.. description.Columns.Select(c => c.Column), .. description.Label is { } label ? [label.Column] : Array.Empty<Column>()])
        {
            if (!table.TryGetIndex(column.Name, out _))
                throw new ArgumentException($"The model was fitted to a column '{column.Name}' that this table lacks: training can only go on with the same table.");
        }
        var training = description.Training;
        training.Check();
        return Make(description with { Training = training with { Recorder = null } }, training.Threads, model => model.Train(table, training, state, best, progress));
    }

    // A model that does not come to be leaves no threads or memory behind.
    private static TableVae Make(TableVaeDescription description, int? threads, Action<TableVae> complete)
    {
        var model = new TableVae(description, threads);
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

    private void Train(Table table, TrainingOptions training, TrainingState? from, IReadOnlyList<NamedTensor>? best, Func<EpochReport, TableVae, bool>? progress) => _vae.Train(
        Rows(table), training, null, from is null ? null : (best!, from), progress is null ? null : report => progress(report, this), new Recording.TableViews(this, table));

    /// <summary>During training, the best weights so far and where training stands; afterwards the same of the whole.</summary>
    /// <exception cref="InvalidOperationException">The model was not trained here.</exception>
    public (IReadOnlyList<NamedTensor> Best, TrainingState State) Checkpoint() => _vae.Checkpoint();

    /// <summary>Rows of the table that the model was trained on, by index; empty for a loaded model.</summary>
    public IReadOnlyList<int> TrainingRows => _vae.TrainingRows;

    /// <summary>Rows of the table that were held out, by index; empty for a loaded model.</summary>
    public IReadOnlyList<int> HeldOutRows => _vae.HeldOutRows;

    /// <summary>The bounds of a table's observed cells, columns matched by name, and of the pattern of its holes where they are not ignored.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="samples">Draws of the code for each row: the K of the importance-weighted bound.</param>
    /// <exception cref="ArgumentException">A value has no density under its column's likelihood.</exception>
    public Evaluation Evaluate(Table table, int samples = 128)
    {
        var evaluation = _vae.Evaluate(Rows(table), samples);
        var byName = evaluation.Bound.Columns.ToDictionary(t => t.Name);
        return evaluation with { Bound = evaluation.Bound with { Columns = [.. Description.Columns.Select(c => byName[c.Column.Name])] } };
    }

    /// <summary>The bounds of each row's observed cells, in nats, and what is least expected about it.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public IReadOnlyList<RowScore> ScoreRows(Table table, int samples = 128)
    {
        ArgumentNullException.ThrowIfNull(table);
        var encoded = EncodedTable.Of(table, _observation.Columns);
        return RowScore.Of(_vae.Bounds(Labelled(encoded, table), samples, keepsCells: true).Sums, _observation.Columns, encoded);
    }

    /// <summary>Mean and standard deviation of q(z|x) for each row: [rows][latent].</summary>
    public (double[][] Means, double[][] Deviations) Encode(Table table) => _vae.Encode(Rows(table));

    /// <summary>
    /// Where the time of a training step goes, kernel by kernel. The steps that are measured are taken by a copy: the model stays
    /// as it is.
    /// </summary>
    /// <param name="table">The table that the model was fitted to.</param>
    /// <param name="runs">Steps to measure, at least 1.</param>
    /// <exception cref="ArgumentException">A column of the model is not in the table.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="runs"/> is below 1.</exception>
    public FunctionProfile ProfileTraining(Table table, int runs = 200)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        using var copy = Load(Description, Weights, _vae.Cpu.Threads);
        return copy._vae.ProfileTraining(copy.Rows(table), Description.Training, runs);
    }

    /// <summary>The probabilities of the classes of the label for each row; labels in the table are not looked at.</summary>
    /// <param name="table">Columns matched by name.</param>
    /// <param name="samples">0 for q(y|x), the classifier; otherwise draws of the code for each class, by which p(y|x) is estimated.</param>
    /// <exception cref="ArgumentException">The model has no label.</exception>
    public ClassProbabilities Classify(Table table, int samples = 0) => _vae.Classify(Rows(table), samples);

    /// <summary>Finds how sure the classes may be, by fits of the same kind from which labels are hidden.</summary>
    /// <param name="table">The table that the model was fitted to.</param>
    /// <param name="fits">How many of <see cref="LabelCalibration.UsualFolds"/> folds of the labels are hidden in turn, each with a fit of its own.</param>
    /// <param name="progress">Told of each epoch of each fit; returning false ends that fit after it.</param>
    /// <exception cref="ArgumentException">The model has no label, or fewer than two rows have one.</exception>
    public LabelCalibration Calibrate(Table table, int fits = LabelCalibration.UsualFolds, Func<EpochReport, bool>? progress = null)
    {
        if (Description.Label is null)
            throw new ArgumentException("The model has no label, so there are no classes to be sure of.");
        return LabelCalibration.Of(
            Rows(table), fewer => Make(Description, _vae.Cpu.Threads, model => model._vae.Train(fewer, Description.Training, progress: progress))._vae, fits: fits, seed: Description.Seed);
    }

    /// <summary>Values for the missing cells of a table.</summary>
    /// <param name="table">Columns matched by name.</param>
    /// <param name="draws">Multiple imputations to draw, each from the posterior of the missing cells; 0 for none.</param>
    /// <param name="samples">Draws of the code for each row, weighted by importance (Mattei and Frellsen, 2019).</param>
    /// <param name="seed">Other seeds give other draws; null for the seed of the fit.</param>
    /// <param name="interval">The probability of an interval for each filled cell, such as 0.9; null for none.</param>
    /// <param name="calibration">How wide intervals of numbers are to be taken, so that they hold what they say; null for as wide as the model takes them.</param>
    /// <exception cref="ArgumentException">A value has no density under its column's likelihood.</exception>
    public TableImputation Impute(Table table, int draws = 0, int samples = 256, ulong? seed = null, double? interval = null, IntervalCalibration? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(draws);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (interval is { } level && !(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(interval), level, "The probability of an interval lies between 0 and 1, as 0.9 does.");
        var request = new ImputationRequest(draws, samples, seed ?? Description.Seed, interval);
        if (interval is { } share && calibration is not null)
            request = request with { IntervalOfNumbers = calibration.LevelFor(share) };
        if (seed is not { } other || other == Description.Seed)
            return TableImputer.Impute(_observation, _vae.Sampler(hasMissing: true, givesOutputs: true), table, request, Description.Label);
        using var posterior = new CodeSampler(_vae.Cpu, _vae.Network, _observation, hasMissing: true, RowsACall, SamplesACall, other, Sites.PosteriorNoise, givesOutputs: true);
        return TableImputer.Impute(_observation, posterior, table, request, Description.Label);
    }

    /// <summary>
    /// Finds what share of true values the intervals of <see cref="Impute"/> hold: of rows that were held out, known numbers are hidden one after another (a tenth of a row's at a time where it has more than ten), filled
    /// in from the rest of their row, and compared.
    /// </summary>
    /// <param name="table">The table that the model was fitted to.</param>
    /// <param name="samples">Draws of the code for each row.</param>
    /// <param name="rows">The most rows that are looked at.</param>
    /// <returns>Null where held-out rows have no known number.</returns>
    /// <exception cref="InvalidOperationException">No rows were held out, or holes are modelled: then cells that are known say nothing of those that are not.</exception>
    public IntervalCalibration? CalibrateIntervals(Table table, int samples = 256, int rows = 500)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (HeldOutRows.Count == 0)
            throw new InvalidOperationException("No rows were held out of this fit, and intervals of rows that a model was trained on flatter it: fit with TrainingOptions.HoldOut above 0.");
        if (Description.Missing is not IgnorableMissingness)
            throw new InvalidOperationException("Of cells that are missing because of their values, cells that are known tell nothing: there is nothing to calibrate intervals by.");
        var heldOut = table.SelectRows([.. HeldOutRows.Take(rows)]);
        var hidden = HiddenNumbers.Of(heldOut, [.. Description.Columns.Where(c => !c.Column.HasLevels).Select(c => c.Column.Name)], Description.Seed);
        double[] reached = [.. hidden.SelectMany(fold => TableImputer.Impute(
            _observation, _vae.Sampler(hasMissing: true, givesOutputs: true), fold.Table, new(0, samples, Description.Seed, 0.5) { Truth = fold.Truth }, Description.Label).Reached)];
        return reached.Length == 0 ? null : IntervalCalibration.Of(reached);
    }

    /// <summary>New rows: a code from the prior, and each cell from its likelihood.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="seed">Other seeds give other rows.</param>
    /// <param name="label">The class of the label that all rows are to be of, from 0; null for classes drawn as well.</param>
    /// <exception cref="ArgumentException">There is no such class, or no label.</exception>
    public Table Sample(int rows, ulong seed = 1, int? label = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        using var prior = new PriorSampler(_vae.Cpu, _vae.Network, Math.Min(rows, 256), seed, label);
        var values = _observation.Columns.Select(_ => new double[rows]).ToArray();
        var classes = new double[Description.Label is null ? 0 : rows];
        for (var start = 0; start < rows; start += prior.Rows)
        {
            prior.Run(start / prior.Rows);
            for (var row = start; row < Math.Min(rows, start + prior.Rows); row++)
            {
                var random = new RandomNumbers(seed, ((ulong)RandomUse.Samples << 40) + (uint)row);
                TableImputer.ForCells(_observation, (block, column, parameter, c) => values[c][row] = block.Draw(column, prior.Parameters(row - start).Slice(parameter, block.ParameterCount), random));
                if (classes.Length > 0)
                    classes[row] = prior.Code(row - start)[Description.Latent..].IndexOf(1f);
            }
        }
        return InTableOrder(values, classes);
    }

    // The label comes last.
    private Table InTableOrder(double[][] values, double[] classes)
    {
        var byName = _observation.Columns.Select((c, i) => (c.Column.Name, i)).ToDictionary(p => p.Name, p => p.i);
        Column[] label = Description.Label is { } one ? [one.Column] : [];
        return new(
            [.. Description.Columns.Select(c => c.Column), .. label],
            [.. Description.Columns.Select(c => (ReadOnlyMemory<double>)values[byName[c.Column.Name]]), .. label.Select(_ => (ReadOnlyMemory<double>)classes)]);
    }

    /// <summary>Lets memory and threads go.</summary>
    public void Dispose() => _vae.Dispose();
}
