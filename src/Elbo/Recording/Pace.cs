using System.Diagnostics;

namespace Elbo.Recording;

/// <summary>Says when to report: at most once in a while, and the later the more seldom, so that a fit of any length has a record of bounded size.</summary>
/// <param name="least">The shortest time between two.</param>
/// <param name="share">The share of the time since the start that goes by at least between two.</param>
internal sealed class Pace(TimeSpan least, double share)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan? _next;

    /// <summary>The time since the start.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Whether it is time; if so, the next time is later.</summary>
    public bool IsDue()
    {
        var now = Elapsed;
        if (now < (_next ?? least))
            return false;
        _next = now + (share * now is var part && part > least ? part : least);
        return true;
    }
}
