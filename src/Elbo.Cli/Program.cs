using System.CommandLine;
using System.CommandLine.Invocation;
using Elbo.Cli.Commands;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Training;

namespace Elbo.Cli;

/// <summary>The <c>elbo</c> command.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        using var terminal = Terminal.OfSystem();
        return Run(args, terminal);
    }

    /// <summary>Runs a command line; see <see cref="ExitCode"/> for what it returns.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        var root = RootCommands.Create(terminal);
        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (parsed.Action is ParseErrorAction)
        {
            terminal.Fail(UsageErrors.Of(parsed));
            terminal.Error.WriteLine($"Say '{CommandPath(parsed)} --help' for what there is.");
            return ExitCode.BadInput;
        }

        terminal.IsQuiet = parsed.GetValue<bool>(RootCommands.QuietOption);
        try
        {
            return parsed.Invoke(configuration);
        }
        catch (Exception e) when (e is DataException or UsageException or TrainingException)
        {
            terminal.Fail(e.Message);
            return ExitCode.BadInput;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (!Debugging(parsed))
        {
            terminal.Fail($"internal error: {e.Message}");
            terminal.Error.WriteLine("This should not happen. Please report it, with what the same command says under --debug.");
            return ExitCode.InternalError;
        }
        catch (Exception e)
        {
            terminal.Fail($"internal error: {e}");
            return ExitCode.InternalError;
        }
    }

    private static bool Debugging(ParseResult parsed) => parsed.GetValue<bool>(RootCommands.DebugOption);

    private static string CommandPath(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "elbo" : $"elbo {parsed.CommandResult.Command.Name}";
}

/// <summary>What the command tells the program that started it.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int InternalError = 1;
    public const int BadInput = 2;

    /// <summary>128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}

/// <summary>A command that cannot be carried out as it was given; the message says why and what to do.</summary>
internal sealed class UsageException(string message, Exception? innerException = null) : Exception(message, innerException);
