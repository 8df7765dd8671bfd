using System.Text;

namespace Elbo.Benchmarks.Results;

/// <summary>What diffusion models are worth: beside densities that are known, and of images of digits beside autoencoders.</summary>
internal static class DiffusionResults
{
    public const ulong Seed = 1;

    public static int Run(string[] args)
    {
        var parts = new (string Name, Func<string[], string?> Write)[]
        {
            ("plane", DiffusionPlane.Write),
            ("optdigits", args => DiffusionDigits.Write(args, DigitTrial.Optdigits)),
            ("mnist", args => DiffusionDigits.Write(args, DigitTrial.Mnist)),
            ("speed", DiffusionSpeed.Write),
        };
        var only = ResultPage.Option(args, "--only");
        if (only is not null && parts.All(p => p.Name != only))
        {
            Console.Error.WriteLine($"There is no part {only}; there are {string.Join(", ", parts.Select(p => p.Name))}.");
            return 2;
        }
        foreach (var (name, write) in parts.Where(p => only is null || only == p.Name))
        {
            if (write(args) is not { } page)
                return 2;
            ResultPage.WriteSection(args, "diffusion-" + name, page);
        }
        return 0;
    }

    /// <summary>How the section was made, as its first line.</summary>
    public static string Command(string part, string options = "") =>
        $"Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- diffusion --only {part}{options} --write docs/results.md`.";

    public static void Tell(StringBuilder page, string line)
    {
        page.AppendLine(line);
        Console.Error.WriteLine(line);
    }
}
