using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Training;

/// <summary>
/// An exponential average of parameters over steps, which takes the noise of single steps out of them (Polyak and Juditsky, 1992). To begin
/// with it is over a tenth of the steps so far.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly Variable[] _parameters;
    private readonly Variable[] _averages;
    private readonly Variable _count = new("average.steps", []);
    private readonly double _steps;

    /// <param name="parameters">What is averaged.</param>
    /// <param name="steps">Over how many steps or so.</param>
    public WeightAverage(IReadOnlyList<Variable> parameters, int steps)
    {
        (_parameters, _steps) = ([.. parameters], steps);
        _averages = [.. _parameters.Select(p => new Variable($"average.{p.Name}", p.Shape, p.Type))];
    }

    public IReadOnlyList<Variable> Variables => [_count, .. _averages];

    /// <summary>The average after a step that updates the parameters.</summary>
    public IEnumerable<Update> Updates(IReadOnlyList<Update> step, Tensor accept)
    {
        var byVariable = step.ToDictionary(u => u.Variable, u => u.Value);
        var count = _count.Value + 1.0;
        // 10/(9 + n) is 1 at the first step, so that nothing of the zeros it begins with remains.
        var share = Maximum(Tensor.Scalar(1 / _steps), 10.0 / (9.0 + count));
        yield return new(_count, Where(accept, count, _count.Value));
        for (var i = 0; i < _averages.Length; i++)
        {
            var average = _averages[i].Value;
            yield return new(_averages[i], Where(accept, average + share * (byVariable[_parameters[i]] - average), average));
        }
    }

    /// <summary>Exchanges parameters and averages.</summary>
    public void Swap()
    {
        if (_count.AsSpan<float>()[0] == 0)
            return;
        for (var i = 0; i < _averages.Length; i++)
        {
            var parameter = _parameters[i].AsBytes();
            var average = _averages[i].AsBytes();
            var held = parameter.ToArray();
            average.CopyTo(parameter);
            held.CopyTo(average);
        }
    }

    public void Dispose()
    {
        foreach (var variable in Variables)
            variable.Dispose();
    }
}
