using Elbo.Data;
using Elbo.Tables;

namespace Elbo.Cli.Commands;

/// <summary>The label of a table that is to be fitted: a column of it, or a file of its own.</summary>
internal static class FitLabel
{
    /// <summary>The name of a label that came from a file of its own.</summary>
    public const string OfFile = "label";

    /// <summary>Reads a table with its label.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="read">Reads the table: with the options that it is given.</param>
    /// <returns>The table, and the name of the label's column.</returns>
    public static (TableReadResult Read, string? Label) Read(FitRequest request, Func<TableReadOptions, TableReadResult> read)
    {
        if (request.Label is not { } label)
        {
            request.RefuseLabelOptions();
            return (read(request.Reading), null);
        }

        if (Names(request).Contains(label, StringComparer.Ordinal))
        {
            // Classes may be written as numbers; what they are is said here.
            var asked = request.Reading.Columns.Any(c => c.Name == label) ? request.Reading : request.Reading with { Columns = [.. request.Reading.Columns, new(label, ColumnKind.Category)] };
            var table = read(asked);
            if (table.Columns.FirstOrDefault(c => c.Name == label)?.LeftOut is { } reason)
                throw new UsageException($"{request.Data}: '{label}' cannot be a label: {reason}. A label has two classes or more, each known of some row.");
            return (table, label);
        }

        if (!File.Exists(label))
            throw new UsageException($"--label: {request.Data} has no column '{label}', and there is no file of this name. The columns are {Elbo.Data.Names.List(Names(request))}.");
        return (With(read(request.Reading), label), OfFile);
    }

    /// <summary>A table with labels from a file as one more column.</summary>
    public static TableReadResult With(TableReadResult read, string file)
    {
        var table = read.Table;
        if (table.TryGetIndex(OfFile, out _))
            throw new UsageException($"{file}: its labels would be a column '{OfFile}', which the table has already. Name that one, or call it something else.");
        var labels = LabelFile.Read(file, table.RowCount);
        var column = new Column(OfFile, labels.Classes.Count == 2 ? ColumnKind.Binary : ColumnKind.Category, labels.Classes);
        ReadOnlyMemory<double>[] values = [.. Enumerable.Range(0, table.Columns.Count).Select(c => (ReadOnlyMemory<double>)table.Values(c).ToArray())];
        return read with
        {
            Table = new([.. table.Columns, column], [.. values, labels.Labels.Select(l => l is { } code ? code : double.NaN).ToArray()]),
            Schema = read.Schema with { Columns = [.. read.Schema.Columns, new ColumnSchema(column)] },
        };
    }

    private static IReadOnlyList<string> Names(FitRequest request) =>
        DelimitedFile.Open(request.Data, request.Reading with { Columns = [] }).ColumnNames;
}
