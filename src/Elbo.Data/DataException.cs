namespace Elbo.Data;

/// <summary>A file cannot be used as it is: what is wrong, where, and what to do about it. The message reads
/// <c>file:line: column 'name': reason. Remedy.</c></summary>
public sealed class DataException : Exception
{
    /// <summary>Describes a problem with a file.</summary>
    /// <param name="file">The file, as the user named it.</param>
    /// <param name="reason">What is wrong: a sentence without its full stop.</param>
    /// <param name="remedy">What to do about it: a sentence without its full stop, or null where there is nothing to advise.</param>
    /// <param name="line">The line of the file, from 1, or null when the problem is not at one line.</param>
    /// <param name="column">The name of the column, or null when the problem is not in one column.</param>
    /// <param name="innerException">What caused it, or null.</param>
    public DataException(
        string file, string reason, string? remedy = null, long? line = null, string? column = null, Exception? innerException = null)
        : base(Compose(file, reason, remedy, line, column), innerException)
    {
        File = file;
        Reason = reason;
        Remedy = remedy;
        Line = line;
        Column = column;
    }

    /// <summary>The file, as the user named it.</summary>
    public string File { get; }

    /// <summary>The line of the file, from 1; null when the problem is not at one line.</summary>
    public long? Line { get; }

    /// <summary>The name of the column; null when the problem is not in one column.</summary>
    public string? Column { get; }

    /// <summary>What is wrong.</summary>
    public string Reason { get; }

    /// <summary>What to do about it; null where there is nothing to advise.</summary>
    public string? Remedy { get; }

    private static string Compose(string file, string reason, string? remedy, long? line, string? column)
    {
        var place = line is null ? file : $"{file}:{line}";
        var where = column is null ? "" : $"column '{column}': ";
        return remedy is null ? $"{place}: {where}{reason}." : $"{place}: {where}{reason}. {remedy}.";
    }
}
