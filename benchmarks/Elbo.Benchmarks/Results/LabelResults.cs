using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>Models with a label of which little is known, beside published numbers and a peer on the same labels. Trainings are kept in a folder and go on where they stood.</summary>
internal static class LabelResults
{
    public static int Run(string[] args)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return 2;
        var folder = ResultPage.Option(args, "--runs") ?? "runs";
        var only = ResultPage.Option(args, "--only");
        if (only != "adult")
            ResultPage.WriteSection(args, "few labels of MNIST", Head("MNIST with 100 labels", only) + new DigitLabels(data, folder, only).Page());
        if (only is null or "adult")
            ResultPage.WriteSection(args, "few labels of Adult", Head("Adult with 200 labels", "adult") + AdultLabels.Page(data, folder));
        return 0;
    }

    private static string Head(string title, string? only) => Invariant($"""
        ## {title}

        Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- labels --data DIR --runs DIR{(only is null ? "" : $" --only {only}")} --write docs/results.md`.
        {Environment.ProcessorCount} threads, multiply-add peak {PeakLoop.Gigaflops(false):0} GFLOP/s a core. Minutes and seconds are those of training, with whatever else the machine was doing.


        """);
}
