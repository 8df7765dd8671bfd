using Elbo.Compute.Emission;

namespace Elbo.Compute.Kernels;

/// <summary>A compiled loop nest, shared out by units of its outermost loop. Units are fixed by the shape, so any number of threads gives the same bits.</summary>
internal sealed unsafe class FusedKernel(string name, FusedBody body, int units, long work, FusedKernel? combine = null) : Kernel(name), IParallelBody
{
    private readonly bool _shared = units > 1 && work >= WorthSharing;
    private nint* _slots;

    public override void Run(nint* slots, WorkerTeam team)
    {
        if (_shared)
        {
            _slots = slots;
            team.Run(this, units);
        }
        else
        {
            body(slots, 0, units);
        }
        // A reduction shared out in parts ends with the sum of its parts, in their order.
        combine?.Run(slots, team);
    }

    void IParallelBody.Run(int firstTask, int endTask, int worker) => body(_slots, firstTask, endTask);
}
