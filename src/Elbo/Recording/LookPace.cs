namespace Elbo.Recording;

/// <summary>When to look at a model while it is trained: looks take at most a small share of the time, and are a fourth of it apart, so that there are some fifty of them in a day.</summary>
internal sealed class LookPace
{
    private const double MostOfTheTime = 0.04;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    private readonly Pace _pace = new(First, 0.25);
    private TimeSpan _spent;
    private TimeSpan _last;

    /// <summary>Whether it is time for a look; if so, the next time is later.</summary>
    public bool IsDue() => _spent + _last <= MostOfTheTime * _pace.Elapsed && _pace.IsDue();

    /// <summary>Takes a look, whose time counts.</summary>
    /// <param name="look">What there is to be seen.</param>
    /// <param name="recorder">Who is told.</param>
    /// <param name="epoch">After which epoch; null at the end.</param>
    public void Take(IEnumerable<FitEvent> look, IProgress<FitEvent> recorder, int? epoch)
    {
        var before = _pace.Elapsed;
        try
        {
            foreach (var view in look)
                recorder.Report(view);
        }
        catch (ArgumentException e)
        {
            // Parts of one's own may not give all that there is to be seen of others; that is no reason to end a fit.
            recorder.Report(new FitNotice($"Not all of the model can be shown: {e.Message}") { Epoch = epoch });
        }
        _last = _pace.Elapsed - before;
        _spent += _last;
    }
}
