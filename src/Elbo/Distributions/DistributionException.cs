namespace Elbo.Distributions;

/// <summary>A parameter outside its domain, or a question that a distribution cannot answer. The message names both and the remedy.</summary>
public sealed class DistributionException : ArgumentException
{
    /// <summary>A mistake described by a message.</summary>
    public DistributionException(string message) : base(message)
    {
    }

    /// <summary>An unnamed mistake.</summary>
    public DistributionException() : this("A distribution was used in a way it does not allow.")
    {
    }

    /// <summary>A mistake with the exception behind it.</summary>
    public DistributionException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
