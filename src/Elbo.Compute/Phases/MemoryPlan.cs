using Elbo.Compute.Emission;

namespace Elbo.Compute.Phases;

/// <summary>
/// Where each value lives: values of variables stay with them, the rest shares one arena, where memory is handed on as soon as
/// its last reader has run. A loop over equal dense streams may write where it reads. Large blocks are placed first, each into
/// the tightest gap among those that live at the same time; small ones fill what is left (Pisarchyk and Lee 2020, section 5.2).
/// What lives within a step of a loop was planned by itself, and takes one block here.
/// </summary>
internal sealed class MemoryPlan
{
    private const long Alignment = 64;

    private readonly Dictionary<Tensor, Block> _blocks = [];

    private MemoryPlan()
    {
    }

    /// <summary>The size of the arena.</summary>
    public long Bytes { get; private set; }

    /// <summary>The greatest number of bytes alive at once: what no plan can do without.</summary>
    public long LargestLiveSet { get; private set; }

    /// <summary>Where a value begins in the arena, for every value that a kernel writes there or that is there before the first.</summary>
    public long OffsetOf(Tensor tensor) => _blocks[tensor].Offset;

    /// <param name="kernels">The kernels in order.</param>
    /// <param name="permanent">Values that keep their memory throughout: inputs, literals, outputs.</param>
    /// <param name="elsewhere">Values that live in variables.</param>
    public static MemoryPlan Of(IReadOnlyList<KernelPlan> kernels, IEnumerable<Tensor> permanent, IReadOnlySet<Tensor> elsewhere)
    {
        var plan = new MemoryPlan();
        foreach (var tensor in permanent)
            plan._blocks[tensor] = new Block(BytesOf(tensor), 0, kernels.Count);
        var last = LastReaders(kernels, tensor => !plan._blocks.ContainsKey(tensor) && !elsewhere.Contains(tensor));
        var dying = new List<Tensor>?[kernels.Count];
        foreach (var (tensor, end) in last)
            (dying[end] ??= []).Add(tensor);
        for (var k = 0; k < kernels.Count; k++)
        {
            var dead = dying[k] ?? [];
            foreach (var written in kernels[k].Writes)
            {
                if (!last.TryGetValue(written, out var end))
                    continue;
                if (kernels[k] is FusedPlan fused && dead.Find(d => CanReplace(fused, d, written)) is { } replaced)
                {
                    dead.Remove(replaced);
                    plan._blocks[written] = plan._blocks[replaced];
                    plan._blocks[written].Last = end;
                }
                else
                {
                    plan._blocks[written] = new Block(BytesOf(written), k, end);
                }
            }
        }
        plan.Place(kernels.Count);
        foreach (var loop in kernels.OfType<LoopPlan>())
        {
            var region = plan._blocks[loop.Region];
            foreach (var (tensor, block) in loop.Memory._blocks)
                plan._blocks[tensor] = new Block(block.Bytes, region.First, region.Last) { Offset = region.Offset + block.Offset };
        }
        return plan;
    }

    /// <summary>Bytes that a value takes: whole cache lines, and whole blocks of draws.</summary>
    public static long BytesOf(Tensor tensor)
    {
        var granule = tensor.Operation is Operation.Random ? RandomKernelEmitter.BlockElements * tensor.Type.Size() : Alignment;
        return ((long)tensor.Shape.Elements * tensor.Type.Size() + granule - 1) / granule * granule;
    }

    // For each value in the arena the last kernel that reads it, or that writes it if nobody reads it at all.
    private static Dictionary<Tensor, int> LastReaders(IReadOnlyList<KernelPlan> kernels, Func<Tensor, bool> inArena)
    {
        var last = new Dictionary<Tensor, int>();
        for (var k = 0; k < kernels.Count; k++)
        {
            foreach (var tensor in kernels[k].Reads.Where(t => t.ConstantValue is null).Select(t => View.Of(t).Base).Concat(kernels[k].Writes))
            {
                if (inArena(tensor))
                    last[tensor] = k;
            }
        }
        return last;
    }

    // Element i is read, by dense streams alone, before element i is written.
    private static bool CanReplace(FusedPlan kernel, Tensor dead, Tensor written) =>
        kernel.Stores.Contains(written) && dead.Type.Size() == written.Type.Size() && dead.Shape.Elements == written.Shape.Elements
        && !kernel.Writes.Contains(dead)
        && kernel.Reads.All(r => View.Of(r) is var view && (!ReferenceEquals(view.Base, dead) || (view.Offset == 0 && View.IsDense(r) && r.Shape.Elements == written.Shape.Elements)));

    private void Place(int kernels)
    {
        var byOffset = new List<Block>();
        var change = new long[kernels + 2];
        // Of equal size, in the order in which they came.
        Block[] blocks = [.. _blocks.Values.Distinct()];
        for (var k = 0; k < blocks.Length; k++)
            blocks[k].Rank = k;
        Array.Sort(blocks, (a, b) => a.Bytes != b.Bytes ? b.Bytes.CompareTo(a.Bytes) : a.Rank.CompareTo(b.Rank));
        foreach (var block in blocks)
        {
            block.Offset = TightestGap(block, byOffset);
            var at = byOffset.FindIndex(other => other.Offset > block.Offset);
            byOffset.Insert(at < 0 ? byOffset.Count : at, block);
            Bytes = Math.Max(Bytes, block.Offset + block.Bytes);
            change[block.First] += block.Bytes;
            change[block.Last + 1] -= block.Bytes;
        }
        var live = 0L;
        foreach (var difference in change)
            LargestLiveSet = Math.Max(LargestLiveSet, live += difference);
    }

    // The smallest gap between blocks of the same time that is large enough; behind the last of them if there is none.
    private static long TightestGap(Block block, List<Block> byOffset)
    {
        var (end, best, smallest) = (0L, -1L, long.MaxValue);
        foreach (var other in byOffset)
        {
            if (other.First > block.Last || other.Last < block.First)
                continue;
            var gap = other.Offset - end;
            if (gap >= block.Bytes && gap < smallest)
                (best, smallest) = (end, gap);
            end = Math.Max(end, other.Offset + other.Bytes);
        }
        return best < 0 ? end : best;
    }

    // Memory for one value after another, from the first kernel that writes it to the last that reads it.
    private sealed class Block(long bytes, int first, int last)
    {
        public long Bytes { get; } = bytes;

        public int First { get; } = first;

        public int Last { get; set; } = last;

        public long Offset { get; set; }

        public int Rank { get; set; }
    }
}
