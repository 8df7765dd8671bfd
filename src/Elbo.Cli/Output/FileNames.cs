namespace Elbo.Cli.Output;

/// <summary>Which files are meant, and which must not be written over.</summary>
internal static class FileNames
{
    private static readonly string[] TableEndings = [".gz", ".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".npy", ".npz", ".png"];

    /// <summary>The model file of a table, in the current folder: customers.elbo for data/customers.csv.gz.</summary>
    public static string ModelOf(string data)
    {
        // A folder may be written with a slash behind it, an array of an archive with its name.
        var colon = data.LastIndexOf(".npz:", StringComparison.OrdinalIgnoreCase);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(colon < 0 ? data : data[..(colon + 4)]));
        foreach (var ending in TableEndings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && name.Length > ending.Length)
                name = name[..^ending.Length];
        }

        return name + ".elbo";
    }

    /// <summary>The name of a second file beside one: filled-cells.csv for filled.csv and cells.</summary>
    public static string Beside(string path, string what)
    {
        var name = Path.GetFileName(path);
        var from = name.Length;
        foreach (var ending in TableEndings)
        {
            if (name.AsSpan(0, from).EndsWith(ending, StringComparison.OrdinalIgnoreCase) && from > ending.Length)
                from -= ending.Length;
        }

        return path[..(path.Length - name.Length)] + $"{name[..from]}-{what}{name[from..]}";
    }

    /// <summary>Makes sure that two tables are not written to one file.</summary>
    /// <exception cref="UsageException">They are.</exception>
    public static void CheckOther(string output, IEnumerable<string> others, string option)
    {
        if (others.Any(o => IsSame(output, o)))
            throw new UsageException($"{output}: two tables would be written to this file. Choose another name with {option}.");
    }

    /// <summary>Makes sure that writing a file does not destroy what is read.</summary>
    /// <exception cref="UsageException">The output is one of the inputs.</exception>
    public static void CheckOutput(string? output, params ReadOnlySpan<string> inputs)
    {
        if (output is null)
            return;
        foreach (var input in inputs)
        {
            if (IsSame(output, input))
                throw new UsageException($"{output}: this file is read, so it is not written over. Choose another name with -o.");
        }
    }

    /// <summary>Makes sure that a model is not saved over something else.</summary>
    /// <exception cref="UsageException">The file exists and is no model.</exception>
    public static void CheckModel(string model)
    {
        // Models are zip files, which begin so.
        if (File.Exists(model) && !StartsWith(model, "PK"u8))
            throw new UsageException($"{model}: there is such a file and it is no model, so it is not written over. Choose another name with -o, or delete it.");
    }

    private static bool StartsWith(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[bytes.Length];
            return stream.Length == 0 || (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(bytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static bool IsSame(string a, string b)
    {
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return Final(a).Equals(Final(b), comparison);
    }

    private static string Final(string path)
    {
        var link = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true) : null;
        return Path.GetFullPath(link?.FullName ?? path);
    }
}
