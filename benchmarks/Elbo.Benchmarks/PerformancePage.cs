using System.Globalization;
using System.Text;
using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>Measurements as a page of the documentation.</summary>
internal static class PerformancePage
{
    public static void Write(string path, IEnumerable<(Suite Suite, IReadOnlyList<Measurement> Figures)> suites)
    {
        var page = new StringBuilder(Head());
        foreach (var (suite, figures) in suites)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {suite.Title}\n\n| what | figure | unit | ratio | bar | |\n|---|---|---|---|---|---|\n");
            foreach (var m in figures)
                page.Append(CultureInfo.InvariantCulture, $"| {m.Name.Trim()} | {m.ValueText} | {m.Unit} | {m.RatioText} | {m.BarText} | {m.Verdict}{m.Note} |\n");
            if (suite.Remaining.Length > 0)
                page.Append(CultureInfo.InvariantCulture, $"\n{suite.Remaining}\n");
        }
        File.WriteAllText(path, page.ToString());
    }

    private static string Head() => string.Create(CultureInfo.InvariantCulture, $"""
        # Performance

        Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- --write docs/performance.md` on a machine with
        {Environment.ProcessorCount} cores and {8 * (int)VectorWidths.Best}-bit vectors. Figures of different runs or machines do not compare; ratios within a run do.

        """);
}
