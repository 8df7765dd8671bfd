namespace Elbo.Compute;

/// <summary>The element type of a tensor. Types are never mixed silently: <see cref="Tensor.Convert"/> says so in the model.</summary>
public enum DType
{
    /// <summary>IEEE 754 single precision: networks.</summary>
    Float32,

    /// <summary>IEEE 754 double precision: Bayesian models.</summary>
    Float64,

    /// <summary>32-bit signed integers: indices, category codes, step numbers.</summary>
    Int32,

    /// <summary>Truth values: comparisons and masks.</summary>
    Bool,
}

internal static class DTypes
{
    /// <summary>Bytes an element takes in memory. Truth values are stored as 32-bit 0 or 1, the width of the lanes they meet.</summary>
    public static int Size(this DType type) => type == DType.Float64 ? 8 : 4;

    public static bool IsFloat(this DType type) => type is DType.Float32 or DType.Float64;

    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(int) ? DType.Int32
        : throw new ArgumentException($"Tensors hold float, double or int elements (truth values as int 0 or 1), not {typeof(T).Name}.");
}
