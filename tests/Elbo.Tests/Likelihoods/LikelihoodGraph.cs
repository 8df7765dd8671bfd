using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Tests.Likelihoods;

/// <summary>The graph of a block's log-density and of its gradient, compiled for so many rows.</summary>
internal sealed class LikelihoodGraph : IDisposable
{
    private readonly Cpu _cpu = new(1);
    private readonly Tensor _parameters;
    private readonly Tensor _values;
    private readonly Tensor _logDensity;
    private readonly Tensor[] _gradients;
    private readonly CompiledFunction _function;

    public LikelihoodGraph(Likelihood block, int rows)
    {
        Block = block;
        Rows = rows;
        _parameters = Tensor.Input("parameters", [1, rows, block.ParameterCount]);
        _values = Tensor.Input("values", [1, rows, block.Columns.Count]);
        _logDensity = block.LogDensity(_parameters, _values);
        _gradients = Gradient.Of(_logDensity.Sum(), [_parameters, .. block.Shared.Select(s => s.Value)]);
        _function = _cpu.Compile([_logDensity, .. _gradients]);
    }

    public Likelihood Block { get; }

    public int Rows { get; }

    /// <summary>ln p of values, in the columns' units, under decoder outputs: both row by row.</summary>
    public double[] LogDensity(ReadOnlySpan<double> parameters, ReadOnlySpan<double> values)
    {
        var p = _function.Input<float>(_parameters);
        var v = _function.Input<float>(_values);
        for (var i = 0; i < p.Length; i++)
            p[i] = (float)parameters[i % parameters.Length];
        for (var i = 0; i < v.Length; i++)
            v[i] = (float)Block.Columns[i % Block.Columns.Count].Encode(values[i % values.Length]);
        _function.Run();
        return [.. _function.Output<float>(_logDensity).ToArray().Select(d => (double)d)];
    }

    /// <summary>Derivatives of the sum of all cells, after a run: by decoder outputs, then by each learned number.</summary>
    public double[] Gradients() => [.. _gradients.SelectMany(g => _function.Output<float>(g).ToArray()).Select(d => (double)d)];

    public static ModelledColumn Column(
        ColumnKind kind, LikelihoodKind likelihood, double location = 0, double scale = 1, double shift = 0, int levels = 0, double minimum = -1e300, double maximum = 1e300) =>
        new(new Column("x", kind, [.. Enumerable.Range(0, levels).Select(l => $"level {l}")]), likelihood, location, scale, shift, minimum, maximum);

    public void Dispose()
    {
        _function.Dispose();
        _cpu.Dispose();
        foreach (var shared in Block.Shared)
            shared.Dispose();
    }
}
