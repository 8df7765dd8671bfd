using System.Text;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>The speed of the U-Net of MNIST digits.</summary>
internal static class DiffusionSpeed
{
    public static string Write(string[] args)
    {
        var page = new StringBuilder();
        page.AppendLine("## Speed of a diffusion model of MNIST\n");
        page.AppendLine(DiffusionResults.Command("speed"));
        page.AppendLine("The ratio is that of the operations of convolutions and products alone to what the multiply-add peak allows, measured in the same run.\n");
        page.AppendLine("| what | figure | unit | ratio | bar | |\n|---|---:|---|---:|---:|---|");
        foreach (var m in UNetStepBenchmark.Run())
            DiffusionResults.Tell(page, Invariant($"| {m.Name} | {m.ValueText} | {m.Unit} | {m.RatioText} | {m.BarText} | {m.Verdict} |"));
        return page.ToString();
    }
}
