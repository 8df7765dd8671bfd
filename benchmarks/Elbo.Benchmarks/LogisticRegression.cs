using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Benchmarks;

/// <summary>One step on the ELBO of a logistic regression of 10,000 rows and 50 columns, mean-field normal, f64; with one draw, the peer's work.</summary>
internal sealed class LogisticRegression : IDisposable
{
    /// <summary>The bytes of the data: what a step must read at least.</summary>
    public const long DataBytes = 8L * Rows * (Columns + 1);

    private const int Rows = 10_000;
    private const int Columns = 50;

    private readonly Cpu _cpu;
    private readonly Variable _mean = new("mean", [Columns + 1], DType.Float64);
    private readonly Variable _logScale = new("log scale", [Columns + 1], DType.Float64);
    private readonly Variable _steps = new("steps", [], DType.Int32);

    public LogisticRegression(int threads = 1, int draws = 1)
    {
        _cpu = new Cpu(threads);
        var (x, y) = (Tensor.Input("x", [Rows, Columns], DType.Float64), Tensor.Input("y", [Rows, 1], DType.Float64));
        var (mean, logScale) = (_mean.Value, _logScale.Value);
        var noise = new RandomSource(Tensor.FromArray([1, 2], [2], DType.Int32), _steps).Normal([Columns + 1, draws], 0, DType.Float64);
        var z = mean.Reshape([Columns + 1, 1]) + Exp(logScale).Reshape([Columns + 1, 1]) * noise;
        var (weights, intercept) = (z.Slice(0, 0, Columns), z.Slice(0, Columns, 1));
        var logits = x.MatMul(weights) + intercept;
        var density = (y * logits - Softplus(logits)).Sum() - 0.5 * (weights * weights).Sum() - 0.02 * (intercept * intercept).Sum();
        var elbo = density / draws + logScale.Sum();
        var gradients = Gradient.Of(elbo, mean, logScale);
        var rate = 1e-5;
        Function = _cpu.Compile([elbo], [new(_steps, _steps.Value + Tensor.Scalar(1, DType.Int32)), new(_mean, mean + rate * gradients[0]), new(_logScale, logScale + rate * gradients[1])]);
        var random = new RandomNumbers(1, 1);
        double[] truth = [.. Enumerable.Range(0, Columns).Select(_ => 0.3 * random.NextNormal())];
        var toX = Function.Input<double>(x);
        var toY = Function.Input<double>(y);
        for (var i = 0; i < Rows; i++)
        {
            var logit = 0.0;
            for (var j = 0; j < Columns; j++)
                logit += truth[j] * (toX[i * Columns + j] = random.NextNormal());
            toY[i] = random.NextUniform() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0;
        }
        Elbo = elbo;
    }

    public Tensor Elbo { get; }

    public CompiledFunction Function { get; }

    public void Dispose()
    {
        Function.Dispose();
        _cpu.Dispose();
    }
}
