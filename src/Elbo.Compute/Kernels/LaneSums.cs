using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Writes the sums over the lanes of several registers. Together they take half the instructions of one by one, which shows
/// where dot products are short: registers are folded to 128 bits, and pairs of those added lane by neighbouring lane.
/// </summary>
internal static class LaneSums
{
    /// <summary>Sums over the lanes of every register, as elements.</summary>
    public static LocalBuilder[,] Emit(KernelWriter writer, LocalBuilder[,] registers)
    {
        var totals = new LocalBuilder[registers.GetLength(0), registers.GetLength(1)];
        var element = writer.Lanes.FloatElement;
        var folded = registers.Cast<LocalBuilder>().Select(r => Fold(writer, r)).ToArray();
        var pairwise = PairwiseAdd(element);
        var atOnce = pairwise is null ? 1 : 16 / writer.Lanes.LaneBytes;
        for (var first = 0; first < folded.Length; first += atOnce)
        {
            var group = folded[first..Math.Min(first + atOnce, folded.Length)];
            if (pairwise is not null)
                AddNeighbours(writer, group, atOnce, pairwise);
            for (var k = 0; k < group.Length; k++)
            {
                var total = totals[(first + k) / totals.GetLength(1), (first + k) % totals.GetLength(1)] = writer.Il.DeclareLocal(element);
                writer.Il.Emit(OpCodes.Ldloc, group[pairwise is null ? k : 0]);
                if (pairwise is not null)
                    writer.Il.Emit(OpCodes.Ldc_I4, k);
                writer.Il.Emit(OpCodes.Call, Generic(typeof(Vector128), pairwise is null ? nameof(Vector128.Sum) : nameof(Vector128.GetElement), element));
                writer.Il.Emit(OpCodes.Stloc, total);
            }
        }

        return totals;
    }

    // Halves added to each other until 128 bits are left.
    private static LocalBuilder Fold(KernelWriter writer, LocalBuilder register)
    {
        for (var bytes = writer.Lanes.RegisterBytes; bytes > 16; bytes /= 2)
        {
            var (whole, half) = bytes == 64 ? (typeof(Vector512), typeof(Vector256<>)) : (typeof(Vector256), typeof(Vector128<>));
            var sum = writer.Il.DeclareLocal(half.MakeGenericType(writer.Lanes.FloatElement));
            writer.Il.Emit(OpCodes.Ldloc, register);
            writer.Il.Emit(OpCodes.Call, Generic(whole, nameof(Vector512.GetLower), writer.Lanes.FloatElement));
            writer.Il.Emit(OpCodes.Ldloc, register);
            writer.Il.Emit(OpCodes.Call, Generic(whole, nameof(Vector512.GetUpper), writer.Lanes.FloatElement));
            writer.Il.Emit(OpCodes.Call, sum.LocalType.GetMethod("op_Addition")!);
            writer.Il.Emit(OpCodes.Stloc, sum);
            register = sum;
        }

        return register;
    }

    // Afterwards lane k of the group's first register is the sum over the lanes of its k-th; the last stands in for missing ones.
    private static void AddNeighbours(KernelWriter writer, LocalBuilder[] group, int lanes, MethodInfo pairwise)
    {
        for (var count = lanes; count > 1; count /= 2)
        {
            for (var k = 0; k < count / 2 && k < group.Length; k++)
            {
                writer.Il.Emit(OpCodes.Ldloc, group[Math.Min(2 * k, group.Length - 1)]);
                writer.Il.Emit(OpCodes.Ldloc, group[Math.Min((2 * k) + 1, group.Length - 1)]);
                writer.Il.Emit(OpCodes.Call, pairwise);
                writer.Il.Emit(OpCodes.Stloc, group[k]);
            }
        }
    }

    private static MethodInfo? PairwiseAdd(Type element)
    {
        var register = typeof(Vector128<>).MakeGenericType(element);
        return Sse3.IsSupported ? typeof(Sse3).GetMethod(nameof(Sse3.HorizontalAdd), [register, register])
            : AdvSimd.Arm64.IsSupported ? typeof(AdvSimd.Arm64).GetMethod(nameof(AdvSimd.Arm64.AddPairwise), [register, register])
            : null;
    }

    private static MethodInfo Generic(Type type, string name, Type element) => type.GetMethod(name)!.MakeGenericMethod(element);
}
