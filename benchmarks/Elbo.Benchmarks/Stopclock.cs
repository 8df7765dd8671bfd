using System.Diagnostics;

namespace Elbo.Benchmarks;

/// <summary>How long things take: the best of several trials, since other work on the machine only ever makes one slower.</summary>
internal static class Stopclock
{
    private const double SecondsPerTrial = 0.02;
    private const double WarmUpSeconds = 0.3;

    /// <summary>Seconds that one call takes, in the best of some trials of many calls each.</summary>
    public static double SecondsEach(Action action, int trials = 5, double secondsPerTrial = SecondsPerTrial)
    {
        WarmUp(action, WarmUpSeconds);
        var count = 1L;
        while (Seconds(action, count) < secondsPerTrial)
            count *= 2;
        return Enumerable.Range(0, trials).Min(_ => Seconds(action, count)) / count;
    }

    /// <summary>Seconds that a call of each of two actions takes, their trials by turns, so that a change of the machine's pace meets both.</summary>
    public static (double One, double Other) SecondsEachOf(Action one, Action other, int trials = 7)
    {
        var (countOfOne, countOfOther) = (CountAfterWarmUp(one), CountAfterWarmUp(other));
        var (ofOne, ofOther) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var trial = 0; trial < trials; trial++)
        {
            ofOne = Math.Min(ofOne, Seconds(one, countOfOne) / countOfOne);
            ofOther = Math.Min(ofOther, Seconds(other, countOfOther) / countOfOther);
        }
        return (ofOne, ofOther);

        static long CountAfterWarmUp(Action action) => Math.Max(1, (long)(WarmUp(action, WarmUpSeconds / 3) * SecondsPerTrial / (WarmUpSeconds / 3)));
    }

    /// <summary>Seconds that one call takes, the median of some rounds of so many calls each.</summary>
    public static double MedianSecondsEach(Action action, int rounds, int calls)
    {
        var seconds = Enumerable.Range(0, rounds).Select(_ => Seconds(action, calls) / calls).Order().ToArray();
        return seconds[seconds.Length / 2];
    }

    /// <summary>Bytes that one call allocates on the managed heap, on average.</summary>
    public static long AllocatedBytesEach(Action action)
    {
        const int Calls = 100;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++)
            action();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }

    /// <summary>Seconds of a single call.</summary>
    public static double SecondsOnce(Action action) => Seconds(action, 1);

    // Code that is not compiled as a whole at once runs slowly at first. Returns how often the action ran.
    private static long WarmUp(Action action, double seconds)
    {
        var calls = 0L;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; calls++)
            action();
        return calls;
    }

    private static double Seconds(Action action, long count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0L; i < count; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
