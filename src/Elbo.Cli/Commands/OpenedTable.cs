using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Models;

namespace Elbo.Cli.Commands;

/// <summary>A model of a table from its file, and where wanted a table read for it.</summary>
internal sealed class OpenedTable : IDisposable
{
    // Names are copied even where a few rows share one.
    private const double FractionOfNames = 0.9;

    private readonly TableReadResult? _read;
    private readonly string? _data;

    private OpenedTable(string path, TableModelFile file, TableVae model, string? data, TableReadResult? read)
    {
        (Path, File, Model, _data, _read) = (path, file, model, data, read);
    }

    public string Path { get; }

    public TableModelFile File { get; }

    public TableVae Model { get; }

    public TableReadResult Read => _read!;

    /// <summary>Opens a model.</summary>
    public static OpenedTable Open(string path, TableModelFile file, int? threads) =>
        new(path, file, file.Open(path, threads), null, null);

    /// <summary>Opens a model and reads a table as the one was read that it was fitted to.</summary>
    public static OpenedTable Open(string path, TableModelFile file, int? threads, string data, Terminal terminal)
    {
        var read = TableReader.Read(data, file.Schema, file.Description.Label?.Column.Name);
        foreach (var notice in read.Notices)
            terminal.Notice(notice);
        return new(path, file, file.Open(path, threads), data, read);
    }

    /// <summary>Does something with the model that values in the table can make impossible.</summary>
    /// <exception cref="UsageException">A value has no density under the likelihood of its column.</exception>
    public T Use<T>(Func<TableVae, T> action)
    {
        try
        {
            return action(Model);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{_data ?? Path}: {e.Message}", e);
        }
    }

    /// <summary>A column of the file that names its rows, to be copied to tables about them: the first that the model leaves out
    /// and whose texts are nearly all different. Null where there is none.</summary>
    public (string Name, string[] Texts)? RowNames() => RowNames(_data!, Read);

    /// <summary>The same of any table that was read.</summary>
    public static (string Name, string[] Texts)? RowNames(string data, TableReadResult read)
    {
        var schema = read.Schema;
        var file = DelimitedFile.Open(data, new TableReadOptions { Delimiter = schema.Format.Delimiter, HasHeader = schema.Format.HasHeader });
        foreach (var column in read.Columns.Where(c => c.LeftOut is not null && schema.LeftOut.Contains(c.Name)))
        {
            string[] texts = [.. file.Texts(column.Name)];
            if (texts.Distinct(StringComparer.Ordinal).Count() >= FractionOfNames * texts.Length)
                return (column.Name, texts);
        }

        return null;
    }

    public void Dispose() => Model.Dispose();
}
