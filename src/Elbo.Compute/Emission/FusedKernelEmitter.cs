using System.Reflection.Emit;
using Elbo.Compute.Lanes;
using Elbo.Compute.Phases;

namespace Elbo.Compute.Emission;

/// <summary>
/// Writes one loop nest as machine code: for each loop a pointer per stream that it moves, what does not change inside a loop
/// loaded before it, whole vectors inside and a partial one at the end, and accumulators in registers for reductions.
/// </summary>
internal sealed partial class FusedKernelEmitter
{
    /// <summary>Units of an outermost vector loop, in elements: a multiple of every vector, so that threads part between vectors.</summary>
    public const int VectorUnit = 64;

    private readonly FusedPlan _plan;
    private readonly LoopNest _nest;
    private readonly ILGenerator _il;
    private readonly LaneEmitter _lanes;
    private readonly LaneProgram _program;
    private readonly Lane[] _roots;
    private readonly Dictionary<ElementStream, LocalBuilder> _pointers = [];
    private readonly Dictionary<ElementStream, LocalBuilder[]> _hoisted = [];
    private readonly LocalBuilder[] _counters;
    private readonly LocalBuilder _vectorElement;
    private readonly int _split;

    // How the vector loop is being emitted: copies of the body side by side, and whether the last lanes are beyond the end.
    private readonly Accumulator[] _accumulators;
    private int _copies = 1;
    private (Action First, Action End)? _rowBounds;
    private bool _partial;

    private FusedKernelEmitter(FusedPlan plan, LoopNest nest, VectorWidth width, int split, ILGenerator il)
    {
        (_plan, _nest, _il, _split) = (plan, nest, il, split);
        _lanes = new LaneEmitter(il, width, plan.LaneBytes);
        _program = new LaneProgram(plan.LaneBytes);
        _roots = LaneTranslation.Translate(_program, plan, nest);
        _counters = new LocalBuilder[nest.Extents.Length];
        for (var loop = 0; loop < _counters.Length; loop++)
            _counters[loop] = il.DeclareLocal(typeof(long));
        _vectorElement = il.DeclareLocal(typeof(long));
        _accumulators = [.. plan.Reductions.Select(r => Accumulator.Of(((Operation.Reduce)r.Operation).Function, nest.ReducesLanes, _lanes, il))];
    }

    private int LaneCount => _lanes.LaneCount;

    // Where reductions leave what they have, on the way and in the end.
    private static IEnumerable<ElementStream> Results(LoopNest nest) => nest.Reductions.Concat(nest.Carried.OfType<ElementStream>());

    private int VectorExtent => _nest.Extents[_nest.VectorLoop];

    /// <summary>
    /// The code of a loop nest, which depends on nothing but its <see cref="LoopStructure"/>. With <paramref name="split"/> above 0, units
    /// are that many equal parts of the outermost reduced loop, each with results of its own.
    /// </summary>
    internal static DynamicMethod Write(FusedPlan plan, LoopNest nest, VectorWidth width, int split)
    {
        var method = LoopCode.Begin("fused");
        new FusedKernelEmitter(plan, nest, width, split, method.GetILGenerator()).EmitMethod();
        return method;
    }

    /// <summary>The slots of the operands, in the order in which the code counts them.</summary>
    internal static nint[] Slots(LoopNest nest, Func<Tensor, int> slotOf)
    {
        var operands = Operands(nest);
        var slots = new nint[operands.Length];
        for (var k = 0; k < slots.Length; k++)
            slots[k] = slotOf(operands[k].Owner);
        return slots;
    }

    private static ElementStream[] Operands(LoopNest nest) => [.. nest.Reads, .. nest.Stores, .. Results(nest)];

