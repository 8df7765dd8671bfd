namespace Elbo.Compute.Kernels;

/// <summary>Work that a <see cref="WorkerTeam"/> divides: an object rather than a delegate, so that a run allocates nothing.</summary>
internal interface IParallelBody
{
    /// <summary>Does tasks <paramref name="firstTask"/> up to but not including <paramref name="endTask"/>.</summary>
    /// <param name="firstTask">The first task of this worker's share.</param>
    /// <param name="endTask">One past the last task of this worker's share.</param>
    /// <param name="worker">The worker's index, 0 for the calling thread; chooses its part of a workspace.</param>
    void Run(int firstTask, int endTask, int worker);
}
