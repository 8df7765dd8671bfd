using System.Reflection.Emit;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Emission;

/// <summary>Reductions: registers around the reduced loops, bands of rows, and parts that are walked independently.</summary>
internal sealed partial class FusedKernelEmitter
{
    // Inside the reduced loops the levels go on as before; this only surrounds the first of them.
    private void EmitReduction(int level)
    {
        // A vector loop among the reduced ones may run with more copies than one; their accumulators are all started here.
        var copies = _nest.ReducesLanes ? Unroll() : _copies;
        foreach (var accumulator in _accumulators)
            accumulator.Rent(copies);
        if (_rowBounds is { } rows)
            Either(() => _il.Emit(OpCodes.Ldloc, BandFirst), rows.First, () => Start(copies), () => Carry(isStore: false));
        else
            Start(copies);
        EmitReduced(level);
        if (_rowBounds is { } all && Array.Exists(_accumulators, a => a.NeedsFinish))
            Either(() => _il.Emit(OpCodes.Ldloc, BandEnd), all.End, Finish, () => Carry(isStore: true));
        else
            Finish();
        foreach (var accumulator in _accumulators)
            accumulator.Release();
    }

    private void Start(int copies)
    {
        foreach (var accumulator in _accumulators)
        {
            for (var copy = 0; copy < copies; copy++)
                accumulator.EmitStart(copy);
        }
    }

    private void Finish()
    {
        for (var r = 0; r < _accumulators.Length; r++)
        {
            if (_nest.ReducesLanes)
                StoreAcross(r);
            else
                StoreEach(r);
        }
    }

    // Registers to memory after a band, or back before the next.
    private void Carry(bool isStore)
    {
        for (var r = 0; r < _accumulators.Length; r++)
        {
            for (var copy = 0; copy < _copies; copy++)
            {
                for (var k = 0; k < _accumulators[r].States[copy].Length; k++)
                {
                    var (stream, register) = (PlaceOf(r, k), _accumulators[r].States[copy][k]);
                    if (isStore)
                    {
                        StoreVector(stream, register, copy);
                        continue;
                    }
                    EmitLoad(stream, copy);
                    _il.Emit(OpCodes.Stloc, register);
                }
            }
        }
    }

    // if (a == b) then; else otherwise
    private void Either(Action a, Action b, Action then, Action otherwise)
    {
        var (other, end) = (_il.DefineLabel(), _il.DefineLabel());
        a();
        b();
        _il.Emit(OpCodes.Bne_Un, other);
        then();
        _il.Emit(OpCodes.Br, end);
        _il.MarkLabel(other);
        otherwise();
        _il.MarkLabel(end);
    }

    private void EmitReduced(int level)
    {
        if (level == _nest.Extents.Length)
            EmitBody();
        else if (level == _nest.VectorLoop)
            EmitVectorLoop(level, () => EmitReduced(level + 1));
        else
            EmitLoop(level, Bounds(level), () => EmitReduced(level + 1));
    }

    private void Accumulate(int reduction, LocalBuilder[] values)
    {
        if (_partial && _nest.ReducesLanes)
            _lanes.EmitKeepFirst(values[0], PushTailCount, _accumulators[reduction].Identity);
        _accumulators[reduction].EmitAdd(values);
    }

    private void StoreAcross(int reduction)
    {
        var state = _accumulators[reduction].EmitAcross();
        for (var k = 0; k < state.Length; k++)
        {
            var stream = PlaceOf(reduction, k);
            _il.Emit(OpCodes.Ldloc, _pointers[stream]);
            _lanes.EmitStoreFirst(stream.Storage, state[k]);
            _lanes.Release(state[k]);
        }
    }

    // Where a number of a reduction's state goes that is not the result yet: the first to where the result will be.
    private ElementStream PlaceOf(int reduction, int number) => number == 0 ? _nest.Reductions[reduction] : _nest.Carried[reduction]!;

    private void EmitAll()
    {
        EmitLevel(0);
        if (!_nest.ReducesLanes)
            return;
        for (var r = 0; r < _accumulators.Length; r++)
        {
            if (_accumulators[r].NeedsFinish)
                EmitFinish(r);
        }
    }

