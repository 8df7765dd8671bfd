using System.CommandLine;

namespace Elbo.Cli.Commands;

/// <summary>A command with a line for the list of commands and more for its own help.</summary>
/// <param name="name">The name.</param>
/// <param name="details">The whole description; its first line is that for the list.</param>
internal sealed class DescribedCommand(string name, string details) : Command(name, details.Split('\n')[0].TrimEnd())
{
    /// <summary>The whole description.</summary>
    public string Details => details;
}
