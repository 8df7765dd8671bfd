using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Models;

/// <summary>
/// A variational autoencoder of a table with mixed columns and missing cells (Kingma and Welling, 2014; Nazábal, Olmos,
/// Ghahramani and Valera, 2020): p(z) standard normal, p(x|z) a likelihood for each column, q(z|x) a diagonal Gaussian from the
/// observed cells. Trained by maximising the ELBO of the observed cells.
/// </summary>
public sealed class TableVae : IDisposable
{
    private const int RowsACall = 64;
    private const int SamplesACall = 16;

    private readonly Cpu _cpu;
    private readonly TableNetwork _network;
    private TablePosterior? _posterior;
    private Func<(IReadOnlyList<NamedTensor>, TrainingState)>? _checkpoint;

    private TableVae(TableVaeDescription description, Cpu cpu)
    {
        Description = description;
        _cpu = cpu;
        _network = new TableNetwork(description.Columns, description.Latent, new TableVaeOptions
        {
            Hidden = description.Hidden,
            Activation = description.Activation,
            DecoderScale = description.DecoderScale,
            Seed = description.Seed,
        });
    }

    /// <summary>All that the model is apart from its weights.</summary>
    public TableVaeDescription Description { get; }

    /// <summary>Where its training stands, for going on with <see cref="Resume"/>; null for a model made without it.</summary>
    public TrainingState? TrainingState { get; private set; }

