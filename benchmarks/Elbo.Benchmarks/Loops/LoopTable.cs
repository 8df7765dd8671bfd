using System.Numerics;
using Elbo.Compute;
using Elbo.Compute.Kernels;

namespace Elbo.Benchmarks.Loops;

/// <summary>A table of numbers and the loops over it: as a graph, and by hand.</summary>
internal sealed unsafe class LoopTable<T> : IDisposable where T : unmanaged, INumber<T>, IFloatingPointIeee754<T>
{
    private readonly int _rows, _columns;
    private readonly Cpu _cpu = new(1);
    private readonly NativeBuffer _x, _y, _shift, _scale, _result, _sums;
    private readonly Tensor _xs, _ys, _shifts, _scales, _a, _b;

    public LoopTable(int rows, int columns, DType type)
    {
        (_rows, _columns) = (rows, columns);
        (_xs, _ys) = (Tensor.Input("x", [rows, columns], type), Tensor.Input("y", [rows, columns], type));
        (_shifts, _scales) = (Tensor.Input("shift", [columns], type), Tensor.Input("scale", [columns], type));
        (_a, _b) = (Tensor.Input("a", [], type), Tensor.Input("b", [], type));
        (_x, _y, _result, _sums) = (Filled(rows * columns), Filled(rows * columns), Filled(rows * columns), Filled(columns));
        (_shift, _scale) = (Filled(columns), Filled(columns));
    }

    private static T A => T.CreateChecked(0.25);

    private static T B => T.CreateChecked(1.5);

    private T* X => (T*)_x.Pointer;

    private T* Y => (T*)_y.Pointer;

    private T* Result => (T*)_result.Pointer;

    /// <summary>Every loop: what it is called, its result as a graph, and the same by hand.</summary>
    public (string Name, Tensor Graph, Action ByHand)[] Loops()
    {
        var (rows, columns, count) = (_rows, _columns, (long)_rows * _columns);
        var z = (_xs - _a) * _b;
        var square = z * z;
        return
        [
            ("(x - a) b + y", z + _ys, () => HandWrittenLoops<T, Affine<T>>.Map(X, Y, A, B, Result, count)),
            ("(x - a[c]) b[c] + y", (_xs - _shifts) * _scales + _ys,
                () => HandWrittenLoops<T, Affine<T>>.MapRows(X, Y, (T*)_shift.Pointer, (T*)_scale.Pointer, Result, rows, columns)),
            ("exp(-((x - a) b)^2 / 2)", TensorMath.Exp(square * -0.5), () => HandWrittenLoops<T, GaussianDensity<T>>.Map(X, null, A, B, Result, count)),
            ("log(x x + a) b", TensorMath.Log(_xs * _xs + _a) * _b, () => HandWrittenLoops<T, ScaledLogarithm<T>>.Map(X, null, A, B, Result, count)),
            ("sum, all", square.Sum(), () => HandWrittenLoops<T, SquaredDistance<T>>.Inner<SumFold<T>>(X, A, B, Result, 1, count)),
            ("sum, inner", square.Sum(1), () => HandWrittenLoops<T, SquaredDistance<T>>.Inner<SumFold<T>>(X, A, B, Result, rows, columns)),
            ("sum, outer", square.Sum(0), () => HandWrittenLoops<T, SquaredDistance<T>>.Outer<SumFold<T>>(X, A, B, Result, rows, columns)),
            ("max, all", square.Max(), () => HandWrittenLoops<T, SquaredDistance<T>>.Inner<MaximumFold<T>>(X, A, B, Result, 1, count)),
            ("max, inner", square.Max(1), () => HandWrittenLoops<T, SquaredDistance<T>>.Inner<MaximumFold<T>>(X, A, B, Result, rows, columns)),
            ("max, outer", square.Max(0), () => HandWrittenLoops<T, SquaredDistance<T>>.Outer<MaximumFold<T>>(X, A, B, Result, rows, columns)),
            ("log-sum-exp, all", TensorMath.LogSumExp(square), () => HandWrittenLoops<T, SquaredDistance<T>>.InnerLogSumExp(X, A, B, Result, 1, count)),
            ("log-sum-exp, inner", TensorMath.LogSumExp(square, 1), () => HandWrittenLoops<T, SquaredDistance<T>>.InnerLogSumExp(X, A, B, Result, rows, columns)),
            ("log-sum-exp, outer", TensorMath.LogSumExp(square, 0),
                () => HandWrittenLoops<T, SquaredDistance<T>>.OuterLogSumExp(X, A, B, Result, (T*)_sums.Pointer, rows, columns)),
        ];
    }

    /// <summary>The time of a graph's result, held against the same by hand.</summary>
    public Measurement Compare(string name, Tensor graph, Action byHand, double bar)
    {
        using var function = _cpu.Compile([graph]);
        var leaves = TopologicalOrder.Of(graph).Where(node => node.Operation is Operation.Input).ToHashSet();
        void Fill(Tensor input, ReadOnlySpan<T> values)
        {
            if (leaves.Contains(input))
                values.CopyTo(function.Input<T>(input));
        }
        Fill(_xs, _x.Span<T>());
        Fill(_ys, _y.Span<T>());
        Fill(_shifts, _shift.Span<T>());
        Fill(_scales, _scale.Span<T>());
        Fill(_a, [A]);
        Fill(_b, [B]);
        var (ours, theirs) = Stopclock.SecondsEachOf(function.Run, byHand);
        var results = function.Output<T>(graph);
        var worst = 0.0;
        for (var i = 0; i < results.Length; i++)
            worst = Math.Max(worst, double.CreateChecked(T.Abs(results[i] - Result[i]) / (T.One + T.Abs(results[i]))));
        // Rounding differs with the order of a sum; anything more is an error of one of the two.
        if (!(worst < (sizeof(T) == 4 ? 1e-3 : 1e-9)))
            throw new InvalidOperationException($"{name}: the loop written by hand has another result, by {worst:g3}.");
        return Measurement.RatioAtMost(name, 1e9 * ours / ((double)_rows * _columns), "ns each", ours / theirs, bar);
    }

    public void Dispose()
    {
        _cpu.Dispose();
        foreach (var buffer in (NativeBuffer[])[_x, _y, _shift, _scale, _result, _sums])
            buffer.Dispose();
    }

    private static NativeBuffer Filled(long count)
    {
        var buffer = new NativeBuffer(count * sizeof(T));
        var random = new Random(1);
        foreach (ref var x in buffer.Span<T>())
            x = T.CreateChecked((random.NextDouble() * 4) - 2);
        return buffer;
    }
}
