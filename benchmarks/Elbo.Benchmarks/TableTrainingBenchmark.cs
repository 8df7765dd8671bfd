using System.Diagnostics;
using Elbo.Data;
using Elbo.Data.Simulators;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Benchmarks;

/// <summary>From a file of 100,000 rows and 50 columns to a trained model with the default network: reading and training.</summary>
internal static class TableTrainingBenchmark
{
    /// <summary>Where the remaining time goes.</summary>
    public const string Remaining = """
        Reading is bound by splitting text into cells and by converting numbers, on one thread. An epoch is bound by many small
        kernels: the networks are narrow, so likelihoods, batches and Adam weigh as much as the products.
        """;

    private const double Bar = 400_000;
    private const int Epochs = 30;

    public static IEnumerable<Measurement> Run()
    {
        var path = Path.Combine(Path.GetTempPath(), $"elbo-benchmark-{Environment.ProcessId}.csv");
        try
        {
            var simulator = TableSimulators.Find("sensors");
            TableSimulators.Write(simulator, path, new Simulation(100_000, 1, simulator.DefaultMissing));
            foreach (var measurement in Measure(path))
                yield return measurement;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<Measurement> Measure(string path)
    {
        var start = Stopwatch.GetTimestamp();
        var table = TableReader.Read(path).Table;
        var reading = Stopwatch.GetElapsedTime(start).TotalSeconds;
        yield return new("reading 100,000 x 50 from text", reading, "s");

        start = Stopwatch.GetTimestamp();
        var ends = new List<double>();
        using var model = TableVae.Fit(table, null, new TrainingOptions { Epochs = Epochs, Patience = Epochs, Threads = 2 }, (_, _) =>
        {
            ends.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            return true;
        });
        var epochs = ends.Zip(ends.Skip(1), (a, b) => b - a).Order().ToArray();
        yield return new("start of training to the end of the first epoch", ends[0], "s");
        yield return Measurement.AtLeast("rows a second in an epoch (median)", table.RowCount / epochs[epochs.Length / 2], "rows/s", Bar);
        yield return Measurement.AtLeast($"rows a second over reading and {Epochs} epochs", (double)table.RowCount * Epochs / (reading + ends[^1]), "rows/s", Bar);
        yield return new("peak working set", Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, "MB");
    }
}