    private void EmitMethod()
    {
        var operands = Operands(_nest);
        for (var k = 0; k < operands.Length; k++)
        {
            var stream = operands[k];
            var pointer = _pointers[stream] = _il.DeclareLocal(typeof(nint));
            LoopCode.PushOperand(_il, k);
            _il.Emit(OpCodes.Ldc_I8, (long)stream.Offset * stream.Storage.Bytes());
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, pointer);
        }
        Hoist(-1);
        if (_split > 0)
            EmitSplit();
        else
            EmitAll();
        _il.Emit(OpCodes.Ret);
    }

    private void EmitLevel(int level)
    {
        if (level == _nest.Kept && _nest.IsReduction)
            EmitReduction(level);
        else if (level == _nest.Extents.Length)
            EmitBody();
        else if (level == _nest.VectorLoop && _nest.BandRows > 0)
            EmitBands(level);
        else if (level == _nest.VectorLoop)
            EmitVectorLoop(level, () => EmitLevel(level + 1));
        else
            EmitLoop(level, Bounds(level), () => EmitLevel(level + 1));
    }

    /// <summary>How many units a loop is walked in: its steps, or blocks of <see cref="VectorUnit"/> elements of the vector loop.</summary>
    public static int UnitsOf(LoopNest nest, int loop) =>
        nest.Extents.Length == 0 ? 1
        : loop == nest.VectorLoop ? (nest.Extents[loop] + VectorUnit - 1) / VectorUnit
        : nest.Extents[loop];

    private (Action First, Action End) Bounds(int level)
    {
        if (_rowBounds is not null && level == _nest.Kept)
            return (() => _il.Emit(OpCodes.Ldloc, BandFirst), () => _il.Emit(OpCodes.Ldloc, BandEnd));
        if (_split > 0 && level == _nest.Kept)
            return (() => _il.Emit(OpCodes.Ldloc, SplitFirst), () => _il.Emit(OpCodes.Ldloc, SplitEnd));
        if (_split == 0 && level == 0)
            return (() => _il.Emit(OpCodes.Ldarg_2), () => _il.Emit(OpCodes.Ldarg_3));
        return (() => _il.Emit(OpCodes.Ldc_I8, 0L), () => _il.Emit(OpCodes.Ldc_I8, (long)UnitsOf(_nest, level)));
    }

    private void EmitLoop(int level, (Action First, Action End) bounds, Action inner) =>
        For(_counters[level], bounds.First, bounds.End, () => Inside(level, _counters[level], inner));

    // Moves the streams of a loop to the current element, loads what changes here and not further in, and goes on inside.
    private void Inside(int level, LocalBuilder element, Action inner)
    {
        var before = new Dictionary<ElementStream, LocalBuilder>(_pointers);
        foreach (var (stream, pointer) in before)
        {
            if (stream.Strides[level] == 0)
                continue;
            var moved = _il.DeclareLocal(typeof(nint));
            _il.Emit(OpCodes.Ldloc, pointer);
            _il.Emit(OpCodes.Ldloc, element);
            _il.Emit(OpCodes.Ldc_I8, (long)stream.Strides[level] * stream.Storage.Bytes());
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Stloc, moved);
            _pointers[stream] = moved;
        }
        var hoisted = Hoist(level);
        inner();
        foreach (var stream in hoisted)
        {
            foreach (var local in _hoisted[stream])
                _lanes.Release(local);
            _hoisted.Remove(stream);
        }
        foreach (var (stream, pointer) in before)
            _pointers[stream] = pointer;
    }

    private List<ElementStream> Hoist(int level)
    {
        var streams = new List<ElementStream>();
        foreach (var stream in _nest.Reads)
        {
            if (stream.Depth != level)
                continue;
            var copies = new LocalBuilder[MovesWithLanes(stream) ? _copies : 1];
            for (var copy = 0; copy < copies.Length; copy++)
            {
                copies[copy] = _lanes.Rent(stream.Storage.LaneType());
                EmitLoad(stream, copy);
                _il.Emit(OpCodes.Stloc, copies[copy]);
            }
            _hoisted[stream] = copies;
            streams.Add(stream);
        }
        return streams;
    }

    private bool MovesWithLanes(ElementStream stream) => stream.Strides.Length > 0 && stream.Strides[_nest.VectorLoop] != 0;

    private void EmitLoad(ElementStream stream, int copy)
    {
        PushAddress(stream, copy);
        if (!MovesWithLanes(stream))
            _lanes.EmitLoadBroadcast(stream.Storage);
        else if (_partial)
            _lanes.EmitLoadPartial(stream.Storage, PushTailCount);
        else
            _lanes.EmitLoad(stream.Storage);
    }

    private void PushAddress(ElementStream stream, int copy)
    {
        _il.Emit(OpCodes.Ldloc, _pointers[stream]);
        if (copy == 0)
            return;
        _il.Emit(OpCodes.Ldc_I8, (long)copy * LaneCount * stream.Storage.Bytes());
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    private void PushTailCount() => _il.Emit(OpCodes.Ldc_I4, VectorExtent % LaneCount);

    // Short bodies run several vectors side by side: their latencies overlap, and sums have independent chains.
    private int Unroll()
    {
        var size = _plan.Nodes.Count + _nest.Reads.Length;
        var heavy = _plan.Nodes.Any(n => n.Operation is Operation.Map1 { Function: > Unary.Sqrt and < Unary.Not } or Operation.Polygamma or Operation.Map2 { Function: Binary.Power });
        // Scaled sums of lanes have shifts of their own, and beyond two of them registers run out.
        var wanted = heavy ? 1 : size <= 12 ? 4 : size <= 24 ? 2 : 1;
        if (!_nest.ReducesLanes && Array.Exists(_accumulators, a => a.NeedsFinish))
            wanted = Math.Min(wanted, 2);
        while (wanted > 1 && wanted * LaneCount > Math.Min(VectorExtent, VectorUnit))
            wanted /= 2;
        return wanted;
    }

    // Whole vectors may run over the end into the padding that all memory has, if nothing is accumulated and one dense run is walked.
    private bool MayOverrun => _nest.Extents.Length == 1 && !_nest.IsReduction && Array.TrueForAll(_nest.Reads, r => r.Offset == 0);

    private void EmitVectorLoop(int level, Action inner)
    {
        var (first, end) = Bounds(level);
        var (counter, limit) = (_counters[level], _il.DeclareLocal(typeof(long)));
        ScaleToElements(first, counter);
        ScaleToElements(end, limit);

        var copies = _nest.ReducesLanes ? _accumulators[0].States.Count : Unroll();
        var tail = MayOverrun ? 0 : VectorExtent % LaneCount;
        if (copies > 1)
            Vectors(level, counter, limit, copies, inner);
        if (copies == 1 || VectorExtent % (copies * LaneCount) >= (MayOverrun ? 1 : LaneCount))
            Vectors(level, counter, limit, 1, inner);
        if (tail == 0)
            return;
        var done = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, counter);
        _il.Emit(OpCodes.Ldloc, limit);
        _il.Emit(OpCodes.Bge, done);
        _partial = true;
        Vector(level, counter, 1, inner);
        _partial = false;
        _il.MarkLabel(done);
    }

    // for (; counter + copies·lanes ≤ limit; counter += copies·lanes); overrunning, the last step only has to begin below the limit.
    private void Vectors(int level, LocalBuilder counter, LocalBuilder limit, int copies, Action inner)
    {
        var (body, check) = (_il.DefineLabel(), _il.DefineLabel());
        var step = (long)copies * LaneCount;
        var reach = MayOverrun && copies == 1 ? 1 : step;
        _il.Emit(OpCodes.Br, check);
        _il.MarkLabel(body);
        Vector(level, counter, copies, inner);
        Advance(counter, step);
        _il.MarkLabel(check);
        _il.Emit(OpCodes.Ldloc, counter);
        _il.Emit(OpCodes.Ldc_I8, reach);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldloc, limit);
        _il.Emit(OpCodes.Ble, body);
    }

    private void Vector(int level, LocalBuilder counter, int copies, Action inner)
    {
        var outside = _copies;
        _copies = copies;
        Inside(level, counter, inner);
        _copies = outside;
    }

    // A unit of the vector loop is a block of elements; the last block may be short.
    private void ScaleToElements(Action units, LocalBuilder elements)
    {
        units();
        _il.Emit(OpCodes.Ldc_I8, (long)VectorUnit);
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Ldc_I8, (long)VectorExtent);
        _il.Emit(OpCodes.Call, typeof(Math).GetMethod(nameof(Math.Min), [typeof(long), typeof(long)])!);
        _il.Emit(OpCodes.Stloc, elements);
    }

    private void EmitBody()
    {
        var values = new LocalBuilder[_copies][];
        for (var copy = 0; copy < _copies; copy++)
        {
            var at = copy;
            values[copy] = _lanes.EmitBody(_roots, leaf => PushLeaf((ElementStream)leaf.Tag!, at));
            for (var s = 0; s < _nest.Stores.Length; s++)
                StoreVector(_nest.Stores[s], values[copy][s], copy);
        }
        for (var r = 0; r < _accumulators.Length; r++)
            Accumulate(r, [.. values.Select(v => v[_nest.Stores.Length + r])]);
        foreach (var value in values.SelectMany(v => v).Distinct())
            _lanes.Release(value);
    }

    private void PushLeaf(ElementStream stream, int copy) =>
        _il.Emit(OpCodes.Ldloc, _hoisted[stream][MovesWithLanes(stream) ? copy : 0]);

    private void StoreVector(ElementStream stream, LocalBuilder value, int copy)
    {
        PushAddress(stream, copy);
        if (_partial)
            _lanes.EmitStorePartial(stream.Storage, value, PushTailCount);
        else
            _lanes.EmitStore(stream.Storage, value);
    }

    private void For(LocalBuilder counter, Action first, Action end, Action inner)
    {
        var (body, check) = (_il.DefineLabel(), _il.DefineLabel());
        first();
        _il.Emit(OpCodes.Stloc, counter);
        _il.Emit(OpCodes.Br, check);
        _il.MarkLabel(body);
        inner();
        Advance(counter, 1);
        _il.MarkLabel(check);
        _il.Emit(OpCodes.Ldloc, counter);
        end();
        _il.Emit(OpCodes.Blt, body);
    }

    private void Advance(LocalBuilder counter, long by)
    {
        _il.Emit(OpCodes.Ldloc, counter);
        _il.Emit(OpCodes.Ldc_I8, by);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, counter);
    }

    private void Emit(params OpCode[] codes)
    {
        foreach (var code in codes)
            _il.Emit(code);
    }
}
