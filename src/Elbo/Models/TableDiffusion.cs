using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Models;

/// <summary>
/// A diffusion model of a table with mixed columns and missing cells. The bound is of ln p of the known cells of a row, in the units of the table, as that of <see cref="TableVae"/>
/// is: of densities of real numbers, and of probabilities of levels and counts. Missing cells are left out: the network is told which are there, noise is added to those alone, and their
/// terms alone count.
/// </summary>
public sealed class TableDiffusion : IDisposable
{
    private readonly TableObservation _columns;

    private TableDiffusion(TableDiffusionDescription description, int? threads)
    {
        _columns = new(description.Columns);
        var readout = Readout.Table(_columns);
        Model = DiffusionModel.Make(RowShape.Vector(_columns.Size), readout, description.Parts, description.Label?.Column.Levels.Count ?? 0, threads);
        Description = description with { Parts = Model.Options };
    }

    /// <summary>The parts of a model where nothing else is said: a thousand levels whose γ is on a straight line, velocities, and the bound itself.</summary>
    public static DiffusionOptions UsualParts { get; } = new() { Schedule = NoiseSchedule.LinearLogNoise(-8, 8), Prediction = Prediction.Velocity, Objective = DiffusionObjective.Bound };

    /// <summary>How a table is trained on where nothing else is said.</summary>
    public static TrainingOptions Usual { get; } = DiffusionModel.Usual with { Epochs = 200, Patience = 60 };

    /// <summary>The model of rows of numbers behind that of the table.</summary>
    public DiffusionModel Model { get; }

    /// <summary>All that the model is apart from its weights.</summary>
    public TableDiffusionDescription Description { get; }

    /// <summary>Fits a model to a table.</summary>
    /// <param name="table">Columns other than identifiers; at least two rows.</param>
    /// <param name="options">The shape of the model.</param>
    /// <param name="training">How to train.</param>
    /// <param name="progress">Told of each epoch, on the calling thread; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">The table cannot be modelled, or an option is out of range; the message says which and why.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static TableDiffusion Fit(Table table, TableDiffusionOptions? options = null, TrainingOptions? training = null, Func<DiffusionEpoch, TableDiffusion, bool>? progress = null) =>
        Train(Describe(table, options ?? new(), training ?? Usual), table, null, progress);

