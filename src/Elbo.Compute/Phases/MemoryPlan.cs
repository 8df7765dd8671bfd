using Elbo.Compute.Emission;

namespace Elbo.Compute.Phases;

/// <summary>
/// Where each value lives: values of variables stay with them, the rest shares one arena, where memory is handed on as soon as
/// its last reader has run. A loop over equal dense streams may write where it reads.
/// </summary>
internal sealed class MemoryPlan
{
    private const long Alignment = 64;

    private readonly List<(long Offset, long Bytes)> _free = [];
    private readonly Dictionary<Tensor, long> _offsets = new();

    private MemoryPlan()
    {
    }

    /// <summary>The size of the arena.</summary>
    public long Bytes { get; private set; }

    /// <summary>The greatest number of bytes alive at once: what no plan can do without.</summary>
    public long LargestLiveSet { get; private set; }

    /// <summary>Offsets into the arena, for every value that a kernel writes or that is there before the first.</summary>
    public IReadOnlyDictionary<Tensor, long> Offsets => _offsets;

    /// <param name="kernels">The kernels in order.</param>
    /// <param name="permanent">Values that keep their memory throughout: inputs, literals, outputs.</param>
    /// <param name="elsewhere">Values that live in variables.</param>
    public static MemoryPlan Of(IReadOnlyList<KernelPlan> kernels, IEnumerable<Tensor> permanent, IReadOnlySet<Tensor> elsewhere)
    {
        var plan = new MemoryPlan();
        var keep = new HashSet<Tensor>(permanent);
        foreach (var tensor in keep)
            plan.Allocate(tensor);
        var live = plan.Bytes;
        var dying = LastReaders(kernels, tensor => !keep.Contains(tensor) && !elsewhere.Contains(tensor));
        for (var k = 0; k < kernels.Count; k++)
        {
            var dead = dying[k];
            foreach (var written in kernels[k].Writes)
            {
                if (keep.Contains(written) || elsewhere.Contains(written))
                    continue;
                live += BytesOf(written);
                if (kernels[k] is FusedPlan fused && dead.FirstOrDefault(d => CanReplace(fused, d, written)) is { } replaced)
                {
                    dead.Remove(replaced);
                    live -= BytesOf(replaced);
                    plan._offsets[written] = plan._offsets[replaced];
                }
                else
                {
                    plan.Allocate(written);
                }
            }
            plan.LargestLiveSet = Math.Max(plan.LargestLiveSet, live);
            foreach (var tensor in dead)
            {
                live -= BytesOf(tensor);
                plan.Release(tensor);
            }
        }
        return plan;
    }

    /// <summary>Bytes that a value takes: whole cache lines, and whole blocks of draws.</summary>
    public static long BytesOf(Tensor tensor)
    {
        var granule = tensor.Operation is Operation.Random ? RandomKernelEmitter.BlockElements * tensor.Type.Size() : Alignment;
        return ((long)tensor.Shape.Elements * tensor.Type.Size() + granule - 1) / granule * granule;
    }

    // For each kernel, the arena values that nobody reads after it (its own writes too, if nobody reads them at all).
    private static List<Tensor>[] LastReaders(IReadOnlyList<KernelPlan> kernels, Func<Tensor, bool> inArena)
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
        var dying = new List<Tensor>[kernels.Count];
        for (var k = 0; k < dying.Length; k++)
            dying[k] = [];
        foreach (var (tensor, k) in last)
            dying[k].Add(tensor);
        return dying;
    }

    // Element i is read, by dense streams alone, before element i is written.
    private static bool CanReplace(FusedPlan kernel, Tensor dead, Tensor written) =>
        kernel.Stores.Contains(written) && dead.Type.Size() == written.Type.Size() && dead.Shape.Elements == written.Shape.Elements
        && !kernel.Writes.Contains(dead)
        && kernel.Reads.All(r => View.Of(r) is var view && (!ReferenceEquals(view.Base, dead) || (view.Offset == 0 && View.IsDense(r) && r.Shape.Elements == written.Shape.Elements)));

    private void Allocate(Tensor tensor)
    {
        var bytes = BytesOf(tensor);
        var best = -1;
        for (var i = 0; i < _free.Count; i++)
        {
            if (_free[i].Bytes >= bytes && (best < 0 || _free[i].Bytes < _free[best].Bytes))
                best = i;
        }
        if (best < 0)
        {
            // Growing a hole at the end beats a new place behind it.
            var start = _free.Count > 0 && _free[^1] is var tail && tail.Offset + tail.Bytes == Bytes ? tail.Offset : Bytes;
            if (start < Bytes)
                _free.RemoveAt(_free.Count - 1);
            _offsets[tensor] = start;
            Bytes = start + bytes;
            return;
        }
        var hole = _free[best];
        _offsets[tensor] = hole.Offset;
        if (hole.Bytes == bytes)
            _free.RemoveAt(best);
        else
            _free[best] = (hole.Offset + bytes, hole.Bytes - bytes);
    }

    // Holes are kept in order and joined with their neighbours.
    private void Release(Tensor tensor)
    {
        var (offset, bytes) = (_offsets[tensor], BytesOf(tensor));
        var at = _free.FindIndex(hole => hole.Offset > offset);
        at = at < 0 ? _free.Count : at;
        if (at < _free.Count && _free[at].Offset == offset + bytes)
        {
            bytes += _free[at].Bytes;
            _free.RemoveAt(at);
        }
        if (at > 0 && _free[at - 1].Offset + _free[at - 1].Bytes == offset)
            _free[at - 1] = (_free[at - 1].Offset, _free[at - 1].Bytes + bytes);
        else
            _free.Insert(at, (offset, bytes));
    }
}
