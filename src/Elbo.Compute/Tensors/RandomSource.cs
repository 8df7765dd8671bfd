namespace Elbo.Compute;

/// <summary>
/// Random numbers as pure functions of (seed, site, step, index), by Philox4x32-10 (Salmon et al., 2011). The same four always
/// give the same draw, whatever the number of threads or the width of vectors.
/// </summary>
/// <param name="Seed">Two integers, the 64-bit seed: Int32[2].</param>
/// <param name="Step">The step number, a scalar: Int32[].</param>
public sealed record RandomSource(Tensor Seed, Tensor Step)
{
    /// <summary>Which repetition within the step, a scalar: Int32[]; null for the only one.</summary>
    public Tensor? Iteration { get; private init; }

    /// <summary>
    /// The source for one repetition within a step, such as a step of a scan by its index: draws are then a pure function of (seed,
    /// site, step, iteration, index). The iteration 0 draws what the source itself draws.
    /// </summary>
    /// <param name="iteration">Its number: Int32[].</param>
    public RandomSource At(Tensor iteration) => this with { Iteration = iteration };

    /// <summary>Standard normal draws.</summary>
    /// <param name="shape">Their shape.</param>
    /// <param name="site">Tells this draw from the others of the same step; each place in a model needs its own.</param>
    /// <param name="type">Float32 or Float64.</param>
    public Tensor Normal(Shape shape, int site, DType type = DType.Float32) => Make(Draw.Normal, shape, site, type);

    /// <summary>Uniform draws, strictly between 0 and 1.</summary>
    /// <inheritdoc cref="Normal"/>
    public Tensor Uniform(Shape shape, int site, DType type = DType.Float32) => Make(Draw.Uniform, shape, site, type);

    private Tensor Make(Draw draw, Shape shape, int site, DType type)
    {
        if (Seed.Type != DType.Int32 || Seed.Shape.Elements != 2 || Step.Type != DType.Int32 || Step.Shape.Elements != 1)
            throw new ShapeException($"A random source needs an Int32[2] seed and an Int32 scalar step, not {Seed.Type}{Seed.Shape} and {Step.Type}{Step.Shape}.");
        if (Iteration is not null && (Iteration.Type != DType.Int32 || Iteration.Shape.Elements != 1))
            throw new ShapeException($"The iteration of a random source is an Int32 scalar, not {Iteration.Type}{Iteration.Shape}.");
        if (!type.IsFloat())
            throw new ShapeException($"Random draws are floats; {type}{shape} was asked for.");
        return new(new Operation.Random(draw, site), Iteration is null ? [Seed, Step] : [Seed, Step, Iteration], shape, type);
    }
}
