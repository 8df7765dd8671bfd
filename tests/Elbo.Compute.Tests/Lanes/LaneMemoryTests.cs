using System.Reflection.Emit;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Tests.Lanes;

public sealed class LaneMemoryTests
{
    private delegate double Reduction(double[] values);

    [Fact]
    public void Partial_stores_leave_what_follows_alone()
    {
        foreach (var width in LaneKernel.Widths)
        {
            foreach (var (laneBytes, storage) in Combinations())
            {
                for (var count = 1; count <= 17; count++)
                {
                    var (source, target) = (Ramp(storage, count + 40), Ramp(storage, count + 40));
                    new LaneKernel(width, laneBytes, [storage], [storage], (p, v) => [Change(p, v[0])]).Run(count, [source], [target]);
                    for (var i = 0; i < target.Length; i++)
                    {
                        var original = Convert.ToDouble(source.GetValue(i));
                        var expected = i >= count ? original : storage == StorageType.Bool ? 1 - original : -original;
                        Assert.Equal(expected, Convert.ToDouble(target.GetValue(i)));
                    }
                }
            }
        }
    }

    // The elements end where a page without access begins, so a load or store beyond them would crash.
    [Fact]
    public unsafe void Partial_loads_and_stores_stop_at_the_end_of_memory()
    {
        using var memory = new GuardedMemory();
        foreach (var width in LaneKernel.Widths.Where(w => w != VectorWidth.Scalar))
        {
            foreach (var (laneBytes, storage) in Combinations())
            {
                var lanes = (int)width / laneBytes;
                for (var count = 1; count < lanes; count++)
                {
                    var p = memory.End - (count * storage.Bytes());
                    Copy(width, laneBytes, storage)(p, p, count);
                }
            }
        }
    }

    [Fact]
    public void Broadcasts_fill_all_lanes()
    {
        foreach (var width in LaneKernel.Widths)
        {
            foreach (var (laneBytes, storage) in Combinations())
            {
                var lanes = Math.Max(1, (int)width / laneBytes);
                var (source, target) = (Ramp(storage, 3), Ramp(storage, lanes));
                Broadcast(width, laneBytes, storage, source, target);
                Assert.All(target.Cast<object>(), v => Assert.Equal(Convert.ToDouble(source.GetValue(0)), Convert.ToDouble(v)));
            }
        }
    }

    [Fact]
    public void Reductions_see_the_kept_lanes_only()
    {
        double[] values = [3, -7, 2.5, 11, 0.25, -1, 4, 8];
        foreach (var width in LaneKernel.Widths.Where(w => w != VectorWidth.Scalar))
        {
            for (var count = 1; count < (int)width / 8; count++)
            {
                var kept = values.Take(count).ToArray();
                Assert.Equal(kept.Sum(), Reduce(width, count, 0, (e, v) => e.EmitReduceSum(v))(values));
                Assert.Equal(kept.Max(), Reduce(width, count, double.NegativeInfinity, (e, v) => e.EmitReduceMax(v))(values));
                Assert.Equal(kept.Min(), Reduce(width, count, double.PositiveInfinity, (e, v) => e.EmitReduceMin(v))(values));
                Assert.True(double.IsNaN(Reduce(width, count, double.NaN, (e, v) => e.EmitReduceMax(v))(values)));
            }
        }
    }

    private static IEnumerable<(int LaneBytes, StorageType Storage)> Combinations() =>
        from laneBytes in (int[])[4, 8]
        from storage in Enum.GetValues<StorageType>()
        where storage.Bytes() <= laneBytes
        select (laneBytes, storage);

    private static Array Ramp(StorageType storage, int length) => storage switch
    {
        StorageType.Float32 => Enumerable.Range(1, length).Select(i => i + 0.5f).ToArray(),
        StorageType.Float64 => Enumerable.Range(1, length).Select(i => i + 0.1).ToArray(),
        StorageType.Int32 => Enumerable.Range(1, length).Select(i => i % 2 == 0 ? i : -i).ToArray(),
        _ => Enumerable.Range(1, length).Select(i => i % 3 == 0 ? 0 : 1).ToArray(),
    };

    private static Lane Change(LaneProgram p, Lane x) => x.Type == LaneType.Mask ? p.Not(x) : p.Neg(x);

    private static unsafe Action<nint, nint, int> Copy(VectorWidth width, int laneBytes, StorageType storage)
    {
        var method = new DynamicMethod(
            "copy", typeof(void), [typeof(nint), typeof(nint), typeof(int)], typeof(LaneProgram).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var emitter = new LaneEmitter(il, width, laneBytes);
        void Count() => il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldarg_0);
        emitter.EmitLoadPartial(storage, Count);
        var value = emitter.Rent(storage.LaneType());
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldarg_1);
        emitter.EmitStorePartial(storage, value, Count);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<nint, nint, int>>();
    }

    private static unsafe void Broadcast(VectorWidth width, int laneBytes, StorageType storage, Array source, Array target)
    {
        var method = new DynamicMethod(
            "broadcast", typeof(void), [typeof(nint), typeof(nint)], typeof(LaneProgram).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var emitter = new LaneEmitter(il, width, laneBytes);
        il.Emit(OpCodes.Ldarg_0);
        emitter.EmitLoadBroadcast(storage);
        var value = emitter.Rent(storage.LaneType());
        il.Emit(OpCodes.Stloc, value);
        il.Emit(OpCodes.Ldarg_1);
        emitter.EmitStore(storage, value);
        il.Emit(OpCodes.Ret);
        fixed (byte* s = &System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(source))
        {
            fixed (byte* t = &System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(target))
            {
                method.CreateDelegate<Action<nint, nint>>()((nint)s, (nint)t);
            }
        }
    }

    private static unsafe Reduction Reduce(VectorWidth width, int count, double identity, Action<LaneEmitter, LocalBuilder> reduce)
    {
        var method = new DynamicMethod("reduce", typeof(double), [typeof(nint)], typeof(LaneProgram).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var emitter = new LaneEmitter(il, width, 8);
        var value = emitter.Rent(LaneType.Float);
        il.Emit(OpCodes.Ldarg_0);
        emitter.EmitLoad(StorageType.Float64);
        il.Emit(OpCodes.Stloc, value);
        emitter.EmitKeepFirst(value, () => il.Emit(OpCodes.Ldc_I4, count), identity);
        reduce(emitter, value);
        il.Emit(OpCodes.Ret);
        var entry = method.CreateDelegate<Func<nint, double>>();
        return values =>
        {
            fixed (double* p = values)
            {
                return entry((nint)p);
            }
        };
    }
}
