using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Kernels;

/// <summary>The words micro-kernels are written in: a dynamic method on a <see cref="Tile"/> and the lanes it computes with.</summary>
internal sealed unsafe class KernelWriter
{
    private readonly DynamicMethod _method;
    private readonly LaneInstructions _elements;

    /// <summary>Begins a kernel.</summary>
    public KernelWriter(string name, bool isDouble, VectorWidth width)
    {
        // Closed over an unused first argument: a delegate to a static method without one goes through a thunk that shifts the arguments.
        _method = new DynamicMethod(name, typeof(void), [typeof(object), typeof(Tile*)], typeof(KernelWriter).Module, skipVisibility: true)
        {
            InitLocals = false,
        };
        var laneBytes = isDouble ? 8 : 4;
        Lanes = LaneInstructions.For(width, laneBytes);
        _elements = LaneInstructions.For(VectorWidth.Scalar, laneBytes);
        RegisterType = Lanes.LocalType(LaneType.Float);
        Il = _method.GetILGenerator();
    }

    /// <summary>What can be done with a register.</summary>
    public LaneInstructions Lanes { get; }

    /// <summary>A vector of floats, or one of them.</summary>
    public Type RegisterType { get; }

    /// <summary>The instructions so far.</summary>
    public ILGenerator Il { get; }

    /// <summary>Ends and compiles the kernel.</summary>
    public MicroKernel Finish()
    {
        Il.Emit(OpCodes.Ret);
        var kernel = _method.CreateDelegate<MicroKernel>(this);
        RuntimeHelpers.PrepareDelegate(kernel); // Compiles now, so that the first step takes as long as the others.
        return kernel;
    }

    /// <summary>A local that holds a register.</summary>
    public LocalBuilder Register() => Il.DeclareLocal(RegisterType);

    /// <summary>A local that holds an address or a count.</summary>
    public LocalBuilder Word() => Il.DeclareLocal(typeof(nint));

    /// <summary>A local with the value of an argument of the tile.</summary>
    public LocalBuilder Argument(string field)
    {
        var local = Word();
        PushArgument(field);
        Il.Emit(OpCodes.Stloc, local);
        return local;
    }

    /// <summary>A local with the register that <see cref="Tile.Mask"/> points to.</summary>
    public LocalBuilder Mask()
    {
        var mask = Register();
        PushArgument(nameof(Tile.Mask));
        LoadRegister();
        Il.Emit(OpCodes.Stloc, mask);
        return mask;
    }

    /// <summary>Pushes an argument of the tile.</summary>
    public void PushArgument(string field)
    {
        Il.Emit(OpCodes.Ldarg_1);
        Il.Emit(OpCodes.Ldfld, typeof(Tile).GetField(field)!);
    }

    /// <summary>A local that holds <paramref name="pointer"/> + <paramref name="times"/>·<paramref name="stride"/>.</summary>
    public LocalBuilder Offset(LocalBuilder pointer, LocalBuilder stride, int times)
    {
        var local = Word();
        Il.Emit(OpCodes.Ldloc, pointer);
        Il.Emit(OpCodes.Ldloc, stride);
        Il.Emit(OpCodes.Ldc_I4, times);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Mul);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stloc, local);
        return local;
    }

    /// <summary>Pushes <paramref name="pointer"/> + <paramref name="bytes"/>.</summary>
    public void PushAddress(LocalBuilder pointer, int bytes)
    {
        Il.Emit(OpCodes.Ldloc, pointer);
        if (bytes == 0)
            return;
        Il.Emit(OpCodes.Ldc_I4, bytes);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Add);
    }

    /// <summary>Moves a pointer by a local's value.</summary>
    public void Advance(LocalBuilder pointer, LocalBuilder stride)
    {
        Il.Emit(OpCodes.Ldloc, pointer);
        Il.Emit(OpCodes.Ldloc, stride);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stloc, pointer);
    }

    /// <summary>Moves a pointer or count by a constant.</summary>
    public void Advance(LocalBuilder word, int by)
    {
        PushAddress(word, by);
        Il.Emit(OpCodes.Stloc, word);
    }

    /// <summary>Replaces the address on the stack by the register there, or by its lanes in <paramref name="mask"/> if given.</summary>
    public void LoadRegister(LocalBuilder? mask = null)
    {
        if (mask is null)
        {
            Lanes.EmitLoad(Il, Lanes.FloatStorage);
            return;
        }

        Il.Emit(OpCodes.Ldloc, mask);
        Lanes.EmitLoadMasked(Il);
    }

    /// <summary>Stores a register at the address on the stack.</summary>
    public void StoreRegister(LocalBuilder value, LocalBuilder? mask = null)
    {
        if (mask is null)
        {
            Il.Emit(OpCodes.Ldloc, value);
            Lanes.EmitStore(Il, Lanes.FloatStorage);
            return;
        }

        Il.Emit(OpCodes.Ldloc, mask);
        Il.Emit(OpCodes.Ldloc, value);
        Lanes.EmitStoreMasked(Il);
    }

    /// <summary>Replaces the address on the stack by the element there.</summary>
    public void LoadElement() => Lanes.EmitLoadElement(Il, Lanes.FloatStorage);

    /// <summary>Stores the element on the stack at the address below it.</summary>
    public void StoreElement() => _elements.EmitStore(Il, Lanes.FloatStorage);

    /// <summary>Replaces the address on the stack by a register filled with the element there.</summary>
    public void LoadBroadcast()
    {
        LoadElement();
        Lanes.EmitBroadcast(Il, LaneType.Float);
    }

    /// <summary>Sets a register to zero.</summary>
    public void SetZero(LocalBuilder register)
    {
        PushZeroElement();
        Lanes.EmitBroadcast(Il, LaneType.Float);
        Il.Emit(OpCodes.Stloc, register);
    }

    /// <summary>Pushes the element 0.</summary>
    public void PushZeroElement() => Lanes.EmitFloat(Il, 0);

    /// <summary>sum ← x·y + sum, on registers or on single elements.</summary>
    public void MultiplyAdd(LocalBuilder x, LocalBuilder y, LocalBuilder sum)
    {
        Il.Emit(OpCodes.Ldloc, x);
        Il.Emit(OpCodes.Ldloc, y);
        Il.Emit(OpCodes.Ldloc, sum);
        (sum.LocalType == RegisterType ? Lanes : _elements).EmitMultiplyAdd(Il);
        Il.Emit(OpCodes.Stloc, sum);
    }

    /// <summary>
    /// Repeats <paramref name="body"/>, which must lower <paramref name="counter"/>, while that is at least <paramref name="least"/>.
    /// </summary>
    public void While(LocalBuilder counter, int least, Action body)
    {
        var top = Il.DefineLabel();
        var test = Il.DefineLabel();
        Il.Emit(OpCodes.Br, test);
        Il.MarkLabel(top);
        body();
        Il.MarkLabel(test);
        Il.Emit(OpCodes.Ldloc, counter);
        Il.Emit(OpCodes.Ldc_I4, least);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Bge, top);
    }

    /// <summary>Does one thing if an argument of the tile is not zero, else the other.</summary>
    public void If(string field, Action then, Action otherwise)
    {
        var no = Il.DefineLabel();
        var end = Il.DefineLabel();
        PushArgument(field);
        Il.Emit(OpCodes.Brfalse, no);
        then();
        Il.Emit(OpCodes.Br, end);
        Il.MarkLabel(no);
        otherwise();
        Il.MarkLabel(end);
    }
}
