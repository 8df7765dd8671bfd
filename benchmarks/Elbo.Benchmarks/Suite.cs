namespace Elbo.Benchmarks;

/// <summary>A part of the program that can be run alone.</summary>
/// <param name="Name">What picks it on the command line.</param>
/// <param name="Title">What it measures, as a heading.</param>
/// <param name="Run">Measures, one figure at a time.</param>
/// <param name="Remaining">Where the remaining time goes, in words: figures come from the program alone.</param>
internal sealed record Suite(string Name, string Title, Func<IEnumerable<Measurement>> Run, string Remaining = "");
