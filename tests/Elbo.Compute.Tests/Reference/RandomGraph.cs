using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Reference;

/// <summary>
/// Graphs of random operations over random shapes, kept within what their element type can compare: a step whose elements grow too
/// large, are not finite or divide by little is taken back. Comparisons, which turn a last place into a whole, are made of inputs alone.
/// </summary>
internal sealed class RandomGraph
{
    private const double Largest = 20;

    private static readonly Unary[] Smooth = [Unary.Negate, Unary.Abs, Unary.Sin, Unary.Cos, Unary.Tanh, Unary.Sigmoid, Unary.Softplus, Unary.Erf, Unary.Erfc, Unary.Exp, Unary.Expm1, Unary.StopGradient, Unary.LogNormalCdf];

    private readonly Random _random;
    private readonly int _largestAxis;
    private readonly List<Tensor> _nodes = [];
    private readonly List<Tensor> _exact = [];
    private readonly List<Tensor> _masks = [];

    public RandomGraph(int seed, int size, int largestAxis = 9, DType type = DType.Float64)
    {
        _random = new(seed);
        _largestAxis = largestAxis;
        Experiment = new(seed);
        for (var k = 0; k < 3; k++)
        {
            _nodes.Add(Experiment.Input(RandomShape(), type));
            _exact.Add(_nodes[^1]);
        }
        for (var attempt = 0; attempt < 20 * size && _nodes.Count < size; attempt++)
            Grow();
        // The last nodes and some from the middle: outputs that others read.
        Outputs = [.. _nodes.TakeLast(3), .. Enumerable.Range(0, 3).Select(_ => Any(_nodes)), .. _masks.TakeLast(1)];
    }

    public Experiment Experiment { get; }

    public Tensor[] Outputs { get; }

    private void Grow()
    {
        var x = _random.Next(3) == 0 ? Any(_nodes) : _nodes[^1];
        var kind = _random.Next(20);
        var next = kind switch
        {
            < 3 => Tensor.Map(Any(Smooth), x),
            < 6 => Arithmetic(x, Fitting(x)),
            6 => Where(Mask(x), Fitting(x), x * 0.5),
            7 => Reduced(x),
            8 => x - x.MaxKeeping(Axes(x)),
            9 => Product(x),
            10 => x.Rank >= 2 ? x.Transpose(Permutation(x.Rank)) : x,
            11 => x.Reshape(Refactored(x.Shape)),
            12 => Sliced(x),
            13 => x.Pad([.. x.Shape.Select(_ => _random.Next(2))], [.. x.Shape.Select(_ => _random.Next(3))]),
            14 => x.Rank == 0 ? x : Tensor.Concatenate(_random.Next(x.Rank), x, x * 0.25, -x),
            15 => x.Rank == 0 ? x : x.Gather(Experiment.Indices(RandomShape(2), x.Shape[0])),
            16 => x.Rank == 0 ? x : x.ScatterAdd(Experiment.Indices([x.Shape[0]], 4), 4),
            17 => x.Rank == 0 ? x : x.CumulativeSum(_random.Next(x.Rank), _random.Next(2) == 0) * 0.25,
            18 => x.BroadcastTo(Shape.Create([_random.Next(1, 4), .. x.Shape])),
            _ => Converted(x),
        };
        // All floats of a graph are of one type; what a conversion gave is converted back.
        next = next.Convert(_nodes[0].Type);
        if (next.Rank > 5 || next.Shape.Elements > 4 * Math.Pow(_largestAxis, 3) || _nodes.Contains(next))
            return;
        if (Array.TrueForAll(Experiment.Meaning.Evaluate(next), v => Math.Abs(v) <= Largest))
            _nodes.Add(next);
    }

    private Tensor Arithmetic(Tensor x, Tensor y) => _random.Next(7) switch
    {
        0 => x + y,
        1 => x - y,
        2 => x * y,
        3 => x / (1.5 + Abs(y)),
        4 => Maximum(x, y),
        5 => Minimum(x, y),
        _ => Pow(1.25 + Abs(x), Tanh(y)),
    };

