using System.CommandLine;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary>What is wrong with a command line, with what was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>A sentence on the first thing that is wrong: the rest is often only its consequence.</summary>
    public static string Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count == 0)
            return parsed.Errors[0].Message;
        var token = parsed.UnmatchedTokens[0];
        if (token.StartsWith('-'))
        {
            var known = Options(parsed).SelectMany(o => o.Aliases.Append(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal));
            return $"there is no option '{token}'{Hint(token, known)}";
        }

        return command is RootCommand
            ? $"there is no command '{token}'{Hint(token, command.Subcommands.Select(c => c.Name))}"
            : $"'{token}' is one argument too many.";
    }

    private static IEnumerable<Option> Options(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(o => o.Recursive));

    private static string Hint(string token, IEnumerable<string> names) =>
        Names.Nearest(token, names) is { } nearest ? $"; did you mean '{nearest}'?" : ".";
}
