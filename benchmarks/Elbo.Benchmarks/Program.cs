using System.Globalization;
using System.Text.Json;
using Elbo.Benchmarks;
using Elbo.Benchmarks.Results;

// benchmarks [FILTER] [--json]               the suites whose name contains the filter, a figure a line
// benchmarks results --data DIR [--write F]  fits to real tables, as Markdown
if (args is ["results", ..])
    return TableResults.Run(args[1..]);
var asJson = args.Contains("--json");
var filter = args.FirstOrDefault(a => !a.StartsWith('-')) ?? "";
(string Name, Func<IEnumerable<Measurement>> Run)[] suites =
[
    ("vae-step", VaeStepBenchmark.Run),
    ("table-training", TableTrainingBenchmark.Run),
    ("matrix-product", MatrixProductBenchmark.Run),
];
foreach (var (name, run) in suites.Where(s => s.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
{
    if (!asJson)
        Console.WriteLine(name);
    foreach (var m in run())
        Console.WriteLine(asJson ? Json(m) : Line(m));
}
return 0;

static string Line(Measurement m)
{
    var ratio = m.Ratio is { } r ? string.Create(CultureInfo.InvariantCulture, $"ratio {r:0.00}") : "";
    var bar = m.Bar is { } b ? string.Create(CultureInfo.InvariantCulture, $"bar {b:0.##}") : "";
    var verdict = m.Holds switch { true => "holds", false => "FALLS SHORT", null => "" };
    return string.Create(CultureInfo.InvariantCulture, $"  {m.Name,-52} {m.Value,12:0.###} {m.Unit,-9} {ratio,-11} {bar,-12} {verdict}").TrimEnd();
}

static string Json(Measurement m) => JsonSerializer.Serialize(new { name = m.Name, value = m.Value, unit = m.Unit, bar = m.Bar, ratio = m.Ratio, holds = m.Holds });
