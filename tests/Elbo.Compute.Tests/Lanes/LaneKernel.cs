using System.Reflection.Emit;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Tests.Lanes;

/// <summary>A lane program in a loop over arrays, compiled at a chosen width: what the tests run.</summary>
internal sealed unsafe class LaneKernel
{
    private readonly Entry _entry;
    private readonly StorageType[] _inputs;
    private readonly StorageType[] _outputs;

    public LaneKernel(
        VectorWidth width, int laneBytes, StorageType[] inputs, StorageType[] outputs, Func<LaneProgram, Lane[], Lane[]> body)
    {
        (_inputs, _outputs) = (inputs, outputs);
        var program = new LaneProgram(laneBytes);
        Lane[] leaves = [.. inputs.Select((storage, i) => program.Leaf(storage.LaneType(), i))];
        var method = new DynamicMethod(
            "kernel", typeof(void), [typeof(nint*), typeof(nint*), typeof(int)], typeof(LaneProgram).Module, skipVisibility: true);
        new Writer(method.GetILGenerator(), width, laneBytes, inputs, outputs).Write(body(program, leaves));
        _entry = method.CreateDelegate<Entry>();
    }

    private delegate void Entry(nint* inputs, nint* outputs, int count);

    /// <summary>Every width that this machine runs at full speed.</summary>
    public static IEnumerable<VectorWidth> Widths
    {
        get
        {
            yield return VectorWidth.Scalar;
            if (Vector128.IsHardwareAccelerated)
            {
                yield return VectorWidth.Bits128;
            }

            if (Vector256.IsHardwareAccelerated)
            {
                yield return VectorWidth.Bits256;
            }

            if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
            {
                yield return VectorWidth.Bits512;
            }
        }
    }

    /// <summary>One float input and one float output of type <typeparamref name="T"/>.</summary>
    public static T[] Map<T>(VectorWidth width, Func<LaneProgram, Lane, Lane> function, T[] x)
        where T : unmanaged => Map<T>(width, (p, v) => function(p, v[0]), [x]);

    /// <summary>Several inputs and one output, all of type <typeparamref name="T"/>.</summary>
    public static T[] Map<T>(VectorWidth width, Func<LaneProgram, Lane[], Lane> function, T[][] inputs)
        where T : unmanaged
    {
        var storage = StorageOf<T>();
        var kernel = new LaneKernel(
            width, sizeof(T), [.. inputs.Select(_ => storage)], [storage], (p, v) => [function(p, v)]);
        var result = new T[inputs[0].Length];
        kernel.Run(result.Length, inputs, [result]);
        return result;
    }

    public static StorageType StorageOf<T>() =>
        typeof(T) == typeof(float) ? StorageType.Float32 : typeof(T) == typeof(double) ? StorageType.Float64 : StorageType.Int32;

    public void Run(int count, Array[] inputs, Array[] outputs)
    {
        Assert.Equal(_inputs.Length, inputs.Length);
        Assert.Equal(_outputs.Length, outputs.Length);
        GCHandle[] pins = [.. inputs.Concat(outputs).Select(a => GCHandle.Alloc(a, GCHandleType.Pinned))];
        nint[] addresses = [.. pins.Select(p => p.AddrOfPinnedObject())];
        fixed (nint* p = addresses)
        {
            _entry(p, p + inputs.Length, count);
        }

        foreach (var pin in pins)
        {
            pin.Free();
        }
    }

    private sealed class Writer(ILGenerator il, VectorWidth width, int laneBytes, StorageType[] inputs, StorageType[] outputs)
    {
        private readonly LaneEmitter _emitter = new(il, width, laneBytes);
        private readonly LocalBuilder _index = il.DeclareLocal(typeof(int));

        public void Write(Lane[] roots)
        {
            var (start, end, done) = (il.DefineLabel(), il.DefineLabel(), il.DefineLabel());
            il.MarkLabel(start);
            EmitLeft();
            il.Emit(OpCodes.Ldc_I4, _emitter.LaneCount);
            il.Emit(OpCodes.Blt, end);
            Body(roots, whole: true);
            il.Emit(OpCodes.Ldloc, _index);
            il.Emit(OpCodes.Ldc_I4, _emitter.LaneCount);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Stloc, _index);
            il.Emit(OpCodes.Br, start);
            il.MarkLabel(end);
            if (_emitter.LaneCount > 1)
            {
                EmitLeft();
                il.Emit(OpCodes.Brfalse, done);
                Body(roots, whole: false);
            }

            il.MarkLabel(done);
            il.Emit(OpCodes.Ret);
        }

        private void Body(Lane[] roots, bool whole)
        {
            var locals = _emitter.EmitBody(roots, leaf =>
            {
                var i = (int)leaf.Tag!;
                EmitPointer(0, i, inputs[i]);
                if (whole)
                {
                    _emitter.EmitLoad(inputs[i]);
                }
                else
                {
                    _emitter.EmitLoadPartial(inputs[i], EmitLeft);
                }
            });
            for (var i = 0; i < locals.Length; i++)
            {
                EmitPointer(1, i, outputs[i]);
                if (whole)
                {
                    _emitter.EmitStore(outputs[i], locals[i]);
                }
                else
                {
                    _emitter.EmitStorePartial(outputs[i], locals[i], EmitLeft);
                }
            }

            foreach (var local in locals.Distinct())
            {
                _emitter.Release(local);
            }
        }

        private void EmitLeft()
        {
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldloc, _index);
            il.Emit(OpCodes.Sub);
        }

        private void EmitPointer(int argument, int i, StorageType storage)
        {
            il.Emit(OpCodes.Ldarg, argument);
            il.Emit(OpCodes.Ldc_I4, i * sizeof(nint));
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Ldind_I);
            il.Emit(OpCodes.Ldloc, _index);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Ldc_I4, storage.Bytes());
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Add);
        }
    }
}
