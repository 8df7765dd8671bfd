namespace Elbo.Programs;

/// <summary>A model that cannot mean what it says: the message names the site, what was expected, what was found, and the likely fix.</summary>
public sealed class ModelException : InvalidOperationException
{
    /// <summary>A mistake described by a message.</summary>
    public ModelException(string message) : base(message)
    {
    }

    /// <summary>An unnamed mistake.</summary>
    public ModelException() : this("The model is not well formed.")
    {
    }

    /// <summary>A mistake with the exception that revealed it.</summary>
    public ModelException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
