using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Benchmarks;

/// <summary>
/// One step of stochastic gradient ascent on the ELBO of the eight schools (Rubin, 1981), non-centred, mean-field normal, one
/// draw, f64: what the Stan peer does in a step. Ten latent variables: μ, ln τ and eight deviations.
/// </summary>
internal sealed class EightSchools : IDisposable
{
    private static readonly double[] Effects = [28, 8, -3, 7, -1, 1, 18, 12];
    private static readonly double[] Errors = [15, 10, 16, 11, 9, 11, 10, 18];

    private readonly Cpu? _ownCpu;
    private readonly Variable _mean = new("mean", [10], DType.Float64);
    private readonly Variable _logScale = new("log scale", [10], DType.Float64);
    private readonly Variable _history = new("history", [20], DType.Float64);
    private readonly Variable _steps = new("steps", [], DType.Int32);

    public EightSchools(Cpu? cpu = null)
    {
        _ownCpu = cpu is null ? new Cpu(1) : null;
        var (y, sigma) = (Tensor.FromArray(Effects, [8], DType.Float64), Tensor.FromArray(Errors, [8], DType.Float64));
        var parameters = Tensor.Concatenate(0, _mean.Value, _logScale.Value);
        var (mean, logScale) = (_mean.Value, _logScale.Value);
        var noise = new RandomSource(Tensor.FromArray([1, 2], [2], DType.Int32), _steps).Normal([10], 0, DType.Float64);
        var z = mean + Exp(logScale) * noise;
        var (mu, logTau, t) = (z.Slice(0, 0, 1), z.Slice(0, 1, 1), z.Slice(0, 2, 8));
        var tau = Exp(logTau);
        var residual = (y - mu - tau * t) / sigma;
        var logDensity = -0.5 * (residual * residual).Sum() - 0.5 * (t * t).Sum() - 0.5 * (mu * mu).Sum() / 25.0
            - Log1p(tau * tau / 25.0).Sum() + logTau.Sum();
        var elbo = logDensity + logScale.Sum();
        var gradients = Gradient.Of(elbo, mean, logScale);

        // The step sizes of Stan: a share of the square gradient, and of what was remembered of it.
        var updates = new List<Update> { new(_steps, _steps.Value + Tensor.Scalar(1, DType.Int32)) };
        var rate = 0.1 / Sqrt(_steps.Value.Convert(DType.Float64) + 1.0);
        var history = 0.1 * Square(Tensor.Concatenate(0, gradients[0], gradients[1])) + 0.9 * _history.Value;
        updates.Add(new(_history, history));
        updates.Add(new(_mean, mean + rate * gradients[0] / (1.0 + Sqrt(history.Slice(0, 0, 10)))));
        updates.Add(new(_logScale, logScale + rate * gradients[1] / (1.0 + Sqrt(history.Slice(0, 10, 10)))));
        Function = (cpu ?? _ownCpu!).Compile([elbo], updates);
        Elbo = elbo;
    }

    public Tensor Elbo { get; }

    public CompiledFunction Function { get; }

    private static Tensor Square(Tensor x) => x * x;

    public void Dispose()
    {
        Function.Dispose();
        _ownCpu?.Dispose();
    }
}
