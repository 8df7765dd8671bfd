using System.Reflection.Emit;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Writes the kernel for products of few rows with contiguous sums, a matrix and a vector above all: vectors run along k and
/// are summed at the end, where broadcasting would first have to transpose a matrix that is read only once. What is left of k
/// beyond whole vectors is read by mask, or one by one where registers have none.
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

        var lanes = writer.Lanes.LaneCount;
        writer.While(left, lanes, () =>
        {
            EmitProducts(writer, rowsOfA, rowsOfB, sums, position, Load(writer, null));
            writer.Advance(position, writer.Lanes.RegisterBytes);
            writer.Advance(left, -lanes);
        });
        if (key.Masked)
            EmitProducts(writer, rowsOfA, rowsOfB, sums, position, Load(writer, writer.Mask()));
        var totals = writer.Lanes.IsScalar ? sums : LaneSums.Emit(writer, sums);
        if (!writer.Lanes.IsScalar && !LaneInstructions.HasMasks(writer.Lanes.RegisterBytes))
        {
            writer.While(left, 1, () =>
            {
                EmitProducts(writer, rowsOfA, rowsOfB, totals, position, writer.LoadElement);
                writer.Advance(position, writer.Lanes.LaneBytes);
                writer.Advance(left, -1);
            });
        }

        StoreTotals(writer, totals);
        return writer.Finish();
    }

    private static Action Load(KernelWriter writer, LocalBuilder? mask) => () => writer.LoadRegister(mask);

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
        Action loadFromPushed)
    {
        var ofA = Array.ConvertAll(rowsOfA, Loaded);
        for (var j = 0; j < rowsOfB.Length; j++)
        {
            var ofB = Loaded(rowsOfB[j]);
            for (var i = 0; i < ofA.Length; i++)
                writer.MultiplyAdd(ofA[i], ofB, sums[i, j]);
        }

        LocalBuilder Loaded(LocalBuilder row)
        {
            var value = writer.Il.DeclareLocal(sums[0, 0].LocalType);
            writer.Il.Emit(OpCodes.Ldloc, row);
            writer.Il.Emit(OpCodes.Ldloc, position);
            writer.Il.Emit(OpCodes.Add);
            loadFromPushed();
            writer.Il.Emit(OpCodes.Stloc, value);
            return value;
        }
    }

    private static void StoreTotals(KernelWriter writer, LocalBuilder[,] totals)
    {
        writer.If(
            nameof(Tile.Accumulate),
            () => ForEachOfC(writer, totals, (total, offset, row) =>
            {
                writer.PushAddress(row, offset);
                writer.LoadElement();
                writer.Il.Emit(OpCodes.Ldloc, total);
                writer.Il.Emit(OpCodes.Add);
                writer.Il.Emit(OpCodes.Stloc, total);
            }),
            () => { });
        ForEachOfC(writer, totals, (total, offset, row) =>
        {
            writer.PushAddress(row, offset);
            writer.Il.Emit(OpCodes.Ldloc, total);
            writer.StoreElement();
        });
    }

    private static void ForEachOfC(KernelWriter writer, LocalBuilder[,] totals, Action<LocalBuilder, int, LocalBuilder> withTotalOffsetAndRow)
    {
        var row = writer.Argument(nameof(Tile.C));
        var stride = writer.Argument(nameof(Tile.StrideC));
        for (var i = 0; i < totals.GetLength(0); i++)
        {
            for (var j = 0; j < totals.GetLength(1); j++)
                withTotalOffsetAndRow(totals[i, j], j * writer.Lanes.LaneBytes, row);
            writer.Advance(row, stride);
        }
    }
}
