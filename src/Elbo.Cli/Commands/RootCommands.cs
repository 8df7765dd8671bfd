using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Elbo.Cli.Output;

namespace Elbo.Cli.Commands;

/// <summary>The root of the command line.</summary>
internal static class RootCommands
{
    public const string DebugOption = "--debug";
    public const string QuietOption = "--quiet";

    private const string Description = """
        Finds the hidden causes behind a table, images or texts by maximising the Evidence Lower Bound (ELBO).

        A table (CSV or TSV, also .gz) with columns of any kind and holes in it goes in; out comes a variational autoencoder
        that fills the holes, encodes rows as a few numbers, tells unusual rows from usual ones, and draws new ones. Images
        (IDX, .npy, .npz, a folder of PNG files) go in as well, and texts (a column, or a folder of .txt files).

          elbo simulate customers -o customers.csv      an example table
          elbo fit customers.csv                        trains customers.elbo
          elbo impute customers.csv -m customers.elbo -o filled.csv --draws 20
          elbo fit train-images-idx3-ubyte.gz -o digits.elbo
          elbo sample -m digits.elbo -n 64 -o digits.png
          elbo fit news.csv --text story --topics 20    finds what the texts are about

        Exit codes: 0 done, 2 bad input or usage, 130 interrupted, 1 internal error.
        """;

    /// <summary>The version of the program, as in its package.</summary>
    public static string Version { get; } =
        typeof(RootCommands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand(DescribedCommand.Unwrap(Description))
        {
            FitCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            ImputeCommand.Create(terminal),
            EncodeCommand.Create(terminal),
            ScoreCommand.Create(terminal),
            ClassifyCommand.Create(terminal),
            DiagnoseCommand.Create(terminal),
            SampleCommand.Create(terminal),
            ReconstructCommand.Create(terminal),
            TraverseCommand.Create(terminal),
            FactorsCommand.Create(terminal),
            TopicsCommand.Create(terminal),
            InfoCommand.Create(terminal),
            RunsCommand.Create(terminal),
            SimulateCommand.Create(terminal),
            DashboardCommand.Create(terminal),
            ReportCommand.Create(terminal),
            PlotCommand.Create(terminal),
        };
        root.HelpName = "elbo";
        root.Add(new Option<bool>(DebugOption) { Description = "Say where in the program an internal error happened.", Recursive = true });
        root.Add(new Option<bool>(QuietOption, "-q") { Description = "Say nothing but errors; with --json, only the result.", Recursive = true });
        foreach (var option in root.Options.OfType<VersionOption>())
            option.Action = new PrintVersion(terminal);
        var help = new PrintHelp(terminal);
        foreach (var option in root.Options.OfType<HelpOption>())
            option.Action = help;
        root.SetAction(parsed =>
        {
            help.Invoke(parsed);
            return ExitCode.BadInput;
        });
        return root;
    }

    /// <summary>Help as wide as the terminal; a command's own help says more of it than the list of commands does.</summary>
    private sealed class PrintHelp(Terminal terminal) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            if (parseResult.CommandResult.Command is DescribedCommand command)
                command.Description = command.Details;
            return new HelpAction { MaxWidth = terminal.Width }.Invoke(parseResult);
        }
    }

    private sealed class PrintVersion(Terminal terminal) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            terminal.Out.WriteLine($"elbo {Version}");
            return ExitCode.Done;
        }
    }
}
