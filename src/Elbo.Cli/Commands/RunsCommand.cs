using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo runs</c>: the records of fits, listed, shown, compared and removed.</summary>
internal static class RunsCommand
{
    private const string Description = """
        List the records of fits, the latest first; show one, compare two, remove some.

        Every 'elbo fit' records its run in a folder: what was asked for, each epoch, tables and pictures of the model, and what it came to. A run is named
        by the beginning or the end of its name where that is enough, by the path of its folder, or as 'latest'.

          elbo runs
          elbo runs show latest
          elbo runs compare 20260801-1 20260802
          elbo runs remove 20260801-101530-customers
        """;

    public static Command Create(Terminal terminal)
    {
        var runs = new Option<string?>("--runs") { Description = $"The folder of runs. [default: {RunFolder.UsualName} in the current folder]", HelpName = "DIR", Recursive = true };
        var json = OptionOf.Json("JSON: of a list an object a line.");
        json.Recursive = true;
        var command = new DescribedCommand("runs", Description) { runs, json };
        command.SetAction(parsed => List(terminal, Folder(parsed, runs), parsed.GetValue(json)));

        var one = new Argument<string>("RUN") { Description = "The run." };
        var show = new DescribedCommand("show", "Show what was fitted and how, how it went, what it came to, and what is to be doubted.") { one };
        show.SetAction(parsed => Show(terminal, RunFolder.Find(Folder(parsed, runs), parsed.GetRequiredValue(one)), parsed.GetValue(json)));

        var (first, second) = (new Argument<string>("A") { Description = "A run." }, new Argument<string>("B") { Description = "Another." });
        var compare = new DescribedCommand("compare", "Show what differs between two runs: options, bounds and their terms.") { first, second };
        compare.SetAction(parsed => Compare(terminal, [.. new[] { first, second }.Select(a => RunFolder.Find(Folder(parsed, runs), parsed.GetRequiredValue(a)))], parsed.GetValue(json)));

        var some = new Argument<string[]>("RUN") { Description = "The runs to remove.", Arity = ArgumentArity.OneOrMore };
        var remove = new DescribedCommand("remove", "Remove runs. Only files that a run has are deleted, and nothing of a run whose fit goes on; models stay.") { some };
        remove.SetAction(parsed => Remove(terminal, [.. parsed.GetRequiredValue(some).Select(name => RunFolder.Find(Folder(parsed, runs), name)).DistinctBy(r => r.Folder)], parsed.GetValue(json)));
        command.Add(show);
        command.Add(compare);
        command.Add(remove);
        return command;
    }

    private static string Folder(ParseResult parsed, Option<string?> runs) => parsed.GetValue(runs) ?? RunFolder.UsualName;

    private static int List(Terminal terminal, string folder, bool json)
    {
        if (!Directory.Exists(folder))
            throw new DataException(folder, "there is no such folder of runs", "Name it with --runs; 'elbo fit' records runs beside the model it saves");
        var runs = RunFolder.All(folder).Select(r => (Run: r, Overview: RunOverview.Of(r))).ToList();
        if (json)
        {
            foreach (var (run, overview) in runs)
                terminal.Out.WriteLine(RunJson.Of(run, overview));
            return ExitCode.Done;
        }

        if (runs.Count == 0)
            terminal.Out.WriteLine($"{folder} has no runs in it.");
        else
            Write(terminal, RunText.List([.. runs.Select(r => r.Overview)], terminal.Width, terminal.HasColour));
        foreach (var (run, overview) in runs.Where(r => r.Overview.Problems > 0))
            terminal.Notice($"{run.Folder}: {run.Problems[0]}{(overview.Problems > 1 ? $", and {overview.Problems - 1} more" : "")}.");
        return ExitCode.Done;
    }

    private static int Show(Terminal terminal, RunReader run, bool json)
    {
        if (json)
            terminal.Out.WriteLine(RunJson.Whole(run));
        else
            Write(terminal, RunText.Show(run, terminal.Width, terminal.HasColour));
        return ExitCode.Done;
    }

    private static int Compare(Terminal terminal, RunReader[] runs, bool json)
    {
        var comparison = RunComparison.Of(runs[0], runs[1]);
        if (json)
            terminal.Out.WriteLine(RunJson.Of(comparison));
        else
            Write(terminal, RunText.Compare(comparison, terminal.Width, terminal.HasColour));
        return ExitCode.Done;
    }

    private static int Remove(Terminal terminal, RunReader[] runs, bool json)
    {
        foreach (var run in runs)
        {
            var isGone = RunFolder.Remove(run);
            if (json)
                terminal.Out.WriteLine(JsonText.Line("removed", new() { ["run"] = run.Id, ["isEmpty"] = isGone }));
            else if (!terminal.IsQuiet)
                terminal.Out.WriteLine($"Removed {run.Id}{(isGone ? "" : "; its folder stays, as there are other files in it")}.");
        }

        return ExitCode.Done;
    }

    private static void Write(Terminal terminal, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            terminal.Out.WriteLine(line);
    }
}
