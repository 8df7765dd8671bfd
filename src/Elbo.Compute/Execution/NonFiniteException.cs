namespace Elbo.Compute;

/// <summary>The first operation of a run that made an infinite value or a NaN, found with <see cref="CompileOptions.FindNonFinite"/>.</summary>
public sealed class NonFiniteException : ArithmeticException
{
    /// <summary>A finding described by a message.</summary>
    public NonFiniteException(string message) : base(message)
    {
    }

    /// <summary>An unnamed finding.</summary>
    public NonFiniteException() : this("A value is not finite.")
    {
    }

    /// <summary>A finding with the exception behind it.</summary>
    public NonFiniteException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
