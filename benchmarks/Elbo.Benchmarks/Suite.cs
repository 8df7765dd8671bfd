namespace Elbo.Benchmarks;

/// <summary>A part of the program that can be run alone.</summary>
/// <param name="Name">What picks it on the command line.</param>
/// <param name="Title">What it measures, as a heading.</param>
/// <param name="Run">Measures, one figure at a time.</param>
/// <param name="Remaining">Where the remaining time goes, in words: figures come from the program alone.</param>
internal sealed record Suite(string Name, string Title, Func<IEnumerable<Measurement>> Run, string Remaining = "")
{
    /// <summary>Its compiled functions, to be profiled: each with its name and the threads it was compiled for. Whoever asks disposes them.</summary>
    public Func<IEnumerable<ProfiledFunction>>? Functions { get; init; }
}

/// <summary>A compiled function that can be looked into.</summary>
/// <param name="Name">What it computes.</param>
/// <param name="Threads">By how many threads.</param>
/// <param name="Function">The function, ready to run.</param>
/// <param name="Owner">What to dispose of with it.</param>
/// <param name="Runs">How often it is run for that.</param>
internal sealed record ProfiledFunction(string Name, int Threads, Elbo.Compute.CompiledFunction Function, IDisposable Owner, int Runs = 300);