    /// <summary>What a model of a table would be, before it is fitted.</summary>
    /// <exception cref="ArgumentException">The table cannot be modelled; the message says why.</exception>
    public static TableDiffusionDescription Describe(Table table, TableDiffusionOptions options, TrainingOptions training)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(training);
        training.Check();
        options.Parts.Check();
        if (options.Likelihoods.Keys.FirstOrDefault(name => !table.TryGetIndex(name, out _)) is { } unknown)
            throw new ArgumentException($"A likelihood is given for column '{unknown}', which the table does not have. It has {string.Join(", ", table.Columns.Select(c => c.Name))}.");
        ModelledColumn[] columns = [.. table.Columns.Select((c, i) => (Column: c, Index: i)).Where(p => p.Column.Name != options.Label).Select(p =>
            LikelihoodChoice.Choose(p.Column, table.Values(p.Index), options.Likelihoods.TryGetValue(p.Column.Name, out var asked) ? asked : null))];
        if (columns.Length == 0 || table.RowCount < 2)
            throw new ArgumentException($"A model needs at least two rows and one column; the table has {table.RowCount} and {columns.Length}{(options.Label is null ? "" : " beside the label")}.");
        return new(columns, options.Parts, table.RowCount, training) { Label = options.Label is { } label ? TableLabel.Of(table, label, null) : null };
    }

    /// <summary>A model from its description and weights.</summary>
    /// <exception cref="ArgumentException">The weights are not those of the description.</exception>
    public static TableDiffusion Load(TableDiffusionDescription description, IReadOnlyList<NamedTensor> weights, int? threads = null) =>
        Make(description, threads, model => model.Model.Restore(weights));

    /// <summary>Trains a model that was described, from the start or from where a training stood; with the same table the latter ends in the same bits as if it had never been stopped.</summary>
    /// <param name="description">The model, with as many epochs in its training options as are wanted in all.</param>
    /// <param name="table">The table.</param>
    /// <param name="from">Where training stood; null to begin.</param>
    /// <param name="progress">As for <see cref="Fit"/>.</param>
    /// <exception cref="ArgumentException">The table is not the one of the fit, or the state is of another model.</exception>
    /// <exception cref="TrainingException">Training met values it could not get over.</exception>
    public static TableDiffusion Train(TableDiffusionDescription description, Table table, DiffusionTraining? from, Func<DiffusionEpoch, TableDiffusion, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(table);
        if (table.RowCount != description.Rows)
            throw new ArgumentException($"The model was fitted to {description.Rows} rows, and this table has {table.RowCount}: training can only go on with the same table.");
        description.Training.Check();
        return Make(description, description.Training.Threads, model =>
            model.Model.Train(model.Rows(table), description.Training, from, progress is null ? null : epoch => progress(epoch, model), new Recording.TableDiffusionViews(model, table)));
    }

    // A model that does not come to be leaves no threads or memory behind.
    private static TableDiffusion Make(TableDiffusionDescription description, int? threads, Action<TableDiffusion> complete)
    {
        ArgumentNullException.ThrowIfNull(description);
        var model = new TableDiffusion(description, threads);
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

    /// <summary>A table as the model sees it: numbers in rows, columns matched by name, those that are not there missing throughout.</summary>
    /// <exception cref="ArgumentException">A value cannot be of its column's family; the message names column, row and value.</exception>
    public IRows Rows(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        IRows rows = EncodedTable.Of(table, _columns.Columns);
        return Description.Label is { } label ? new LabelledRows(rows, TableLabel.LabelsOf(table, label.Column)) : rows;
    }

    /// <summary>The bound of a table's known cells, given the labels where there are some.</summary>
    /// <inheritdoc cref="DiffusionModel.Evaluate"/>
    public DiffusionBound Evaluate(Table table, int? visits = 64) => Model.Evaluate(Rows(table), visits);

    /// <summary>The bound in the limit of steps without end.</summary>
    /// <inheritdoc cref="DiffusionModel.EvaluateContinuous"/>
    public DiffusionBound EvaluateContinuous(Table table, int visits = 64) => Model.EvaluateContinuous(Rows(table), visits);

    /// <summary>The ELBO of the known cells of each row, nats.</summary>
    /// <inheritdoc cref="DiffusionModel.EvaluateRows"/>
    public IReadOnlyList<Estimate> ScoreRows(Table table, int? visits = 64) => Model.EvaluateRows(Rows(table), visits);

    /// <summary>New rows, none of their cells missing.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="options">How to draw them. Of a model with a label, rows are of the class named there; where none is, classes are drawn as often as they were seen.</param>
    /// <param name="seed">Other seeds give other rows.</param>
    public Table Sample(int rows, SamplingOptions? options = null, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        options ??= new();
        var labels = Description.Label is null ? null : options.Class is { } one ? [.. Enumerable.Repeat<int?>(one, rows)] : DrawLabels(Description.Label, rows, seed);
        return InTableOrder(Model.SampleLabelled(rows, options, seed, labels), labels);
    }

    private static int?[] DrawLabels(TableLabel label, int rows, ulong seed)
    {
        var random = new RandomNumbers(seed, (ulong)RandomUse.SampledLabels << 40);
        var labels = new int?[rows];
        for (var i = 0; i < rows; i++)
        {
            var (u, at) = (random.NextUniform(), 0);
            while (at < label.Prior.Count - 1 && (u -= label.Prior[at]) >= 0)
                at++;
            labels[i] = at;
        }
        return labels;
    }

    // The label comes last.
    private Table InTableOrder(float[] rows, int?[]? labels)
    {
        var count = rows.Length / _columns.Size;
        var byName = _columns.Columns.Select((c, i) => (c.Column.Name, i)).ToDictionary(p => p.Name, p => p.i);
        double[] Values(ModelledColumn column) => [.. Enumerable.Range(0, count).Select(row => column.Nearest(column.Decode(rows[row * _columns.Size + byName[column.Column.Name]])))];
        Column[] label = labels is null ? [] : [Description.Label!.Column];
        return new(
            [.. Description.Columns.Select(c => c.Column), .. label],
            [.. Description.Columns.Select(c => (ReadOnlyMemory<double>)Values(c)), .. label.Select(_ => (ReadOnlyMemory<double>)labels!.Select(l => (double)l!.Value).ToArray())]);
    }

    /// <summary>
    /// Values for the missing cells of a table, drawn given the known cells of their row (<see cref="DiffusionModel.Complete"/>). The best single value is the mean of so many draws, or the
    /// level that comes most often.
    /// </summary>
    /// <param name="table">Columns matched by name.</param>
    /// <param name="draws">Multiple imputations to give.</param>
    /// <param name="samples">Draws of each row, at least as many.</param>
    /// <param name="options">How to draw; null for 50 steps.</param>
    /// <param name="seed">Other seeds give other draws; null for the seed of the fit.</param>
    /// <param name="interval">The probability of an interval for each filled cell, such as 0.9; null for none.</param>
    /// <exception cref="ArgumentException">A value cannot be of its column's family, or an option is out of range.</exception>
    public TableImputation Impute(Table table, int draws = 0, int samples = 32, SamplingOptions? options = null, ulong? seed = null, double? interval = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfNegative(draws);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (interval is { } level && !(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(interval), level, "The probability of an interval lies between 0 and 1, as 0.9 does.");
        options ??= UsualImputation(Model);
        samples = Math.Max(samples, draws);
        var encoded = EncodedTable.Of(table, _columns.Columns);
        var labels = Description.Label is null ? null : TableLabel.LabelsOf(table, Description.Label.Column);
        int[] rows = [.. Enumerable.Range(0, table.RowCount).Where(row => encoded.Mask(row).Contains(0f))];
        var size = _columns.Size;
        var (values, isKnown, classes) = (new float[rows.Length * samples * size], new bool[rows.Length * samples * size], new int?[rows.Length * samples]);
        for (var i = 0; i < classes.Length; i++)
        {
            var row = rows[i / samples];
            encoded.Values(row).CopyTo(values.AsSpan(i * size));
            for (var c = 0; c < size; c++)
                isKnown[i * size + c] = encoded.Mask(row)[c] != 0;
            classes[i] = labels?[row] ?? options.Class;
        }
        var drawn = rows.Length == 0 ? [] : Model.CompleteLabelled(values, isKnown, options, seed ?? Description.Parts.Seed, classes);
        var cells = new Dictionary<(int, string), FilledCell>();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var c = 0; c < size; c++)
            {
                if (encoded.Mask(rows[i])[c] != 0)
                    continue;
                var column = _columns.Columns[c];
                var ofCell = new double[samples];
                for (var k = 0; k < samples; k++)
                    ofCell[k] = column.Nearest(column.Decode(drawn[(i * samples + k) * size + c]));
                cells[(rows[i], column.Column.Name)] = FilledCell.Of(column, ofCell, draws, interval);
            }
        }
        return new(cells, draws, interval);
    }

    /// <summary>How missing cells are drawn where nothing else is said: by 50 steps, or as many as there are.</summary>
    public static SamplingOptions UsualImputation(DiffusionModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new() { Steps = Math.Min(50, model.Chain.Count) };
    }

    /// <summary>Lets memory and threads go.</summary>
    public void Dispose() => Model.Dispose();
}