    // The loops leave states behind; results are made of them by whole vectors afterwards.
    private void EmitFinish(int reduction)
    {
        var (index, end) = (_il.DeclareLocal(typeof(long)), _il.DeclareLocal(typeof(long)));
        var results = (long)_plan.Reductions[reduction].Shape.Elements;
        // All of them, or those of this call's units.
        foreach (var (bound, argument, whole) in new[] { (index, OpCodes.Ldarg_2, 0L), (end, OpCodes.Ldarg_3, results) })
        {
            if (_split == 0 && _nest.Kept > 0)
            {
                _il.Emit(argument);
                _il.Emit(OpCodes.Ldc_I8, results / _nest.Extents[0]);
                _il.Emit(OpCodes.Mul);
            }
            else
            {
                _il.Emit(OpCodes.Ldc_I8, whole);
            }
            _il.Emit(OpCodes.Stloc, bound);
        }
        var (check, body, done) = (_il.DefineLabel(), _il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Br, check);
        _il.MarkLabel(body);
        FinishVector(reduction, index, null);
        Advance(index, LaneCount);
        _il.MarkLabel(check);
        _il.Emit(OpCodes.Ldloc, index);
        _il.Emit(OpCodes.Ldc_I8, (long)LaneCount);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldloc, end);
        _il.Emit(OpCodes.Ble, body);
        if (LaneCount == 1 || (_split > 0 || _nest.Kept == 0) && results % LaneCount == 0)
            return;
        _il.Emit(OpCodes.Ldloc, index);
        _il.Emit(OpCodes.Ldloc, end);
        _il.Emit(OpCodes.Bge, done);
        FinishVector(reduction, index, () =>
        {
            _il.Emit(OpCodes.Ldloc, end);
            _il.Emit(OpCodes.Ldloc, index);
            Emit(OpCodes.Sub, OpCodes.Conv_I4);
        });
        _il.MarkLabel(done);
    }

    private void FinishVector(int reduction, LocalBuilder index, Action? pushCount)
    {
        var program = new LaneProgram(_plan.LaneBytes);
        var states = Enumerable.Range(0, _nest.Carried[reduction] is null ? 1 : 2).Select(k => program.Leaf(LaneType.Float, PlaceOf(reduction, k))).ToArray();
        var result = _lanes.EmitBody([_accumulators[reduction].Finish(program, states)], leaf =>
        {
            var stream = (ElementStream)leaf.Tag!;
            PushElement(stream, index);
            if (pushCount is null)
                _lanes.EmitLoad(stream.Storage);
            else
                _lanes.EmitLoadPartial(stream.Storage, pushCount);
        })[0];
        var place = _nest.Reductions[reduction];
        PushElement(place, index);
        if (pushCount is null)
            _lanes.EmitStore(place.Storage, result);
        else
            _lanes.EmitStorePartial(place.Storage, result, pushCount);
        _lanes.Release(result);
    }

    private void PushElement(ElementStream stream, LocalBuilder index)
    {
        _il.Emit(OpCodes.Ldloc, _pointers[stream]);
        _il.Emit(OpCodes.Ldloc, index);
        _il.Emit(OpCodes.Ldc_I8, (long)stream.Storage.Bytes());
        Emit(OpCodes.Mul, OpCodes.Conv_I, OpCodes.Add);
    }

    private void StoreEach(int reduction)
    {
        for (var copy = 0; copy < _copies; copy++)
        {
            var result = _accumulators[reduction].EmitResult(copy);
            StoreVector(_nest.Reductions[reduction], result, copy);
            _lanes.Release(result);
        }
    }

    // for (band = first row; band < end; band += rows) all columns, each with the rows of the band
    private void EmitBands(int level)
    {
        var (first, end) = Bounds(_nest.Kept);
        var (rows, check, body) = (_nest.Kept, _il.DefineLabel(), _il.DefineLabel());
        first();
        _il.Emit(OpCodes.Stloc, BandFirst);
        _il.Emit(OpCodes.Br, check);
        _il.MarkLabel(body);
        _il.Emit(OpCodes.Ldloc, BandFirst);
        _il.Emit(OpCodes.Ldc_I8, (long)_nest.BandRows);
        _il.Emit(OpCodes.Add);
        end();
        _il.Emit(OpCodes.Call, typeof(Math).GetMethod(nameof(Math.Min), [typeof(long), typeof(long)])!);
        _il.Emit(OpCodes.Stloc, BandEnd);
        _rowBounds = (first, end);
        EmitVectorLoop(level, () => EmitLevel(level + 1));
        _rowBounds = null;
        Advance(BandFirst, _nest.BandRows);
        _il.MarkLabel(check);
        _il.Emit(OpCodes.Ldloc, BandFirst);
        end();
        _il.Emit(OpCodes.Blt, body);
    }

    private LocalBuilder BandFirst => field ??= _il.DeclareLocal(typeof(long));

    private LocalBuilder BandEnd => field ??= _il.DeclareLocal(typeof(long));

    // Each part walks its share of the outermost reduced loop and leaves its results behind those of the part before.
    private void EmitSplit()
    {
        var part = _il.DeclareLocal(typeof(long));
        For(part, () => _il.Emit(OpCodes.Ldarg_2), () => _il.Emit(OpCodes.Ldarg_3), () =>
        {
            SetBound(SplitFirst, part, 0);
            SetBound(SplitEnd, part, 1);
            var before = new Dictionary<ElementStream, LocalBuilder>(_pointers);
            foreach (var stream in Results(_nest))
            {
                var pointer = _il.DeclareLocal(typeof(nint));
                _il.Emit(OpCodes.Ldloc, _pointers[stream]);
                _il.Emit(OpCodes.Ldloc, part);
                _il.Emit(OpCodes.Ldc_I8, (long)stream.Owner.Shape.Elements * stream.Storage.Bytes());
                Emit(OpCodes.Mul, OpCodes.Conv_I, OpCodes.Add);
                _il.Emit(OpCodes.Stloc, pointer);
                _pointers[stream] = pointer;
            }
            EmitAll();
            foreach (var (stream, pointer) in before)
                _pointers[stream] = pointer;
        });
    }

    private LocalBuilder SplitFirst => field ??= _il.DeclareLocal(typeof(long));

    private LocalBuilder SplitEnd => field ??= _il.DeclareLocal(typeof(long));

    private void SetBound(LocalBuilder bound, LocalBuilder part, int plus)
    {
        var units = UnitsOf(_nest, _nest.Kept);
        _il.Emit(OpCodes.Ldloc, part);
        if (plus > 0)
        {
            _il.Emit(OpCodes.Ldc_I8, (long)plus);
            _il.Emit(OpCodes.Add);
        }
        _il.Emit(OpCodes.Ldc_I8, (long)units);
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Ldc_I8, (long)_split);
        _il.Emit(OpCodes.Div);
        _il.Emit(OpCodes.Stloc, bound);
    }
}
