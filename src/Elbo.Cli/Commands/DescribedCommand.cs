using System.CommandLine;

namespace Elbo.Cli.Commands;

/// <summary>A command with a line for the list of commands and more for its own help.</summary>
/// <param name="name">The name.</param>
/// <param name="details">The whole description; its first paragraph is that for the list.</param>
internal sealed class DescribedCommand(string name, string details) : Command(name, Unwrap(details).Split('\n')[0])
{
    /// <summary>The whole description.</summary>
    public string Details => Unwrap(details);

    /// <summary>Paragraphs in one line each, for a terminal of any width; indented lines stay as they are.</summary>
    public static string Unwrap(string text)
    {
        var lines = new List<string>();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (lines.Count > 0 && Flows(lines[^1]) && Flows(line))
                lines[^1] += " " + line;
            else
                lines.Add(line);
        }

        return string.Join('\n', lines);

        static bool Flows(string line) => line.Length > 0 && line[0] != ' ';
    }
}
