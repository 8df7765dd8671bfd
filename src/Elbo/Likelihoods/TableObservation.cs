using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>
/// The likelihood of a row of a table: each column its own family. Columns stand in the order of <see cref="Columns"/>, block by block of
/// equal family.
/// </summary>
public sealed class TableObservation : Observation
{
    /// <summary>The likelihood of some columns.</summary>
    /// <param name="columns">In any order.</param>
    public TableObservation(IReadOnlyList<ModelledColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Blocks = [.. Blocked(columns).Select(MakeLikelihood)];
        Columns = [.. Blocks.SelectMany(b => b.Columns)];
        FeatureCount = CountFeatures();
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
    public override IReadOnlyList<Variable> Variables => [.. Blocks.SelectMany(b => b.Shared)];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Terms => [.. Columns.Select(c => c.Column.Name)];

    /// <inheritdoc/>
    public override int TermOf(int number) => number;

    /// <inheritdoc/>
    public override Tensor Features(Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(values);
        mask ??= Tensor.Full(values.Shape, 1, values.Type);
        var features = new List<Tensor>();
        ForBlocks((block, start) => features.Add(block.Features(values.Slice(1, start, block.Columns.Count), mask.Slice(1, start, block.Columns.Count))));
        return Tensor.Concatenate(1, [.. features, mask]);
    }

    /// <inheritdoc/>
    public override Tensor LogDensity(Tensor parameters, Tensor values, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(values);
        var (samples, rows) = (parameters.Shape[0], parameters.Shape[1]);
        var (cells, parameter) = (new List<Tensor>(), 0);
        ForBlocks((block, start) =>
        {
            var count = block.Columns.Count;
            var logDensity = block.LogDensity(parameters.Slice(2, parameter, block.ParameterCount), values.Slice(1, start, count).Reshape([1, rows, count])).BroadcastTo([samples, rows, count]);
            cells.Add(mask is null ? logDensity : Where(mask.Slice(1, start, count).Reshape([1, rows, count]) > 0.0, logDensity, Tensor.Scalar(0)));
            parameter += block.ParameterCount;
        });
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

    private void ForBlocks(Action<Likelihood, int> action)
    {
        var start = 0;
        foreach (var block in Blocks)
        {
            action(block, start);
            start += block.Columns.Count;
        }
    }

    private int CountFeatures()
    {
        var (values, mask) = (Tensor.Input("values", [1, Columns.Count]), Tensor.Input("mask", [1, Columns.Count]));
        var count = Columns.Count;
        ForBlocks((block, start) => count += block.Features(values.Slice(1, start, block.Columns.Count), mask.Slice(1, start, block.Columns.Count)).Shape[1]);
        return count;
    }

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
