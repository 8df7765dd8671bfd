using Elbo.Data;
using Elbo.Tables;

namespace Elbo.Cli.Output;

/// <summary>Where a table goes: to a file, whole or not at all, or to standard output as CSV.</summary>
internal sealed class TableOutput(Terminal terminal, string? path)
{
    /// <summary>Writes a table.</summary>
    public void Write(Table table, TableSchema schema)
    {
        if (path is null)
            terminal.WriteTable(stream => TableWriter.Write(stream, table, schema));
        else
            TableWriter.Write(path, table, schema);
        Done(Numbers.Of(table.RowCount, "row"));
    }

    /// <summary>Writes rows of texts.</summary>
    public void Write(IReadOnlyList<string> header, IReadOnlyCollection<IReadOnlyList<string>> rows)
    {
        if (path is null)
            terminal.WriteTable(stream => TableWriter.WriteRows(stream, header, rows));
        else
            TableWriter.WriteRows(path, header, rows);
        Done(Numbers.Of(rows.Count, "row"));
    }

    /// <summary>Says what was written, when it went to a file.</summary>
    public void Done(string what)
    {
        if (path is not null && !terminal.IsQuiet)
            terminal.Error.WriteLine($"{Ansi.Green("Wrote", terminal.ErrorHasColour)} {path}: {what}.");
    }
}
