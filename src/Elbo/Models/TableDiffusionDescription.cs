using Elbo.Diffusion;
using Elbo.Likelihoods;
using Elbo.Training;

namespace Elbo.Models;

/// <summary>The shape of a diffusion model of tables.</summary>
public sealed record TableDiffusionOptions
{
    /// <summary>The parts of the model.</summary>
    public DiffusionOptions Parts { get; init; } = TableDiffusion.UsualParts;

    /// <summary>The column that is a label: rows are modelled given it, where it is known; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>Families of columns by name, where the default is not wanted: they say on which scale noise is added.</summary>
    public IReadOnlyDictionary<string, LikelihoodKind> Likelihoods { get; init; } = new Dictionary<string, LikelihoodKind>();
}

/// <summary>All that a diffusion model of a table is apart from its weights: with them, enough to make it again.</summary>
/// <param name="Columns">The columns in the order of the training table.</param>
/// <param name="Parts">The parts of the model, its network among them.</param>
/// <param name="Rows">Rows of the table it was fitted to.</param>
/// <param name="Training">How it was trained.</param>
public sealed record TableDiffusionDescription(IReadOnlyList<ModelledColumn> Columns, DiffusionOptions Parts, int Rows, TrainingOptions Training)
{
    /// <summary>The column that is a label, which is not among <see cref="Columns"/>; null for none.</summary>
    public TableLabel? Label { get; init; }
}
