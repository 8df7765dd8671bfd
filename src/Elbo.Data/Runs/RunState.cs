namespace Elbo.Data;

/// <summary>How a run stands.</summary>
public enum RunState
{
    /// <summary>Its fit goes on.</summary>
    Running,

    /// <summary>Its fit ended by itself.</summary>
    Finished,

    /// <summary>Its fit was stopped by request, and may go on.</summary>
    Stopped,

    /// <summary>Its fit ended by an error, which its event <c>ended</c> names.</summary>
    Failed,

    /// <summary>The process that fitted ended without a word: it was killed, or the machine was.</summary>
    Lost,

    /// <summary>The record does not say.</summary>
    Unknown,
}

/// <summary>Something in the folder of a run that cannot be read.</summary>
/// <param name="File">The file, as named in the folder.</param>
/// <param name="Line">Its line, from 1; null where it is not at one line.</param>
/// <param name="Reason">What is wrong with it, and what is lost.</param>
public sealed record RunProblem(string File, long? Line, string Reason)
{
    /// <summary>All in one sentence.</summary>
    public override string ToString() => Line is { } line ? $"{File}:{line}: {Reason}" : $"{File}: {Reason}";
}
