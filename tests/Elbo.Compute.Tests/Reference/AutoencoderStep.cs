using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Reference;

/// <summary>A training step as the engine is made for: encoder, draw, decoder, loss, gradients and Adam, compiled into one function.</summary>
internal sealed class AutoencoderStep : IDisposable
{
    private const int Batch = 32;
    private const int Pixels = 96;
    private const int Hidden = 64;
    private const int Latent = 6;

    private readonly Cpu _cpu;
    private readonly Tensor _data = Tensor.Input("data", [Batch, Pixels]);
    private readonly Tensor _loss;
    private readonly Random _random = new(5);
    private readonly Dictionary<Variable, Variable[]> _moments = [];

    public AutoencoderStep(int threads, CompileOptions? options = null)
    {
        _cpu = new Cpu(threads);
        var time = Add("time", [], DType.Int32);
        var next = time.Value + Tensor.Scalar(1, DType.Int32);
        var hidden = Tanh(Layer("encoder", _data, Hidden));
        var (mean, logSd) = (Layer("mean", hidden, Latent), Layer("log sd", hidden, Latent));
        var noise = new RandomSource(Tensor.FromArray([7, 8], [2], DType.Int32), next).Normal([Batch, Latent], 1);
        var code = mean + Exp(logSd) * noise;
        var logits = Layer("out", Relu(Layer("decoder", code, Hidden)), Pixels);
        var reconstruction = (_data * logits - Softplus(logits)).Sum(1);
        var kl = (0.5 * (mean * mean + Exp(2 * logSd) - 1) - logSd).Sum(1);
        _loss = -(reconstruction - kl).Mean();
        Function = _cpu.Compile([_loss], [new(time, next), .. Adam(next)], options);
        for (var i = 0; i < Batch * Pixels; i++)
            Function.Input<float>(_data)[i] = _random.Next(2);
    }

    public CompiledFunction Function { get; }

    public List<Variable> Variables { get; } = [];

    public double Run()
    {
        Function.Input<float>(_data)[3] = 1 - Function.Input<float>(_data)[3];
        Function.Run();
        return Function.Scalar(_loss);
    }

    public void Dispose()
    {
        Function.Dispose();
        _cpu.Dispose();
        Variables.ForEach(variable => variable.Dispose());
    }

    private Tensor Layer(string name, Tensor x, int outputs)
    {
        var (weights, bias) = (Add(name + " weights", [x.Shape[1], outputs]), Add(name + " bias", [outputs]));
        Experiment.Write(weights, [.. Enumerable.Range(0, weights.Shape.Elements).Select(_ => (_random.NextDouble() - 0.5) / Math.Sqrt(x.Shape[1]))]);
        foreach (var variable in (Variable[])[weights, bias])
            _moments[variable] = [Add(variable.Name + " first", variable.Shape), Add(variable.Name + " second", variable.Shape)];
        return x.MatMul(weights) + bias;
    }

    private IEnumerable<Update> Adam(Tensor time)
    {
        var t = time.Convert(DType.Float32);
        Variable[] parameters = [.. _moments.Keys];
        var gradients = Gradient.Of(_loss, [.. parameters.Select(p => p.Value)]);
        for (var k = 0; k < parameters.Length; k++)
        {
            var (p, g, first, second) = (parameters[k], gradients[k], _moments[parameters[k]][0], _moments[parameters[k]][1]);
            var m = 0.9 * first.Value + 0.1 * g;
            var v = 0.999 * second.Value + 0.001 * (g * g);
            var size = 1e-3 * Sqrt(1 - Pow(Tensor.Scalar(0.999), t)) / (1 - Pow(Tensor.Scalar(0.9), t));
            yield return new(first, m);
            yield return new(second, v);
            yield return new(p, p.Value - size * m / (Sqrt(v) + 1e-8));
        }
    }

    private Variable Add(string name, Shape shape, DType type = DType.Float32)
    {
        var variable = new Variable(name, shape, type);
        Variables.Add(variable);
        return variable;
    }
}
