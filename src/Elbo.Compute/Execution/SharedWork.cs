using System.Runtime.ExceptionServices;

namespace Elbo.Compute.Execution;

/// <summary>Independent pieces of work, some milliseconds in all, on a few threads of their own: a first use of the thread pool would take as long.</summary>
internal static class SharedWork
{
    // Fewer pieces than this are done before a thread has started.
    private const int PiecesWorthAThread = 4;

    /// <summary>Does all pieces, each once, and returns when all are done. The first exception is thrown here, the rest of the work left.</summary>
    public static void Run(int pieces, int threads, Action<int> work)
    {
        var next = -1;
        ExceptionDispatchInfo? failure = null;
        var others = new Thread[Math.Max(0, Math.Min(threads, pieces / PiecesWorthAThread) - 1)];
        for (var t = 0; t < others.Length; t++)
        {
            others[t] = new Thread(TakePieces) { IsBackground = true, Name = "Elbo compiler" };
            others[t].Start();
        }
        TakePieces();
        foreach (var thread in others)
            thread.Join();
        failure?.Throw();

        void TakePieces()
        {
            try
            {
                for (var piece = Interlocked.Increment(ref next); piece < pieces && Volatile.Read(ref failure) is null; piece = Interlocked.Increment(ref next))
                    work(piece);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }
}
