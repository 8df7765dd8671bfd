using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Elbo.Compute.Kernels;

namespace Elbo.Benchmarks;

/// <summary>
/// OpenBLAS on one thread with its AVX-512 kernels, called within this process without a transition, so that a product of 8 by 8
/// costs it no more than it costs us. Absent where the library is not installed.
/// </summary>
internal static unsafe class OpenBlas
{
    private const int RowMajor = 101;
    private const int Plain = 111;
    private const int Transposed = 112;

    private static readonly nint Library = Load();
    private static readonly nint Sgemm = Function("cblas_sgemm");
    private static readonly nint Dgemm = Function("cblas_dgemm");
    private static readonly nint Sgemv = Function("cblas_sgemv");
    private static readonly nint Dgemv = Function("cblas_dgemv");

    /// <summary>Whether it can be called.</summary>
    public static bool IsInstalled => Sgemm != 0 && Dgemm != 0 && Sgemv != 0 && Dgemv != 0;

    /// <summary>Why it is not called.</summary>
    public static string WhyNot => Peers.AreLeftOut ? "peers are left out" : "not installed: libopenblas.so.0 (Debian package libopenblas0)";

    /// <summary>C = op(A)·op(B) for each product of a batch; by the routine for a matrix and a vector where one side is a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in MatrixProductShape shape, nint a, nint b, nint c)
    {
        for (var product = 0; product < shape.Batch; product++)
        {
            if (shape.N == 1)
                TimesVector(shape.IsDouble, shape.TransposeA, shape.M, shape.K, a, b, c);
            else if (shape.M == 1)
                TimesVector(shape.IsDouble, !shape.TransposeB, shape.N, shape.K, b, a, c);
            else
                TimesMatrix(shape, a, b, c);
            a += (nint)shape.BatchBytesA;
            b += (nint)shape.BatchBytesB;
            c += (nint)shape.BatchBytesC;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TimesMatrix(in MatrixProductShape shape, nint a, nint b, nint c)
    {
        var (ofA, ofB) = (shape.TransposeA ? Transposed : Plain, shape.TransposeB ? Transposed : Plain);
        if (shape.IsDouble)
        {
            ((delegate* unmanaged[SuppressGCTransition]<int, int, int, int, int, int, double, nint, int, nint, int, double, nint, int, void>)Dgemm)(
                RowMajor, ofA, ofB, shape.M, shape.N, shape.K, 1, a, shape.StrideA, b, shape.StrideB, 0, c, shape.N);
        }
        else
        {
            ((delegate* unmanaged[SuppressGCTransition]<int, int, int, int, int, int, float, nint, int, nint, int, float, nint, int, void>)Sgemm)(
                RowMajor, ofA, ofB, shape.M, shape.N, shape.K, 1, a, shape.StrideA, b, shape.StrideB, 0, c, shape.N);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TimesVector(bool isDouble, bool transposed, int results, int sum, nint matrix, nint vector, nint result)
    {
        var operation = transposed ? Transposed : Plain;
        var (rows, columns) = transposed ? (sum, results) : (results, sum);
        if (isDouble)
        {
            ((delegate* unmanaged[SuppressGCTransition]<int, int, int, int, double, nint, int, nint, int, double, nint, int, void>)Dgemv)(
                RowMajor, operation, rows, columns, 1, matrix, columns, vector, 1, 0, result, 1);
        }
        else
        {
            ((delegate* unmanaged[SuppressGCTransition]<int, int, int, int, float, nint, int, nint, int, float, nint, int, void>)Sgemv)(
                RowMajor, operation, rows, columns, 1, matrix, columns, vector, 1, 0, result, 1);
        }
    }

    // Left to itself, Debian's OpenBLAS does not use AVX-512 on recent AMD cores. It reads the environment of the C library,
    // which is not the one that .NET keeps.
    private static nint Load()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            SetEnvironment("OPENBLAS_CORETYPE", "SkylakeX");
        SetEnvironment("OPENBLAS_NUM_THREADS", "1");
        return NativeLibrary.TryLoad("libopenblas.so.0", out var library) ? library : 0;
    }

    private static void SetEnvironment(string name, string value)
    {
        var (toName, toValue) = (Marshal.StringToCoTaskMemUTF8(name), Marshal.StringToCoTaskMemUTF8(value));
        ((delegate* unmanaged<nint, nint, int, int>)NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "setenv"))(toName, toValue, 1);
        Marshal.FreeCoTaskMem(toName);
        Marshal.FreeCoTaskMem(toValue);
    }

    private static nint Function(string name) => Library != 0 && NativeLibrary.TryGetExport(Library, name, out var address) ? address : 0;
}
