using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Elbo.Compute.Emission;

/// <summary>The compiled body of a kernel: units <paramref name="first"/> to <paramref name="end"/> − 1 of its outermost loop.</summary>
/// <param name="slots">The addresses of all memory of the function, by slot.</param>
/// <param name="first">The first unit.</param>
/// <param name="end">One past the last unit.</param>
internal unsafe delegate void FusedBody(nint* slots, long first, long end);

/// <summary>
/// The frame of a body's code. The code counts its operands and does not know their slots: those it finds, as byte offsets into the
/// table of slots, in what its delegate is bound to, so that one code serves kernels at different places.
/// </summary>
internal static class LoopCode
{
    private static readonly Type[] Parameters = [typeof(nint[]), typeof(nint).MakePointerType(), typeof(long), typeof(long)];

    /// <summary>A method to be written: argument 1 is the table of slots, 2 the first unit and 3 one past the last.</summary>
    public static DynamicMethod Begin(string name) => new(name, typeof(void), Parameters, typeof(LoopCode).Module, skipVisibility: true) { InitLocals = false };

    /// <summary>Pushes the address of an operand's memory.</summary>
    public static void PushOperand(ILGenerator il, int operand)
    {
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, Data);
        il.Emit(OpCodes.Ldc_I4, operand * 8);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldind_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldind_I);
    }

    /// <summary>The code at work on the slots of its operands, in their order.</summary>
    public static FusedBody Bind(DynamicMethod method, nint[] slots)
    {
        var offsets = new nint[slots.Length];
        for (var k = 0; k < slots.Length; k++)
            offsets[k] = slots[k] * 8;
        var body = method.CreateDelegate<FusedBody>(offsets);
        RuntimeHelpers.PrepareDelegate(body); // Compiles now, so that the first run takes as long as the others.
        return body;
    }

    private static MethodInfo Data => field ??= typeof(LoopCode).GetMethod(nameof(FirstOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref nint FirstOf(nint[] offsets) => ref MemoryMarshal.GetArrayDataReference(offsets);
}
