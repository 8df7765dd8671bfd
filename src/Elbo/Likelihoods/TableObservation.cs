using Elbo.Compute;
using Elbo.Distributions;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>
/// The likelihood of a row of a table: each column its own family. Columns stand in the order of <see cref="Columns"/>, block by block of
/// equal family. Where the holes are not ignored, the log-density of a cell includes ln p of its being there or missing.
/// </summary>
public sealed class TableObservation : Observation
{
    /// <summary>The likelihood of some columns.</summary>
    /// <param name="columns">In any order.</param>
    /// <param name="missingness">Why cells are missing, with its columns named; null where that is ignored.</param>
    /// <param name="seed">Decides the first weights of the model of holes.</param>
    public TableObservation(IReadOnlyList<ModelledColumn> columns, Missingness? missingness = null, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Blocks = [.. Blocked(columns).Select(MakeLikelihood)];
        Columns = [.. Blocks.SelectMany(b => b.Columns)];
        FeatureCount = CountFeatures();
        Holes = missingness?.Begin(this, seed);
    }

    /// <summary>The model of the pattern of holes; null where it is ignored.</summary>
    internal MaskModel? Holes { get; }

    /// <summary>The families with their first column and their first decoder output.</summary>
    internal IEnumerable<(Likelihood Block, int Start, int Parameter)> Places
    {
        get
        {
            var (start, parameter) = (0, 0);
            foreach (var block in Blocks)
            {
                yield return (block, start, parameter);
                start += block.Columns.Count;
                parameter += block.ParameterCount;
            }
        }
    }

    /// <summary>The families, each with its columns.</summary>
    public IReadOnlyList<Likelihood> Blocks { get; }

    /// <summary>The columns in the order of the values.</summary>
    public IReadOnlyList<ModelledColumn> Columns { get; }

    /// <inheritdoc/>
    public override int Size => Columns.Count;

    /// <inheritdoc/>
    public override int FeatureCount { get; }

    /// <inheritdoc/>
    public override int ParameterCount => Blocks.Sum(b => b.ParameterCount);

    /// <inheritdoc/>
    public override IReadOnlyList<Variable> Variables => [.. Blocks.SelectMany(b => b.Shared), .. Holes?.Variables ?? []];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Terms => [.. Columns.Select(c => c.Column.Name)];

    /// <inheritdoc/>
    public override int TermOf(int number) => number;

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        mask ??= Tensor.Full(values.Shape, 1, values.Type);
        return Tensor.Concatenate(1, ValueFeatures(values, mask), mask);
    }

    /// <summary>What the encoder sees of the values, without what it sees of the holes.</summary>
    internal Tensor ValueFeatures(Tensor values, Tensor mask) => Tensor.Concatenate(
        1, [.. Places.Select(p => p.Block.Features(values.Slice(1, p.Start, p.Block.Columns.Count), mask.Slice(1, p.Start, p.Block.Columns.Count)))]);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Given the code alone it is not known, as holes depend on drawn cells of their row.</exception>
    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask)
    {
        if (Holes is { DrawsCells: true })
            throw new ArgumentException("It needs ln p(row | code) exactly, and where holes depend on all values of a row (Missingness.Linear, Agnostic) that is known by draws alone. A model with self-masking, or with the holes ignored, has it.");
        return WithHoles(parameters, values, mask, null).LogDensity;
    }

    internal override (Tensor LogDensity, Tensor? Completed) Score(Tensor parameters, Tensor values, Tensor? mask, RandomDraws random) => WithHoles(parameters, values, mask, random);

    private (Tensor LogDensity, Tensor? Completed) WithHoles(Tensor parameters, Tensor values, Tensor? mask, RandomDraws? random)
    {
        var cells = OfCells(parameters, values, mask);
        if (Holes is null)
            return (cells, null);
        var (ofHoles, completed) = Holes.Score(parameters, values, mask ?? Tensor.Full(values.Shape, 1, values.Type), random);
        return (cells + ofHoles, completed);
    }

    private Tensor OfCells(Tensor parameters, Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        var (samples, rows) = (parameters.Shape[0], parameters.Shape[1]);
        var cells = new List<Tensor>();
        foreach (var (block, start, parameter) in Places)
        {
            var count = block.Columns.Count;
            var logDensity = block.LogDensity(parameters.Slice(2, parameter, block.ParameterCount), values.Slice(1, start, count).Reshape([1, rows, count])).BroadcastTo([samples, rows, count]);
            cells.Add(mask is null ? logDensity : Where(mask.Slice(1, start, count).Reshape([1, rows, count]) > 0.0, logDensity, Tensor.Scalar(0)));
        }
        return Tensor.Concatenate(2, [.. cells]);
    }

    /// <inheritdoc/>
    public override void Mean(ReadOnlySpan<float> parameters, Span<float> values)
    {
        var (parameter, c) = (0, 0);
        foreach (var block in Blocks)
        {
            var outputs = parameters.Slice(parameter, block.ParameterCount);
            for (var column = 0; column < block.Columns.Count; column++)
            {
                var statistics = new double[block.StatisticCount(column)];
                block.AddExpectation(column, outputs, 1, statistics);
                values[c++] = (float)block.Columns[column].Encode(block.Point(column, statistics));
            }
            parameter += block.ParameterCount;
        }
    }

    /// <inheritdoc/>
    public override void Draw(ReadOnlySpan<float> parameters, Span<float> values, RandomNumbers random)
    {
        var (parameter, c) = (0, 0);
        foreach (var block in Blocks)
        {
            var outputs = parameters.Slice(parameter, block.ParameterCount);
            for (var column = 0; column < block.Columns.Count; column++)
                values[c++] = (float)block.Columns[column].Encode(block.Draw(column, outputs, random));
            parameter += block.ParameterCount;
        }
    }

    private int CountFeatures() =>
        Columns.Count + ValueFeatures(Tensor.Input("values", [1, Columns.Count]), Tensor.Input("mask", [1, Columns.Count])).Shape[1];

    // Columns of levels share a block where the most levels are within a factor of two, so that padding at most doubles the work.
    private static IEnumerable<IReadOnlyList<ModelledColumn>> Blocked(IReadOnlyList<ModelledColumn> columns) =>
        columns.GroupBy(c => (c.Likelihood, Size: c.Likelihood is LikelihoodKind.Categorical or LikelihoodKind.Ordinal ? (int)Math.Ceiling(Math.Log2(Math.Max(2, c.Column.Levels.Count))) : 0))
            .OrderBy(g => g.Key.Likelihood).ThenBy(g => g.Key.Size).Select(g => (IReadOnlyList<ModelledColumn>)[.. g]);

    private static Likelihood MakeLikelihood(IReadOnlyList<ModelledColumn> columns) => columns[0].Likelihood switch
    {
        LikelihoodKind.Gaussian or LikelihoodKind.StudentT or LikelihoodKind.LogNormal => new RealLikelihood(columns),
        LikelihoodKind.Bernoulli => new BernoulliLikelihood(columns),
        LikelihoodKind.Categorical => new CategoricalLikelihood(columns),
        LikelihoodKind.Poisson or LikelihoodKind.NegativeBinomial => new CountLikelihood(columns),
        LikelihoodKind.Ordinal => new OrdinalLikelihood(columns),
        _ => throw new ArgumentOutOfRangeException(nameof(columns), columns[0].Likelihood, "No such likelihood."),
    };
}
