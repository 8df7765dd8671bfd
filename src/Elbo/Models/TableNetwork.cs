using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Models;

/// <summary>
/// The generative model p(z) p(x|z) and the amortised posterior q(z|x) of a table, as expressions. Columns stand in the order of
/// <see cref="Columns"/>: block by block of equal likelihood.
/// </summary>
internal sealed class TableNetwork
{
    // A posterior this narrow or wide is beyond what single precision can learn from.
    private const double SmallestLogVariance = -14;
    private const double LargestLogVariance = 6;

    private readonly Mlp _encoder;
    private readonly Mlp _decoder;

    public TableNetwork(IReadOnlyList<ModelledColumn> columns, int latent, TableVaeOptions options)
    {
        Latent = latent;
        Blocks = [.. Blocked(columns).Select(MakeLikelihood)];
        Columns = [.. Blocks.SelectMany(b => b.Columns)];
        var random = new RandomNumbers(options.Seed, (ulong)RandomUse.Weights);
        _encoder = new Mlp("encoder", [FeatureCount(), .. options.Hidden, 2 * latent], options.Activation, random);
        _decoder = new Mlp("decoder", [latent, .. options.Hidden.Reverse(), Blocks.Sum(b => b.ParameterCount)], options.Activation, random, options.DecoderScale);
    }

    public int Latent { get; }

    public IReadOnlyList<Likelihood> Blocks { get; }

    public IReadOnlyList<ModelledColumn> Columns { get; }

    public int ParameterCount => Blocks.Sum(b => b.ParameterCount);

    /// <summary>All that is learned.</summary>
    public IReadOnlyList<Variable> Variables => [.. _encoder.Variables, .. _decoder.Variables, .. Blocks.SelectMany(b => b.Shared)];

    /// <summary>Mean and log-variance of q(z|x), each [rows, latent].</summary>
    public (Tensor Mean, Tensor LogVariance) Encode(Tensor values, Tensor mask)
    {
        var features = new List<Tensor>();
        ForBlocks((block, start) => features.Add(block.Features(values.Slice(1, start, block.Columns.Count), mask.Slice(1, start, block.Columns.Count))));
        var code = _encoder.Apply(Tensor.Concatenate(1, [.. features, mask]));
        return (code.Slice(1, 0, Latent), Clamp(code.Slice(1, Latent, Latent), SmallestLogVariance, LargestLogVariance));
    }

    /// <summary>Decoder outputs [rows, parameters] of codes [rows, latent].</summary>
    public Tensor Decode(Tensor z) => _decoder.Apply(z);

    /// <summary>ln p of each cell, 0 where it is missing: [samples, rows, columns], for decoder outputs [samples, rows, parameters].</summary>
    public Tensor LogDensity(Tensor parameters, Tensor values, Tensor mask)
    {
        var (samples, rows) = (parameters.Shape[0], parameters.Shape[1]);
        var (cells, parameter) = (new List<Tensor>(), 0);
        ForBlocks((block, start) =>
        {
            var count = block.Columns.Count;
            var observed = mask.Slice(1, start, count).Reshape([1, rows, count]);
            var logDensity = block.LogDensity(parameters.Slice(2, parameter, block.ParameterCount), values.Slice(1, start, count).Reshape([1, rows, count]));
            cells.Add(Where(observed > 0.0, logDensity.BroadcastTo([samples, rows, count]), Tensor.Scalar(0)));
            parameter += block.ParameterCount;
        });
        return Tensor.Concatenate(2, [.. cells]);
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

    private int FeatureCount()
    {
        var probe = (Tensor.Input("values", [1, Columns.Count]), Tensor.Input("mask", [1, Columns.Count]));
        var count = Columns.Count;
        ForBlocks((block, start) => count += block.Features(probe.Item1.Slice(1, start, block.Columns.Count), probe.Item2.Slice(1, start, block.Columns.Count)).Shape[1]);
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

/// <summary>Uses of random numbers, so that no two share a stream.</summary>
internal enum RandomUse
{
    Weights = 1,
    HoldOut,
    Order,
    Cells,
    Samples,
}

/// <summary>Sites of random draws in compiled functions.</summary>
internal static class Sites
{
    public const int TrainingNoise = 1;
    public const int BoundNoise = 2;
    public const int PosteriorNoise = 3;
    public const int PriorNoise = 4;
}
