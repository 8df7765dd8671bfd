namespace Elbo.Recording;

/// <summary>Recorders made of others.</summary>
public static class Recorders
{
    /// <summary>Tells several recorders of everything, one after the other.</summary>
    /// <param name="recorders">The recorders.</param>
    public static IProgress<FitEvent> All(params IReadOnlyList<IProgress<FitEvent>> recorders)
    {
        ArgumentNullException.ThrowIfNull(recorders);
        return new Several([.. recorders]);
    }

    /// <summary>Does something with each event, on the thread that fits; unlike <see cref="Progress{T}"/>, before the fit goes on.</summary>
    /// <param name="action">What to do.</param>
    public static IProgress<FitEvent> Of(Action<FitEvent> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new Acting(action);
    }

    private sealed class Several(IProgress<FitEvent>[] recorders) : IProgress<FitEvent>
    {
        public void Report(FitEvent value)
        {
            foreach (var recorder in recorders)
                recorder.Report(value);
        }
    }

    private sealed class Acting(Action<FitEvent> action) : IProgress<FitEvent>
    {
        public void Report(FitEvent value) => action(value);
    }
}
