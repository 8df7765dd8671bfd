using System.Diagnostics;

namespace Elbo.Benchmarks;

/// <summary>How long things take: the best of several trials, since other work on the machine only ever makes one slower.</summary>
internal static class Stopclock
{
    private const double SecondsPerTrial = 0.02;
    private const double WarmUpSeconds = 0.3;

    /// <summary>Seconds that one call takes, in the best of some trials of many calls each.</summary>
    public static double SecondsEach(Action action, int trials = 5)
    {
        // Code that is not compiled as a whole at once runs slowly at first.
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds;)
            action();
        var count = 1L;
        while (Seconds(action, count) < SecondsPerTrial)
            count *= 2;
        return Enumerable.Range(0, trials).Min(_ => Seconds(action, count)) / count;
    }

    /// <summary>Seconds that one call of each takes, in the best of trials that take turns, so that both meet the same machine.</summary>
    public static (double First, double Second) SecondsOfBoth(Action first, Action second, int trials = 9)
    {
        var counts = new[] { CallsPerTrial(first), CallsPerTrial(second) };
        var best = new[] { double.PositiveInfinity, double.PositiveInfinity };
        for (var trial = 0; trial < trials; trial++)
        {
            best[0] = Math.Min(best[0], Seconds(first, counts[0]) / counts[0]);
            best[1] = Math.Min(best[1], Seconds(second, counts[1]) / counts[1]);
        }
        return (best[0], best[1]);
    }

    private static long CallsPerTrial(Action action)
    {
        const double SecondsPerTurn = 0.005;
        var count = 1L;
        while (Seconds(action, count) < SecondsPerTurn)
            count *= 2;
        return count;
    }

    /// <summary>Seconds that one call takes, the median of some rounds of so many calls each.</summary>
    public static double MedianSecondsEach(Action action, int rounds, int calls)
    {
        var seconds = Enumerable.Range(0, rounds).Select(_ => Seconds(action, calls) / calls).Order().ToArray();
        return seconds[seconds.Length / 2];
    }

    /// <summary>Seconds of a single call.</summary>
    public static double SecondsOnce(Action action) => Seconds(action, 1);

    private static double Seconds(Action action, long count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0L; i < count; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
