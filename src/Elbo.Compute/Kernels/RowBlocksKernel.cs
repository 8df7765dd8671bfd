using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>
/// Runs some kernels on one block of rows after another, so that each finds in cache what those before it have read or written.
/// The blocks are shared out in parts; every part adds up sums of its own, and these are added in their order at the end.
/// </summary>
/// <param name="layout">Where the kernels find their operands.</param>
/// <param name="split">All rows, those of a block, and the parts that blocks are shared out in.</param>
/// <param name="block">The kernels for a block.</param>
/// <param name="last">The kernels for a last block of fewer rows.</param>
/// <param name="totals">What adds up the sums of all parts.</param>
internal sealed unsafe class RowBlocksKernel(RowBlockLayout layout, (int Rows, int OfBlock, int Parts) split, Kernel[] block, Kernel[] last, Kernel[] totals)
    : Kernel("RowBlocks"), IParallelBody
{
    private readonly int _blocks = (split.Rows + split.OfBlock - 1) / split.OfBlock;
    private nint* _slots;
    private WorkerTeam? _team;

    public override void Run(nint* slots, WorkerTeam team)
    {
        _slots = slots;
        _team = team;
        team.Run(this, split.Parts);
        var table = stackalloc nint[layout.Addresses.Length];
        FillIn(table, 0, 0, 0);
        RunAll(totals, table);
    }

    void IParallelBody.Run(int firstTask, int endTask, int worker)
    {
        var table = stackalloc nint[layout.Addresses.Length];
        for (var part = firstTask; part < endTask; part++)
        {
            var (first, end) = (FirstBlock(part), FirstBlock(part + 1));
            FillIn(table, part, worker, (long)first * split.OfBlock);
            foreach (var (entry, bytes) in layout.Sums)
                NativeMemory.Clear((void*)table[entry], (nuint)bytes);
            for (var b = first; b < end; b++)
            {
                if (b > first)
                    FillIn(table, part, worker, (long)b * split.OfBlock);
                RunAll(b == _blocks - 1 && last.Length > 0 ? last : block, table);
            }
        }
    }

    private int FirstBlock(int part) => (int)((long)_blocks * part / split.Parts);

    private void FillIn(nint* table, int part, int worker, long row)
    {
        var sums = _slots[layout.Scratch];
        var workers = sums + (nint)layout.SumBytes;
        for (var k = 0; k < layout.Addresses.Length; k++)
        {
            ref readonly var address = ref layout.Addresses[k];
            table[k] = (nint)address.Offset + address.Place switch
            {
                RowBlockPlace.Slot => _slots[address.Slot] + (nint)(row * address.StepBytes),
                RowBlockPlace.Sum => sums + (nint)(part * address.StepBytes),
                _ => workers + (nint)(worker * layout.WorkerBytes),
            };
        }
    }

    // Kernels of a block are run by one thread each; what they ask of a team they leave unused.
    private void RunAll(Kernel[] kernels, nint* table)
    {
        foreach (var kernel in kernels)
            kernel.Run(table, _team!);
    }
}

/// <summary>A matrix product of a block's rows.</summary>
internal sealed unsafe class RowBlockProduct(MatrixProductPlan plan, int left, int right, int target, int workspace) : Kernel("MatrixProduct")
{
    public override void Run(nint* slots, WorkerTeam team) =>
        plan.RunAlone((void*)slots[left], (void*)slots[right], (void*)slots[target], (void*)slots[workspace]);
}
