using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>
/// A learned schedule: γ(t) = γ₀ + (γ₁ − γ₀)·(m(t) − m(0))/(m(1) − m(0)) with m(t) = w·t + Σ v·σ(a·t + b), which grows as w, v and a are kept positive (after Kingma,
/// Salimans, Poole and Ho, 2021, appendix H). The bound of a chain of finitely many steps depends on all of it, and that of endless ones on its ends.
/// </summary>
internal sealed class MonotoneNetwork : IDisposable
{
    private const int Units = 32;

    private readonly Variable _line = new("schedule.line", [1, 1]);
    private readonly Variable _slopes = new("schedule.slopes", [1, Units]);
    private readonly Variable _offsets = new("schedule.offsets", [1, Units]);
    private readonly Variable _heights = new("schedule.heights", [1, Units]);
    private readonly Variable _ends = new("schedule.ends", [2]);

    public MonotoneNetwork(double first, double last)
    {
        _line.AsSpan<float>()[0] = Inverse(1);
        for (var i = 0; i < Units; i++)
        {
            // Steps that are spread over all times, and small to begin with.
            var centre = (i + 0.5) / Units;
            var slope = 8.0;
            (_slopes.AsSpan<float>()[i], _offsets.AsSpan<float>()[i], _heights.AsSpan<float>()[i]) = (Inverse(slope), (float)(-slope * centre), Inverse(0.01));
        }
        (_ends.AsSpan<float>()[0], _ends.AsSpan<float>()[1]) = ((float)first, (float)last);
    }

    public IReadOnlyList<Variable> Variables => [_line, _slopes, _offsets, _heights, _ends];

    /// <summary>γ and where it lies between its ends, from 0 to 1.</summary>
    /// <param name="time">From 0 to 1: [rows, 1].</param>
    public (Tensor LogNoise, Tensor Place) At(Tensor time)
    {
        var (start, end) = (Rise(Tensor.Full([1, 1], 0)), Rise(Tensor.Full([1, 1], 1)));
        var place = (Rise(time) - start) / (end - start);
        return (First + (Last - First) * place, place);
    }

    /// <summary>γ at t = 0.</summary>
    public Tensor First => _ends.Value.Slice(0, 0, 1).Reshape([]);

    /// <summary>γ at t = 1.</summary>
    public Tensor Last => _ends.Value.Slice(0, 1, 1).Reshape([]);

    /// <summary>The schedule as it stands, at as many times as a chain has levels.</summary>
    public NoiseSchedule AsItStands(int levels)
    {
        var (start, end) = (Rise(0), Rise(1));
        var (first, last) = (_ends.AsSpan<float>()[0], _ends.AsSpan<float>()[1]);
        return new LevelSchedule([.. Enumerable.Range(0, levels).Select(i => first + (last - first) * (Rise((double)i / (levels - 1)) - start) / (end - start))]);
    }

    private Tensor Rise(Tensor time) => Softplus(_line.Value) * time + (Softplus(_heights.Value) * Sigmoid(Softplus(_slopes.Value) * time + _offsets.Value)).SumKeeping(1);

    private double Rise(double time)
    {
        var sum = NoiseLevel.Softplus(_line.AsSpan<float>()[0]) * time;
        for (var i = 0; i < Units; i++)
            sum += NoiseLevel.Softplus(_heights.AsSpan<float>()[i]) / (1 + Math.Exp(-(NoiseLevel.Softplus(_slopes.AsSpan<float>()[i]) * time + _offsets.AsSpan<float>()[i])));
        return sum;
    }

    public void Dispose()
    {
        foreach (var variable in Variables)
            variable.Dispose();
    }

    // What the softplus of is y.
    private static float Inverse(double y) => (float)Math.Log(double.ExpM1(y));
}
