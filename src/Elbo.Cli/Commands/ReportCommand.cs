using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Dashboard;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo report</c>: a fit as a file to mail or to keep.</summary>
internal static class ReportCommand
{
    private const string Description = """
        Write what the dashboard shows of a fit to one file.

        The file holds all it needs and opens in any browser, without the internet. RUN is the name of a run or its beginning, its folder, "latest", or a model's file; of several runs any two can be
        compared in the report. With --svg or --png a single picture is written instead.

          elbo report latest -o report.html
          elbo report customers.elbo -o customers.html
          elbo report 20260101-120000-a 20260101-130000-b -o both.html
          elbo report latest --svg bound -o bound.svg
          elbo report latest --png samples -o samples.png
        """;

    public static Command Create(Terminal terminal)
    {
        var names = new Argument<string[]>("RUN") { Description = $"Runs or models. [default: {OpenedRun.Latest}]", Arity = ArgumentArity.ZeroOrMore };
        var runs = DashboardCommand.Runs();
        var output = OptionOf.Output("The file to write. [default: the name of the run, with .html, .svg or .png]");
        var svg = new Option<string?>("--svg") { Description = "Write one picture as a drawing: bound, gap, terms, latents, columns, …", HelpName = "PICTURE" };
        var png = new Option<string?>("--png") { Description = "Write one picture as pixels: those of --svg, or samples, reconstructions, traversals.", HelpName = "PICTURE" };
        var command = new DescribedCommand("report", Description) { names, output, svg, png, runs };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(names) is { Length: > 0 } some ? some : [OpenedRun.Latest], parsed.GetValue(runs), parsed.GetValue(output), parsed.GetValue(svg), parsed.GetValue(png)));
        return command;
    }

    private static int Run(Terminal terminal, string[] names, string? folder, string? output, string? svg, string? png)
    {
        if (svg is not null && png is not null)
            throw new UsageException("--svg and --png are two ways to write one picture. Give one of them.");
        if (names.Length > 1 && (svg ?? png) is not null)
            throw new UsageException("A single picture is of a single run. Name one.");
        FileNames.CheckOutput(output, [.. names.Where(File.Exists)]);
        RunSource[] sources = [.. names.Select(n => OpenedRun.Open(folder, n, terminal))];
        var path = output ?? $"{RunNameOf(sources[0])}{(svg ?? png) switch { null => "", var picture => $"-{picture}" }}.{(svg is not null ? "svg" : png is not null ? "png" : "html")}";
        if (svg is not null)
            Drawing(sources[0], svg, "").Save(path);
        else if (png is not null)
            WritePng(sources[0], png, path);
        else
            Report.Write(path, sources);
        terminal.Out.WriteLine(path);
        return ExitCode.Done;
    }

    private static void WritePng(RunSource source, string name, string path)
    {
        var made = RunPictures.MadeBy(source);
        var bytes = made.TryGetValue(name, out var picture) ? picture() ?? throw new UsageException($"--png: the picture '{name}' of {source.Name} cannot be read any more.")
            : Drawing(source, name, string.Join("", made.Keys.Select(k => $", {k}"))).ToPng();
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    private static Data.Pictures.Picture Drawing(RunSource source, string name, string others)
    {
        var drawings = RunPictures.Of(source);
        if (drawings.TryGetValue(name, out var draw))
            return draw();
        throw new UsageException(drawings.Count == 0 && others.Length == 0 ? $"{source.Name} has nothing yet that could be drawn."
            : $"{source.Name} has no picture '{name}'. It has {string.Join(", ", drawings.Keys)}{others}.");
    }

    // The name is that of a model's file or what a program chose: it may hold anything.
    private static string RunNameOf(RunSource source)
    {
        var name = string.Concat(source.Name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).Trim('.', '-');
        return name.Length > 0 ? name : "report";
    }
}
