using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Models;

/// <summary>A column that is a label.</summary>
/// <param name="Column">A column of levels, which are the classes.</param>
/// <param name="Prior">p(y), a probability for each.</param>
public sealed record TableLabel(Column Column, IReadOnlyList<double> Prior)
{
    /// <summary>The label of a model.</summary>
    public LabelModel Model => new(Column.Levels, Prior);

    /// <summary>The label of a column.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">The column.</param>
    /// <param name="prior">p(y); null for how frequent classes are.</param>
    /// <exception cref="ArgumentException">There is no such column, it is none of levels, or it is known nowhere.</exception>
    internal static TableLabel Of(Table table, string name, IReadOnlyList<double>? prior)
    {
        if (!table.TryGetIndex(name, out var index))
            throw new ArgumentException($"The label is to be column '{name}', which the table does not have. It has {string.Join(", ", table.Columns.Select(c => c.Name))}.");
        var column = table.Columns[index];
        if (!column.HasLevels || column.Levels.Count < 2)
            throw new ArgumentException($"Column '{name}' cannot be a label: its kind is {column.Kind}{(column.HasLevels ? " with one level" : "")}, and a label has two levels or more. Read it as a category.");
        var labelled = new LabelledRows(EncodedTable.Of(table, []), LabelsOf(table, column));
        return new(column, (prior is null ? LabelModel.Of(column.Levels, labelled) : new LabelModel(column.Levels, prior)).Prior);
    }

    /// <summary>The labels of a table's rows; none where it lacks the column.</summary>
    internal static int?[] LabelsOf(Table table, Column column)
    {
        var labels = new int?[table.RowCount];
        if (!table.TryGetIndex(column.Name, out var index))
            return labels;
        var values = table.Values(index);
        for (var row = 0; row < labels.Length; row++)
            labels[row] = double.IsNaN(values[row]) ? null : (int)values[row];
        return labels;
    }
}

/// <summary>All that a table model is apart from its weights: with them, enough to make it again.</summary>
/// <param name="Columns">The columns in the order of the training table.</param>
/// <param name="Latent">The number of latent dimensions.</param>
/// <param name="Hidden">Sizes of the hidden layers.</param>
/// <param name="Activation">The nonlinearity.</param>
/// <param name="DecoderScale">The scale of the decoder's initial output weights.</param>
/// <param name="Seed">The seed of the fit.</param>
/// <param name="Rows">Rows of the table it was fitted to.</param>
/// <param name="Training">How it was trained.</param>
public sealed record TableVaeDescription(
    IReadOnlyList<ModelledColumn> Columns, int Latent, IReadOnlyList<int> Hidden, Activation Activation, double DecoderScale, ulong Seed, int Rows, TrainingOptions Training)
{
    /// <summary>The column that is a label, which is not among <see cref="Columns"/>; null for none.</summary>
    public TableLabel? Label { get; init; }

    /// <summary>The family of q(z|x).</summary>
    public CodePosterior Posterior { get; init; } = CodePosterior.Diagonal;

    /// <summary>The family of p(z).</summary>
    public CodePrior Prior { get; init; } = CodePrior.StandardNormal;

    /// <summary>Why cells are missing, with the columns named whose holes are modelled.</summary>
    public Missingness Missing { get; init; } = Missingness.Ignorable;
}
