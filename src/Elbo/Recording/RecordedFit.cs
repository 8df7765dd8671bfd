namespace Elbo.Recording;

/// <summary>A fit from its start to its end, as a recorder is told of it.</summary>
internal static class RecordedFit
{
    /// <summary>Fits, and tells of the start, of what is to be seen, and of the end, however that comes.</summary>
    /// <param name="recorder">Who is told; null for nobody.</param>
    /// <param name="kind">The kind of model.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="settings">Options.</param>
    /// <param name="fit">Fits.</param>
    /// <param name="views">What is to be seen of the result, if anything.</param>
    public static T Of<T>(IProgress<FitEvent>? recorder, string kind, ulong seed, IReadOnlyList<FitSetting> settings, Func<T> fit, Func<T, FitEvent?>? views = null)
    {
        if (recorder is null)
            return fit();
        recorder.Report(new FitStarted(kind, seed, settings));
        try
        {
            var result = fit();
            if (views?.Invoke(result) is { } view)
                recorder.Report(view);
            recorder.Report(new FitEnded(FitOutcome.Finished));
            return result;
        }
        catch (Exception e)
        {
            recorder.Report(new FitEnded(e is OperationCanceledException ? FitOutcome.Stopped : FitOutcome.Failed) { Message = e.Message });
            throw;
        }
    }
}
