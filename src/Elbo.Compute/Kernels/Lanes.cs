using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Kernels;

/// <summary>
/// The register type of a width and element type with the operations generated code calls on it, found by reflection so
/// that one generator serves all. A scalar is a register of one lane.
/// </summary>
internal sealed class Lanes
{
    private Lanes(Type element, Type register, Type operations, int elementBytes, int registerBytes)
    {
        Element = element;
        Register = register;
        ElementBytes = elementBytes;
        RegisterBytes = registerBytes;
        var scalar = register == element;
        MultiplyAdd = Find(scalar ? element : operations, "MultiplyAddEstimate", register, register, register);
        ElementMultiplyAdd = Find(element, "MultiplyAddEstimate", element, element, element);
        if (scalar)
            return;
        Broadcast = Find(operations, "Create", element);
        Zero = register.GetProperty("Zero")!.GetMethod!;
        Sum = operations.GetMethod("Sum")!.MakeGenericMethod(element);
        if (HasMasks(registerBytes))
            FindMasks(registerBytes == 64 ? typeof(Avx512F) : typeof(Avx), registerBytes == 64);
    }

    /// <summary>float or double.</summary>
    public Type Element { get; }

    /// <summary>A vector of <see cref="Element"/>, or <see cref="Element"/> itself.</summary>
    public Type Register { get; }

    /// <summary>The size of an element.</summary>
    public int ElementBytes { get; }

    /// <summary>The size of a register.</summary>
    public int RegisterBytes { get; }

    /// <summary>Elements in a register.</summary>
    public int Count => RegisterBytes / ElementBytes;

    /// <summary>Whether the width is without vectors.</summary>
    public bool IsScalar => Register == Element;

    /// <summary>x·y + z on registers, fused where the hardware can.</summary>
    public MethodInfo MultiplyAdd { get; }

    /// <summary>x·y + z on single elements.</summary>
    public MethodInfo ElementMultiplyAdd { get; }

    /// <summary>An element to all lanes; absent for scalars.</summary>
    public MethodInfo? Broadcast { get; }

    /// <summary>A register of zeros; absent for scalars.</summary>
    public MethodInfo? Zero { get; }

    /// <summary>The sum of all lanes; absent for scalars.</summary>
    public MethodInfo? Sum { get; }

    /// <summary>Loads some lanes; absent where <see cref="HasMasks"/> is false.</summary>
    public MethodInfo? MaskLoad { get; private set; }

    /// <summary>Stores some lanes; absent where <see cref="HasMasks"/> is false.</summary>
    public MethodInfo? MaskStore { get; private set; }

    /// <summary>Whether <see cref="MaskLoad"/> takes the value of the lanes it does not load.</summary>
    public bool MaskLoadMerges { get; private set; }

    /// <summary>Whether registers of this size load and store by mask.</summary>
    public static bool HasMasks(int registerBytes) => registerBytes >= 32;

    /// <summary>The lanes of an element type in registers of a width.</summary>
    public static Lanes For(bool isDouble, VectorWidth width)
    {
        var element = isDouble ? typeof(double) : typeof(float);
        var bytes = isDouble ? 8 : 4;
        return width switch
        {
            VectorWidth.Bits512 => new Lanes(element, typeof(Vector512<>).MakeGenericType(element), typeof(Vector512), bytes, 64),
            VectorWidth.Bits256 => new Lanes(element, typeof(Vector256<>).MakeGenericType(element), typeof(Vector256), bytes, 32),
            VectorWidth.Bits128 => new Lanes(element, typeof(Vector128<>).MakeGenericType(element), typeof(Vector128), bytes, 16),
            _ => new Lanes(element, element, element, bytes, bytes),
        };
    }

    private void FindMasks(Type operations, bool merges)
    {
        var pointer = Element.MakePointerType();
        MaskLoadMerges = merges;
        MaskLoad = merges ? Find(operations, "MaskLoad", pointer, Register, Register) : Find(operations, "MaskLoad", pointer, Register);
        MaskStore = Find(operations, "MaskStore", pointer, Register, Register);
    }

    private static MethodInfo Find(Type type, string name, params Type[] parameters) =>
        type.GetMethod(name, BindingFlags.Public | BindingFlags.Static, parameters)
        ?? throw new MissingMethodException(type.FullName, name);
}
