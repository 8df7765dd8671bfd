namespace Elbo.Cli.Tests;

/// <summary>A small table of customers and a model that was fitted to it in haste.</summary>
public sealed class FittedCustomers : IDisposable
{
    public FittedCustomers()
    {
        Line = new CommandLine();
        Line.Run("simulate", "customers", "--rows", "300", "-o", "~/customers.csv").Succeeds();
        Fit = Line.Run("fit", "~/customers.csv", "-o", "~/customers.elbo", "--epochs", "3", "--hidden", "8", "--threads", "1", "--samples", "16").Succeeds();
    }

    internal CommandLine Line { get; }

    internal Outcome Fit { get; }

    public void Dispose() => Line.Dispose();
}
