using Elbo.Compute;

namespace Elbo.Autoencoders;

/// <summary>Codes drawn from the prior, and their decoder outputs.</summary>
internal sealed class PriorSampler : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly Tensor _seed = Tensor.Input("seed", [2], DType.Int32);
    private readonly Tensor _step = Tensor.Input("step", [], DType.Int32);
    private readonly Tensor _parameters;

    public PriorSampler(Cpu cpu, LatentNetwork network, int rows, ulong seed)
    {
        Rows = rows;
        var z = network.FromPrior(new RandomSource(_seed, _step).Normal([rows, network.PriorNoise], Sites.PriorNoise));
        _parameters = network.Score(z).Parameters;
        _function = cpu.Compile([_parameters]);
        RowInputs.SetSeed(_function, _seed, seed);
    }

    public int Rows { get; }

    public ReadOnlySpan<float> Parameters(int row) => _function.Output<float>(_parameters).Slice(row * _parameters.Shape[1], _parameters.Shape[1]);

    public void Run(int step)
    {
        _function.Input<int>(_step)[0] = step;
        _function.Run();
    }

    public void Dispose() => _function.Dispose();
}
