using System.Globalization;
using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>Measurements as a page of the documentation.</summary>
internal static class PerformancePage
{
    public static string Head() => string.Create(CultureInfo.InvariantCulture, $"""
        # Performance

        Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- --write docs/performance.md` on a machine with
        {Environment.ProcessorCount} cores and {8 * (int)VectorWidths.Best}-bit vectors. Figures of different runs or machines do not compare; ratios within a run do.

        """);

    public static string Section(string title) => $"\n## {title}\n\n| what | figure | unit | ratio | bar | |\n|---|---|---|---|---|---|\n";

    public static string Row(Measurement m) => string.Create(CultureInfo.InvariantCulture,
        $"| {m.Name.Trim()} | {m.Value:0.###} | {m.Unit} | {m.Ratio:0.00} | {m.Bar:0.##} | {m.Verdict} |\n");
}
