using Elbo.Compute;

namespace Elbo.Distributions;

/// <summary>
/// Random draws one after another. Each takes the next site of a <see cref="RandomSource"/>, so the draws of a model are a pure
/// function of the seed, the step and the order in which the model asks.
/// </summary>
/// <param name="source">Seed and step.</param>
/// <param name="firstSite">The number of the first draw.</param>
public sealed class RandomDraws(RandomSource source, int firstSite = 0)
{
    /// <summary>The number that the next draw will have.</summary>
    public int NextSite { get; private set; } = firstSite;

    /// <summary>A stream under a fixed seed, the same draws at each run of a function.</summary>
    public static RandomDraws Of(ulong seed) => new(SourceOf(seed));

    /// <summary>The source of a fixed seed at step 0.</summary>
    public static RandomSource SourceOf(ulong seed) => new(SeedOf(seed), Tensor.Scalar(0, DType.Int32));

    /// <summary>A seed as the engine takes it: two integers.</summary>
    public static Tensor SeedOf(ulong seed) => Tensor.FromArray([(int)(uint)seed, (int)(uint)(seed >> 32)], [2], DType.Int32);

    /// <summary>Standard normal draws.</summary>
    public Tensor Normal(Shape shape, DType type) => source.Normal(shape, NextSite++, type);

    /// <summary>Draws strictly between 0 and 1.</summary>
    public Tensor Uniform(Shape shape, DType type) => source.Uniform(shape, NextSite++, type);
}
