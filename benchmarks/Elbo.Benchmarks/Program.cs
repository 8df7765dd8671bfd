using System.Globalization;
using Elbo.Benchmarks;

// Usage: benchmarks [filter]; runs the suites whose name contains the filter.
var filter = args.FirstOrDefault() ?? "";
(string Name, Func<IEnumerable<Measurement>> Run)[] suites =
[
    ("matrix-product", MatrixProductBenchmark.Run),
];
foreach (var (name, run) in suites.Where(s => s.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
{
    Console.WriteLine(name);
    foreach (var m in run())
    {
        var ratio = m.Ratio is { } r ? r.ToString("P0", CultureInfo.InvariantCulture) : "";
        var verdict = m.Holds switch { true => "holds", false => "FALLS SHORT", null => "" };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {m.Name,-44} {m.Value,10:F1} {m.Unit,-8} {ratio,6} {verdict}"));
    }
}
