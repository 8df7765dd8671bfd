using Elbo.Compute.Phases;

namespace Elbo.Compute.Emission;

/// <summary>
/// All that the machine code of a kernel depends on, and nothing else: equal structures have equal code. Which tensors, and where
/// they lie, is no part of it.
/// </summary>
internal sealed class LoopStructure : IEquatable<LoopStructure>
{
    private const long ConstantInput = -1;

    private long[] _words = new long[64];
    private int _count;
    private readonly List<Operation> _operations = [];
    private int _hash;

    private LoopStructure()
    {
    }

    /// <summary>The structure of a loop nest as <see cref="FusedKernelEmitter"/> writes it.</summary>
    public static LoopStructure Of(FusedPlan plan, LoopNest nest, VectorWidth width, int split)
    {
        var structure = new LoopStructure();
        structure.Add((long)width);
        structure.Add(split);
        structure.Add(plan.LaneBytes);
        structure.Add(nest.Kept);
        structure.Add(nest.VectorLoop);
        structure.Add(nest.Extents.Length);
        foreach (var extent in nest.Extents)
            structure.Add(extent);
        var numbers = new Dictionary<Tensor, int>();
        foreach (var read in nest.Reads)
            numbers[read.Tensor] = numbers.Count;
        structure.AddStreams(nest.Reads);
        structure.AddStreams(nest.Stores);
        structure.AddStreams(nest.Reductions);
        structure.Add(plan.Nodes.Count);
        foreach (var node in plan.Nodes)
        {
            structure.AddNode(node, numbers);
            numbers[node] = numbers.Count;
        }
        foreach (var store in plan.Stores)
            structure.AddInput(store, numbers);
        foreach (var reduction in plan.Reductions)
            structure.AddNode(reduction, numbers);
        return structure.Finish();
    }

    /// <summary>The structure of an operation that some numbers describe together with it.</summary>
    public static LoopStructure Of(Operation operation, long[] numbers)
    {
        var structure = new LoopStructure();
        structure._operations.Add(operation);
        foreach (var number in numbers)
            structure.Add(number);
        return structure.Finish();
    }

    public bool Equals(LoopStructure? other)
    {
        if (other is null || other._hash != _hash || other._count != _count || other._operations.Count != _operations.Count)
            return false;
        for (var k = 0; k < _count; k++)
        {
            if (_words[k] != other._words[k])
                return false;
        }
        for (var k = 0; k < _operations.Count; k++)
        {
            if (!_operations[k].Equals(other._operations[k]))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as LoopStructure);

    public override int GetHashCode() => _hash;

    private void AddStreams(ElementStream[] streams)
    {
        Add(streams.Length);
        foreach (var stream in streams)
        {
            Add((long)stream.Storage);
            Add(stream.Offset);
            Add(stream.Owner.Shape.Elements);
            foreach (var stride in stream.Strides)
                Add(stride);
        }
    }

    private void AddNode(Tensor node, Dictionary<Tensor, int> numbers)
    {
        _operations.Add(node.Operation);
        Add((long)node.Type);
        Add(node.Inputs.Length);
        foreach (var input in node.Inputs)
            AddInput(input, numbers);
    }

    private void AddInput(Tensor input, Dictionary<Tensor, int> numbers)
    {
        if (numbers.TryGetValue(input, out var number))
        {
            Add(number);
            return;
        }
        Add(ConstantInput);
        Add((long)input.Type);
        Add(BitConverter.DoubleToInt64Bits(input.ConstantValue ?? double.NaN));
    }

    // An array that grows: a list of long integers is generic code that every process would have to compile.
    private void Add(long word)
    {
        if (_count == _words.Length)
        {
            var longer = new long[2 * _count];
            _words.CopyTo(longer, 0);
            _words = longer;
        }
        _words[_count++] = word;
    }

    private LoopStructure Finish()
    {
        var hash = 17;
        for (var k = 0; k < _count; k++)
            hash = (hash * 31) + _words[k].GetHashCode();
        foreach (var operation in _operations)
            hash = (hash * 31) + operation.GetHashCode();
        _hash = hash;
        return this;
    }
}
