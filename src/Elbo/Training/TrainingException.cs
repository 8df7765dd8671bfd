namespace Elbo.Training;

/// <summary>Training that cannot go on; the message says why and what to try.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>A failure described by a message.</summary>
    public TrainingException(string message) : base(message)
    {
    }

    /// <summary>An unnamed failure.</summary>
    public TrainingException() : this("Training cannot go on.")
    {
    }

    /// <summary>A failure with the exception behind it.</summary>
    public TrainingException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
