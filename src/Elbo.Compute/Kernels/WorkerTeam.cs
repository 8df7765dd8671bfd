using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>
/// A fork-join team of threads of its own. A training step forks many times a millisecond, and the thread pool takes
/// over a microsecond for each; here idle workers watch a counter for a while before they sleep, so a hot fork costs
/// about as much as two cache misses.
/// </summary>
/// <remarks>
/// Tasks are divided in contiguous blocks by their number and the number of threads alone. One thread at a time may call
/// <see cref="Run"/>, and a body may not call it again on the same team.
/// </remarks>
internal sealed class WorkerTeam : IDisposable
{
    // About as long as the serial part between two forks of a step; a longer pause means the step is over.
    private const double SpinMicroseconds = 50;
    private static readonly long SpinTicks = (long)(SpinMicroseconds * 1e-6 * Stopwatch.Frequency);

    private readonly Thread[] _workers;
    private readonly object _gate = new();
    private Signals _signals;
    private IParallelBody? _body;
    private int _tasks;
    private int _parked;
    private int _busy;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;

    /// <summary>Starts a team of <paramref name="threads"/> threads, the caller of <see cref="Run"/> being one of them.</summary>
    public WorkerTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _workers = new Thread[threads - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            var worker = i + 1;
            _workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"Elbo worker {worker}" };
            _workers[i].Start();
        }
    }

    /// <summary>The number of threads, the caller included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Runs tasks 0 to <paramref name="tasks"/> − 1, each exactly once, and returns when all are done. If a share throws,
    /// the others still finish, and the first exception is thrown here.
    /// </summary>
    public void Run(IParallelBody body, int tasks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tasks);
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (tasks == 0)
            return;
        if (Threads == 1 || tasks == 1)
        {
            body.Run(0, tasks, 0);
            return;
        }

        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("The team is already running: a body may not run another on the same team.");
        Fork(body, tasks);
        RunShare(body, tasks, 0);
        Join();
        _body = null;
        var failure = _failure;
        _failure = null;
        Volatile.Write(ref _busy, 0);
        failure?.Throw();
    }

    /// <summary>Stops the threads and waits for them to end.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        Interlocked.Increment(ref _signals.Epoch);
        WakeParked();
        foreach (var worker in _workers)
            worker.Join();
    }

    private void Fork(IParallelBody body, int tasks)
    {
        _body = body;
        _tasks = tasks;
        Volatile.Write(ref _signals.Pending, _workers.Length);

        // A full fence: a worker that parks either sees the new epoch or is seen as parked.
        Interlocked.Increment(ref _signals.Epoch);
        if (Volatile.Read(ref _parked) > 0)
            WakeParked();
    }

    private void Join()
    {
        // Short pauses first; once the wait is long, or the machine has fewer cores than the team, give the core away.
        for (var i = 0; i < 2000; i++)
        {
            if (Volatile.Read(ref _signals.Pending) == 0)
                return;
            Thread.SpinWait(1);
        }

        while (Volatile.Read(ref _signals.Pending) != 0)
            Thread.Yield();
    }

    private void WakeParked()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            if (!SpinForWork(seen))
                ParkForWork(seen);
            seen = Volatile.Read(ref _signals.Epoch);
            if (_stopping)
                return;
            RunShare(_body!, _tasks, worker);
            Interlocked.Decrement(ref _signals.Pending);
        }
    }

    private bool SpinForWork(int seen)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            for (var i = 0; i < 64; i++)
            {
                if (Volatile.Read(ref _signals.Epoch) != seen)
                    return true;
                Thread.SpinWait(1);
            }
        }
        while (Stopwatch.GetTimestamp() - start < SpinTicks);
        return false;
    }

    private void ParkForWork(int seen)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _parked);
            while (Volatile.Read(ref _signals.Epoch) == seen)
                Monitor.Wait(_gate);
            Interlocked.Decrement(ref _parked);
        }
    }

    private void RunShare(IParallelBody body, int tasks, int worker)
    {
        var first = (int)((long)tasks * worker / Threads);
        var end = (int)((long)tasks * (worker + 1) / Threads);
        if (first == end)
            return;
        try
        {
            body.Run(first, end, worker);
        }
#pragma warning disable CA1031 // Whatever a share throws belongs to the caller, not to the thread it happened on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }
    }

    // Each counter on cache lines of its own, two for the adjacent-line prefetcher: the caller writes one while the workers
    // write the other.
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Signals
    {
        [FieldOffset(128)]
        public int Epoch;

        [FieldOffset(256)]
        public int Pending;
    }
}
