namespace Elbo.Compute.Kernels;

/// <summary>One step of a compiled function. Memory is named by slot; the addresses are looked up at each run.</summary>
internal abstract unsafe class Kernel(string name)
{
    /// <summary>Below this much work (in elements times operations) a team costs more than it brings.</summary>
    protected const long WorthSharing = 40_000;

    public string Name { get; } = name;

    public abstract void Run(nint* slots, WorkerTeam team);
}
