namespace Elbo.Benchmarks;

/// <summary>What the programs that write pages have in common: their options, and where the page goes.</summary>
internal static class ResultPage
{
    /// <summary>The argument behind an option; null where it was not given.</summary>
    public static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    /// <summary>
    /// Writes one section of a page that several programs write, in the place of the section of the same name or at the end, or prints it.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int WriteSection(string[] args, string name, string section)
    {
        if (Option(args, "--write") is not { } path)
        {
            Console.Write(section);
            return 0;
        }
        var (begin, end) = ($"<!-- begin {name} -->\n", $"<!-- end {name} -->\n");
        var page = File.Exists(path) ? File.ReadAllText(path) : "# Results\n\nEach section is written by the program that its first lines name.\n";
        var whole = begin + section.TrimEnd('\n') + "\n" + end;
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = page.IndexOf(end, StringComparison.Ordinal);
        File.WriteAllText(path, from >= 0 && to > from ? page[..from] + whole + page[(to + end.Length)..] : page.TrimEnd('\n') + "\n\n" + whole);
        return 0;
    }

    /// <summary>The folder of real data: --data, or shared/data in a folder above; null, with a sentence on the error stream, where there is none.</summary>
    public static string? DataFolder(string[] args)
    {
        var data = Option(args, "--data") ?? Peers.FindUpwards(Path.Combine("shared", "data"));
        if (data is not null && Directory.Exists(data))
            return data;
        Console.Error.WriteLine("There is no folder of real data; name one with --data DIR.");
        return null;
    }

    /// <summary>Writes the page to the file that --write names, or prints it.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(string[] args, string page)
    {
        if (Option(args, "--write") is { } path)
            File.WriteAllText(path, page);
        else
            Console.Write(page);
        return 0;
    }
}