    /// <summary>The weights.</summary>
    public IReadOnlyList<NamedTensor> Weights => [.. _network.Variables.Select(NamedTensor.Of)];

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
        ModelledColumn[] columns = [.. table.Columns.Select((c, i) => LikelihoodChoice.Choose(c, table.Values(i), options.Likelihoods.TryGetValue(c.Name, out var asked) ? asked : null))];
        var latent = options.Latent ?? Math.Clamp((columns.Length + 1) / 2, 2, 10);
        if (latent < 1 || options.Hidden.Any(h => h < 1))
            throw new ArgumentException($"Latent dimensions ({latent}) and hidden layers ({string.Join(", ", options.Hidden)}) need at least one unit.");
        var description = new TableVaeDescription(columns, latent, [.. options.Hidden], options.Activation, options.DecoderScale, options.Seed, table.RowCount, training);
        return Make(description, training.Threads, model => model.Train(table, null, null, progress));
    }

    /// <summary>A model from its description and weights.</summary>
    /// <exception cref="ArgumentException">The weights are not those of the description.</exception>
    public static TableVae Load(TableVaeDescription description, IReadOnlyList<NamedTensor> weights, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(weights);
        return Make(description, threads, model => NamedTensor.Restore(model._network.Variables, weights));
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
        foreach (var column in description.Columns)
        {
            if (!table.TryGetIndex(column.Column.Name, out _))
                throw new ArgumentException($"The model was fitted to a column '{column.Column.Name}' that this table lacks: training can only go on with the same table.");
        }
        description.Training.Check();
        return Make(description, description.Training.Threads, model => model.Train(table, state, best, progress));
    }

    // A model that does not come to be leaves no threads or memory behind.
    private static TableVae Make(TableVaeDescription description, int? threads, Action<TableVae> complete)
    {
        var model = new TableVae(description, new Cpu(threads));
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

    private void Train(Table table, TrainingState? from, IReadOnlyList<NamedTensor>? best, Func<EpochReport, TableVae, bool>? progress)
    {
        using var trainer = new TableTrainer(_cpu, _network, EncodedTable.Of(table, _network.Columns), Description.Training, Description.Seed);
        if (from is not null)
            trainer.Resume(from, best!);
        (TrainingRows, HeldOutRows) = (trainer.Training, trainer.HeldOut);
        var goesOn = true;
        while (goesOn && !trainer.IsFinished)
        {
            var report = trainer.RunEpoch();
            _checkpoint = () => (trainer.Best, trainer.State);
            goesOn = progress?.Invoke(report, this) ?? true;
        }
        TrainingState = trainer.State;
        trainer.UseBest();
        _checkpoint = null;
    }

    /// <summary>During training, the best weights so far and where training stands; afterwards the same of the whole.</summary>
    /// <exception cref="InvalidOperationException">The model was not trained here.</exception>
    public (IReadOnlyList<NamedTensor> Best, TrainingState State) Checkpoint() =>
        _checkpoint?.Invoke() ?? (Weights, TrainingState ?? throw new InvalidOperationException("The model was loaded, not trained: it has no state of training."));

    /// <summary>Rows of the table that the model was trained on, by index; empty for a loaded model.</summary>
    public IReadOnlyList<int> TrainingRows { get; private set; } = [];

    /// <summary>Rows of the table that were held out, by index; empty for a loaded model.</summary>
    public IReadOnlyList<int> HeldOutRows { get; private set; } = [];

    /// <summary>The bounds of a table's observed cells, columns matched by name.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="samples">Draws of the code for each row: the K of the importance-weighted bound.</param>
    /// <exception cref="ArgumentException">A value has no density under its column's likelihood.</exception>
    public TableEvaluation Evaluate(Table table, int samples = 128)
    {
        var (sums, _, drawn) = Score(table, samples);
        var evaluation = sums.Evaluate(drawn);
        var byName = evaluation.Bound.Columns.ToDictionary(t => t.Name);
        return evaluation with { Bound = evaluation.Bound with { Columns = [.. Description.Columns.Select(c => byName[c.Column.Name])] } };
    }

    /// <summary>The bounds of each row's observed cells, in nats, and what is least expected about it.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public IReadOnlyList<RowScore> ScoreRows(Table table, int samples = 128)
    {
        var (sums, encoded, _) = Score(table, samples, keepsCells: true);
        return RowScore.Of(sums, _network.Columns, encoded);
    }

    private (BoundAccumulator Sums, EncodedTable Encoded, int Samples) Score(Table table, int samples, bool keepsCells = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (table.RowCount == 0)
            throw new ArgumentException("There are no rows to evaluate.");
        var encoded = EncodedTable.Of(table, _network.Columns);
        var (sums, drawn) = BoundAccumulator.Over(Posterior, _network, encoded, [.. Enumerable.Range(0, table.RowCount)], samples, keepsCells);
        return (sums, encoded, drawn);
    }

    /// <summary>Mean and standard deviation of q(z|x) for each row: [rows][latent].</summary>
    public (double[][] Means, double[][] Deviations) Encode(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var encoded = EncodedTable.Of(table, _network.Columns);
        var (means, deviations) = (new double[table.RowCount][], new double[table.RowCount][]);
        int[] rows = [.. Enumerable.Range(0, table.RowCount)];
        for (var start = 0; start < rows.Length; start += RowsACall)
        {
            var batch = rows.AsSpan(start, Math.Min(RowsACall, rows.Length - start));
            Posterior.Run(encoded, batch, 0);
            for (var i = 0; i < batch.Length; i++)
            {
                means[start + i] = [.. Posterior.Mean.Slice(i * _network.Latent, _network.Latent).ToArray().Select(m => (double)m)];
                deviations[start + i] = [.. Posterior.LogVariance.Slice(i * _network.Latent, _network.Latent).ToArray().Select(v => Math.Exp(0.5 * v))];
            }
        }
        return (means, deviations);
    }

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
        using var copy = Load(Description, Weights, _cpu.Threads);
        using var trainer = new TableTrainer(copy._cpu, copy._network, EncodedTable.Of(table, copy._network.Columns), Description.Training, Description.Seed);
        return trainer.ProfileStep(runs);
    }

    /// <summary>Values for the missing cells of a table.</summary>
    /// <param name="table">Columns matched by name.</param>
    /// <param name="draws">Multiple imputations to draw, each from the posterior of the missing cells; 0 for none.</param>
    /// <param name="samples">Draws of the code for each row, weighted by importance (Mattei and Frellsen, 2019).</param>
    /// <param name="seed">Other seeds give other draws; null for the seed of the fit.</param>
    public TableImputation Impute(Table table, int draws = 0, int samples = 256, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(draws);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (seed is not { } other || other == Description.Seed)
            return TableImputer.Impute(_network, Posterior, table, draws, samples, Description.Seed);
        using var posterior = new TablePosterior(_cpu, _network, RowsACall, SamplesACall, other, Sites.PosteriorNoise);
        return TableImputer.Impute(_network, posterior, table, draws, samples, other);
    }

    /// <summary>New rows: a code from the prior, and each cell from its likelihood.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="seed">Other seeds give other rows.</param>
    public Table Sample(int rows, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        using var prior = new TablePrior(_cpu, _network, Math.Min(rows, 256), seed);
        var values = _network.Columns.Select(_ => new double[rows]).ToArray();
        for (var start = 0; start < rows; start += prior.Rows)
        {
            prior.Run(start / prior.Rows);
            for (var row = start; row < Math.Min(rows, start + prior.Rows); row++)
            {
                var random = new RandomNumbers(seed, ((ulong)RandomUse.Samples << 40) + (uint)row);
                TableImputer.ForCells(_network, (block, column, parameter, c) => values[c][row] = block.Draw(column, prior.Parameters(row - start).Slice(parameter, block.ParameterCount), random));
            }
        }
        return InTableOrder(values);
    }

    private Table InTableOrder(double[][] values)
    {
        var byName = _network.Columns.Select((c, i) => (c.Column.Name, i)).ToDictionary(p => p.Name, p => p.i);
        return new([.. Description.Columns.Select(c => c.Column)], [.. Description.Columns.Select(c => (ReadOnlyMemory<double>)values[byName[c.Column.Name]])]);
    }

    private TablePosterior Posterior => _posterior ??= new(_cpu, _network, RowsACall, SamplesACall, Description.Seed, Sites.PosteriorNoise);

    /// <summary>Lets memory and threads go.</summary>
    public void Dispose()
    {
        _posterior?.Dispose();
        _cpu.Dispose();
        foreach (var variable in _network.Variables)
            variable.Dispose();
    }
}
