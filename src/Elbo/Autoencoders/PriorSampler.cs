using Elbo.Compute;

namespace Elbo.Autoencoders;

/// <summary>Codes drawn from the prior, and their decoder outputs.</summary>
internal sealed class PriorSampler : IDisposable
{
    private readonly CompiledFunction _function;
    private readonly Tensor _seed = Tensor.Input("seed", [2], DType.Int32);
    private readonly Tensor _step = Tensor.Input("step", [], DType.Int32);
    private readonly Tensor _parameters;
    private readonly Tensor _codes;

    public PriorSampler(Cpu cpu, LatentNetwork network, int rows, ulong seed, int? label = null)
    {
        Rows = rows;
        var noise = new RandomSource(_seed, _step).Normal([rows, network.PriorNoise], Sites.PriorNoise);
        _codes = label is { } one ? network.FromPrior(noise, one) : network.FromPrior(noise);
        _parameters = network.Score(_codes).Parameters;
        _function = cpu.Compile([_parameters, _codes]);
        RowInputs.SetSeed(_function, _seed, seed);
    }

    public int Rows { get; }

    public ReadOnlySpan<float> Parameters(int row) => _function.Output<float>(_parameters).Slice(row * _parameters.Shape[1], _parameters.Shape[1]);

    /// <summary>The code of a row.</summary>
    public ReadOnlySpan<float> Code(int row) => _function.Output<float>(_codes).Slice(row * _codes.Shape[1], _codes.Shape[1]);

    public void Run(int step)
    {
        _function.Input<int>(_step)[0] = step;
        _function.Run();
    }

    public void Dispose() => _function.Dispose();
}
