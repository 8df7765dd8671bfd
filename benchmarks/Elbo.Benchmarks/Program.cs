using System.Text;
using Elbo.Benchmarks;
using Elbo.Benchmarks.Results;

// benchmarks [FILTER] [--json] [--write F]   the suites whose name contains the filter, a figure a line; F as Markdown
// benchmarks results --data DIR [--write F]  fits to real tables, as Markdown
if (args is ["compile-probe", var probed])
    return CompileProbe.Run(probed);
if (args is ["results", ..])
    return TableResults.Run(args[1..]);
var asJson = args.Contains("--json");
var writeAt = Array.IndexOf(args, "--write");
var filter = args is [var first, ..] && !first.StartsWith('-') ? first : "";
(string Name, string Title, Func<IEnumerable<Measurement>> Run)[] suites =
[
    ("vae-step", "One training step of a variational autoencoder, 784-400-20, batch 128, Adam", VaeStepBenchmark.Run),
    ("table-training", "From a file of 100,000 rows and 50 columns to a model, default network, 2 threads", TableTrainingBenchmark.Run),
    ("matrix-product", "Matrix products on one thread against the multiply-add peak of the core", MatrixProductBenchmark.Run),
    ("small-models", "Gradient steps of small Bayesian models", SmallModelBenchmark.Run),
];
var page = new StringBuilder(PerformancePage.Head());
foreach (var (name, title, run) in suites.Where(s => s.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
{
    if (!asJson)
        Console.WriteLine(name);
    page.Append(PerformancePage.Section(title));
    foreach (var measurement in run())
    {
        Console.WriteLine(asJson ? measurement.ToJson() : measurement.ToString());
        page.Append(PerformancePage.Row(measurement));
    }
}
if (writeAt >= 0 && writeAt + 1 < args.Length)
    File.WriteAllText(args[writeAt + 1], page.ToString());
return 0;
