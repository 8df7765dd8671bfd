using System.Reflection.Emit;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Writes the kernel for products of few rows with contiguous sums, a matrix and a vector above all: vectors run along k and
/// are summed at the end, where broadcasting would first have to transpose a matrix that is read only once.
/// The order of a sum depends on K and the width alone.
/// </summary>
internal static class DotKernelEmitter
{
    /// <summary>Generates the kernel for a key.</summary>
    public static MicroKernel Emit(MicroKernelKey key)
    {
        var writer = new KernelWriter($"dots {key.Rows}x{key.Columns} {key.Width}", key.IsDouble, key.Width);
        var rowsOfA = Rows(writer, key.Rows, nameof(Tile.A), nameof(Tile.StrideA));
        var rowsOfB = Rows(writer, key.Columns, nameof(Tile.B), nameof(Tile.StrideB));
        var position = writer.Word();
        writer.Il.Emit(OpCodes.Ldc_I4_0);
        writer.Il.Emit(OpCodes.Conv_I);
        writer.Il.Emit(OpCodes.Stloc, position);
        var left = writer.Argument(nameof(Tile.Depth));

        var sums = new LocalBuilder[key.Rows, key.Columns];
        for (var i = 0; i < key.Rows; i++)
        {
            for (var j = 0; j < key.Columns; j++)
            {
                sums[i, j] = writer.Register();
                writer.SetZero(sums[i, j]);
            }
        }

        EmitProducts(writer, rowsOfA, rowsOfB, sums, position, left, writer.Lanes.LaneCount);
        var totals = writer.Lanes.IsScalar ? sums : SumLanes(writer, sums);
        if (!writer.Lanes.IsScalar)
            EmitProducts(writer, rowsOfA, rowsOfB, totals, position, left, 1);
        StoreTotals(writer, totals);
        return writer.Finish();
    }

    private static LocalBuilder[] Rows(KernelWriter writer, int count, string pointer, string stride)
    {
        var first = writer.Argument(pointer);
        var step = writer.Argument(stride);
        return [first, .. Enumerable.Range(1, count - 1).Select(i => writer.Offset(first, step, i))];
    }

    private static void EmitProducts(
        KernelWriter writer,
        LocalBuilder[] rowsOfA,
        LocalBuilder[] rowsOfB,
        LocalBuilder[,] sums,
        LocalBuilder position,
        LocalBuilder left,
        int step)
    {
        var type = sums[0, 0].LocalType;
        var ofA = Array.ConvertAll(rowsOfA, _ => writer.Il.DeclareLocal(type));
        var ofB = writer.Il.DeclareLocal(type);
        writer.While(left, step, () =>
        {
            for (var i = 0; i < ofA.Length; i++)
                Load(rowsOfA[i], ofA[i]);
            for (var j = 0; j < rowsOfB.Length; j++)
            {
                Load(rowsOfB[j], ofB);
                for (var i = 0; i < ofA.Length; i++)
                    writer.MultiplyAdd(ofA[i], ofB, sums[i, j]);
            }

            writer.Advance(position, step * writer.Lanes.LaneBytes);
            writer.Advance(left, -step);
        });

        void Load(LocalBuilder row, LocalBuilder value)
        {
            writer.Il.Emit(OpCodes.Ldloc, row);
            writer.Il.Emit(OpCodes.Ldloc, position);
            writer.Il.Emit(OpCodes.Add);
            if (step == 1)
                writer.LoadElement();
            else
                writer.LoadRegister();
            writer.Il.Emit(OpCodes.Stloc, value);
        }
    }

    private static LocalBuilder[,] SumLanes(KernelWriter writer, LocalBuilder[,] sums)
    {
        var totals = new LocalBuilder[sums.GetLength(0), sums.GetLength(1)];
        for (var i = 0; i < totals.GetLength(0); i++)
        {
            for (var j = 0; j < totals.GetLength(1); j++)
            {
                totals[i, j] = writer.Il.DeclareLocal(writer.Lanes.FloatElement);
                writer.PushSum(sums[i, j]);
                writer.Il.Emit(OpCodes.Stloc, totals[i, j]);
            }
        }

        return totals;
    }

    private static void StoreTotals(KernelWriter writer, LocalBuilder[,] totals)
    {
        var row = writer.Argument(nameof(Tile.C));
        var stride = writer.Argument(nameof(Tile.StrideC));
        for (var i = 0; i < totals.GetLength(0); i++)
        {
            for (var j = 0; j < totals.GetLength(1); j++)
            {
                var offset = j * writer.Lanes.LaneBytes;
                writer.PushAddress(row, offset);
                writer.Il.Emit(OpCodes.Ldloc, totals[i, j]);
                writer.If(
                    nameof(Tile.Accumulate),
                    () =>
                    {
                        writer.PushAddress(row, offset);
                        writer.LoadElement();
                    },
                    writer.PushZeroElement);
                writer.Il.Emit(OpCodes.Add);
                writer.StoreElement();
            }

            writer.Advance(row, stride);
        }
    }
}
