using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Programs;

namespace Elbo.Inference;

/// <summary>
/// A posterior seen from the noise of a fitted guide: ln w(ε) = ln p(data, z(ε)) + ln |dz/dε| − ln N(ε; 0, I), with its gradient, of many
/// points at once. If the guide were the posterior, ln w would be the ln evidence everywhere (Hoffman and others, 2019).
/// </summary>
internal sealed class NoiseDensity : AnnealedDensity, IDisposable
{
    private readonly Tensor _noise;
    private readonly Tensor _value;
    private readonly Tensor _gradient;
    private readonly CompiledFunction _function;

    public NoiseDensity(Model model, UnconstrainedSpace space, GuideState state, Cpu cpu, int points)
    {
        (Points, Dimension) = (points, space.Dimension);
        _noise = Tensor.Input("noise", [points, space.Dimension], DType.Float64);
        var run = new GuidedRun(model, space, state);
        run.Run(new RandomDraws(RandomDraws.SourceOf(0), 1));
        var axis = new VectorAxis("point", points, redraws: true);
        var many = new Vectorisation(axis);
        run.Place(many, axis, _noise.Convert(space.Type));
        _value = many.Of(run.LogWeight, axis).Convert(DType.Float64);
        _gradient = Gradient.Of(_value.Sum(), _noise)[0];
        _function = cpu.Compile([_value, _gradient]);
    }

    public override int Points { get; }

    public override int Dimension { get; }

    public override void Evaluate(AnnealedPoints points)
    {
        Evaluate(points.At, points.Values, points.Slopes);
        FillBase(points);
    }

    /// <summary>ln w and its gradient at some points, row by row.</summary>
    public void Evaluate(ReadOnlySpan<double> noise, Span<double> values, Span<double> gradients)
    {
        noise.CopyTo(_function.Input<double>(_noise));
        _function.Run();
        _function.Output<double>(_value).CopyTo(values);
        _function.Output<double>(_gradient).CopyTo(gradients);
    }

    public void Dispose() => _function.Dispose();
}