    // Something that broadcasts with x: of its shape, with axes of one, of fewer axes, a scalar, or another node if one happens to fit.
    private Tensor Fitting(Tensor x)
    {
        var candidates = _nodes.Where(n => n.Rank <= x.Rank && Enumerable.Range(1, n.Rank).All(a => n.Shape[-a] == x.Shape[-a] || n.Shape[-a] == 1)).ToList();
        if (candidates.Count > 1 && _random.Next(2) == 0)
            return Any(candidates);
        var shape = Shape.Create([.. x.Shape.Skip(_random.Next(x.Rank + 1)).Select(size => _random.Next(3) == 0 ? 1 : size)]);
        return _random.Next(4) == 0 ? Tensor.Full(shape, 0.75, x.Type) : Experiment.Input(shape, x.Type);
    }

    private Tensor Mask(Tensor x)
    {
        var (a, b) = (Experiment.Input(x.Shape, x.Type), Any(_exact));
        if (Enumerable.Range(1, Math.Min(a.Rank, b.Rank)).Any(axis => a.Shape[-axis] != b.Shape[-axis]) || b.Rank > a.Rank)
            b = Tensor.Full(a.Shape, 0.25, a.Type);
        var mask = _random.Next(3) switch { 0 => a < b, 1 => (a <= b) & !(a.EqualTo(b)), _ => (a > b) | (b < 0.0) };
        _masks.Add(mask);
        return mask;
    }

    private Tensor Reduced(Tensor x) => _random.Next(4) switch
    {
        0 => x.Mean(Axes(x)),
        1 => x.SumKeeping(Axes(x)) * 0.125,
        2 => x.Max(Axes(x)),
        _ => LogSumExp(x, Axes(x)),
    };

    private Tensor Product(Tensor x)
    {
        if (x.Rank < 2)
            return x;
        var (left, right) = (_random.Next(2) == 0, _random.Next(2) == 0);
        var (inner, columns) = (left ? x.Shape[-2] : x.Shape[-1], _random.Next(1, _largestAxis + 1));
        int[] matrix = right ? [columns, inner] : [inner, columns];
        int[] batch = _random.Next(2) == 0 ? [] : [.. x.Shape.SkipLast(2)];
        return x.MatMul(Experiment.Input(Shape.Create([.. batch, .. matrix]), x.Type, -0.5, 0.5), left, right);
    }

    private Tensor Sliced(Tensor x)
    {
        var size = x.Shape.Select(s => _random.Next(1, s + 1)).ToArray();
        return x.Slice([.. size.Zip(x.Shape).Select(s => _random.Next(s.Second - s.First + 1))], Shape.Create(size));
    }

    private Tensor Converted(Tensor x) => _random.Next(3) switch
    {
        0 => Mask(x).Convert(DType.Int32),
        1 => x.Convert(x.Type == DType.Float32 ? DType.Float64 : DType.Float32) * 0.5,
        _ => Any(_exact).Convert(DType.Int32) * Tensor.Scalar(3, DType.Int32),
    };

    private int[] Axes(Tensor x)
    {
        var axes = Enumerable.Range(0, x.Rank).Where(_ => _random.Next(2) == 0).ToArray();
        return axes.Length > 0 || x.Rank == 0 ? axes : [_random.Next(x.Rank)];
    }

    private int[] Permutation(int rank)
    {
        var axes = Enumerable.Range(0, rank).ToArray();
        _random.Shuffle(axes);
        return axes;
    }

    // The same number of elements under other axes: some joined, some ones put in between.
    private Shape Refactored(Shape shape)
    {
        var sizes = new List<int>();
        foreach (var size in shape)
        {
            if (sizes.Count > 0 && _random.Next(3) == 0)
                sizes[^1] *= size;
            else
                sizes.Add(size);
            if (sizes.Count < 4 && _random.Next(4) == 0)
                sizes.Add(1);
        }
        return Shape.Create([.. sizes]);
    }

    private Shape RandomShape(int rank = -1) => Shape.Create([.. Enumerable.Range(0, rank < 0 ? _random.Next(5) : rank).Select(_ => _random.Next(1, _largestAxis + 1))]);

    private T Any<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];
}
