using Elbo.Tables;

namespace Elbo.Data;

/// <summary>
/// Reads tables from CSV and TSV files, plain or gzip, in one pass that never holds the text. What each column is, is guessed from
/// its cells and said with the reason, or remembered from the file a model was fitted to.
/// <para>How kinds are guessed, after missing cells are set aside. All-missing and constant columns are left out.
/// <b>Numbers</b>: two different ones are binary; whole numbers 0..n−1 or 1..n once each, and nearly all different ones under a
/// name such as id, are identifiers; whole numbers between 1800 and 2100 are years and so real; up to five different whole numbers
/// no larger than 20 are categories; whole numbers that reach down to 0 or 1 and have a variance of at least their mean are counts;
/// numbers above zero with a skewness over 1 that the logarithm at least halves are positive; the rest is real. Numbers with
/// leading zeros are texts, and so are numbers with thousands separators.
/// <b>Dates</b>: texts that are all in one known format; days and months must be told apart by some value.
/// <b>Texts</b>: two different ones are binary (no before yes); up to 20, or up to 1000 that come five times each on average, are
/// categories; more are identifiers. An ordinal is never guessed.</para>
/// </summary>
public static class TableReader
{
    /// <summary>Reads a file of which nothing is known but what the options say.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the user says, or null for nothing.</param>
    /// <returns>The table, how it was read, and what was found.</returns>
    /// <exception cref="DataException">The file is malformed, has no rows or no column worth keeping, lacks a column that the
    /// options name, or a cell does not suit the kind that they ask for.</exception>
    public static TableReadResult Read(string path, TableReadOptions? options = null)
    {
        options ??= TableReadOptions.Default;
        var file = DelimitedFile.Open(path, options);
        var requests = Match(file, options.Columns);
        var tokens = new Tokens(new MissingTokens(file.Format.MissingTokens), new MissingTokens(file.Format.NumericMissingTokens));
        var cells = new ColumnCells[file.ColumnNames.Count];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = Cells(file, i, requests.GetValueOrDefault(file.ColumnNames[i]), tokens);

        ReadAll(file, cells);
        var outcomes = cells.Select(c => c.Finish()).ToList();
        var notices = new List<string>();
        if (!file.Format.HasHeader)
            notices.Add($"{path} has no header; its columns are named column1 to column{cells.Length}.");
        return Result(file, outcomes, notices, leftOut: [.. outcomes.Where(o => o.Schema is null).Select(o => o.Summary.Name)]);
    }

    /// <summary>Reads a file as an earlier one was read. Columns are found by name, in any order; columns that are not in the
    /// schema are passed over with a notice, and categories that it does not know are missing, with a notice.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">How the earlier file was read.</param>
    /// <param name="mayLack">A column that need not be there, such as a label that is to be found; null for none.</param>
    /// <returns>A table with exactly the columns of the schema, in its order, but for one that is not there and need not be.</returns>
    /// <exception cref="DataException">The file is malformed or has no rows, lacks a column of the schema, or a cell does not suit
    /// its column.</exception>
    public static TableReadResult Read(string path, TableSchema schema, string? mayLack = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var file = DelimitedFile.Open(path, schema);
        if (mayLack is not null && !file.ColumnNames.Contains(mayLack, StringComparer.Ordinal))
            schema = schema with { Columns = [.. schema.Columns.Where(c => c.Column.Name != mayLack)] };
        var tokens = new Tokens(new MissingTokens(file.Format.MissingTokens), new MissingTokens(file.Format.NumericMissingTokens));
        CheckNothingMissing(file, schema);
        var known = schema.Columns.Index().ToDictionary(x => x.Item.Column.Name, x => x.Index, StringComparer.Ordinal);
        var cells = new ColumnCells[file.ColumnNames.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            var name = file.ColumnNames[i];
            cells[i] = known.TryGetValue(name, out var index)
                ? KnownCells(path, schema.Columns[index], tokens)
                : new UnwantedCells(path, name, "not in the model", "the model does not know it", tokens.Always);
        }

        ReadAll(file, cells);
        var outcomes = cells.Select(c => c.Finish()).ToList();
        var extra = file.ColumnNames.Where(n => !known.ContainsKey(n) && !schema.LeftOut.Contains(n)).ToList();
        var notices = new List<string>();
        if (extra.Count > 0)
        {
            var what = extra.Count == 1 ? "a column" : $"{extra.Count} columns";
            notices.Add($"{path} has {what} the model does not know ({Names.List(extra)}); not used.");
        }

        var used = outcomes.Where(o => o.Schema is not null).OrderBy(o => known[o.Summary.Name]).ToList();
        var table = new Table([.. used.Select(o => o.Schema!.Column)], [.. used.Select(o => (ReadOnlyMemory<double>)o.Values!)]);
        notices.AddRange(used.SelectMany(o => o.Notices));
        return new TableReadResult(table, schema with { Format = file.Format }, [.. outcomes.Select(o => o.Summary)], notices);
    }

    private static Dictionary<string, ColumnRequest> Match(DelimitedFile file, IReadOnlyList<ColumnRequest> requests)
    {
        var matched = new Dictionary<string, ColumnRequest>(StringComparer.Ordinal);
        foreach (var request in requests)
        {
            if (!file.ColumnNames.Contains(request.Name, StringComparer.Ordinal))
            {
                var nearest = Names.Nearest(request.Name, file.ColumnNames);
                var hint = nearest is null ? "" : $"Did you mean '{nearest}'? ";
                throw new DataException(
                    file.Path, $"there is no column '{request.Name}'", $"{hint}The columns are {Names.List(file.ColumnNames)}");
            }

            matched[request.Name] = request;
        }

        return matched;
    }

    private static ColumnCells Cells(DelimitedFile file, int index, ColumnRequest? request, Tokens tokens)
    {
        var name = file.ColumnNames[index];
        const string why = "as requested";
        switch (request)
        {
            case { Kind: ColumnKind.Identifier }:
                return new UnwantedCells(file.Path, name, why, "it was said to be an identifier", tokens.Always);
            case { Kind: ColumnKind.Real or ColumnKind.Positive or ColumnKind.Count }:
                var kind = ColumnRequest.NameOf(request.Kind);
                var remedy = $"Correct the cell, name the texts that mean missing, or do not ask for '{name}={kind}'";
                return new NumberCells(
                    file.Path, new ColumnSchema(new Column(name, request.Kind)), why, remedy, mayBeConstant: false,
                    tokens.Always, tokens.AmongNumbers);
            case { Kind: ColumnKind.Ordinal, Levels: { } levels }:
                return new LevelCells(
                    file.Path, new ColumnSchema(new Column(name, request.Kind, levels)), why,
                    "Add it to the order, or name it as a missing token", tokens.Always, tokens.AmongNumbers);
            default:
                return new GuessedCells(file.Path, name, index, file.Format.HasHeader, request, tokens.Always, tokens.AmongNumbers);
        }
    }

    private static ColumnCells KnownCells(string path, ColumnSchema schema, Tokens tokens)
    {
        const string why = "as in the model";
        const string remedy = "Correct the cell; the model needs this column to be as it was when it was fitted";
        return schema.Column switch
        {
            { HasLevels: true } => new LevelCells(path, schema, why, null, tokens.Always, tokens.AmongNumbers),
            { Kind: ColumnKind.Date } => new DateCells(path, schema, why, remedy, tokens.Always, tokens.AmongNumbers),
            _ => new NumberCells(path, schema, why, remedy, mayBeConstant: true, tokens.Always, tokens.AmongNumbers),
        };
    }

    private static void ReadAll(DelimitedFile file, ColumnCells[] cells)
    {
        using var records = file.OpenRecords();
        var any = false;
        while (records.Read())
        {
            any = true;
            for (var i = 0; i < cells.Length; i++)
                cells[i].Add(records.Csv, i);
        }

        if (!any)
            throw new DataException(file.Path, "there is a header but no row below it", "A table needs at least one row");
    }

    private static TableReadResult Result(
        DelimitedFile file, List<ColumnOutcome> outcomes, List<string> notices, IReadOnlyList<string> leftOut)
    {
        var kept = outcomes.Where(o => o.Schema is not null).ToList();
        if (kept.Count == 0)
        {
            var reasons = outcomes.Take(5).Select(o => $"'{o.Summary.Name}' because {o.Summary.LeftOut}");
            throw new DataException(
                file.Path, $"no column is left to learn from: {string.Join("; ", reasons)}",
                "Say what a column is if it was misjudged, as in name=real");
        }

        notices.AddRange(outcomes.SelectMany(o => o.Notices));
        var table = new Table([.. kept.Select(o => o.Schema!.Column)], [.. kept.Select(o => (ReadOnlyMemory<double>)o.Values!)]);
        var schema = new TableSchema(file.Format, [.. kept.Select(o => o.Schema!)], leftOut);
        return new TableReadResult(table, schema, [.. outcomes.Select(o => o.Summary)], notices);
    }

    private static void CheckNothingMissing(DelimitedFile file, TableSchema schema)
    {
        var missing = schema.Columns.Select(c => c.Column.Name).Except(file.ColumnNames, StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
            return;
        var what = missing.Count == 1 ? $"the column {Names.List(missing)} is missing" : $"the columns {Names.List(missing)} are missing";
        var header = file.Format.HasHeader ? "" : " (the model was fitted to a file without a header)";
        throw new DataException(file.Path, what, $"The file has {Names.List(file.ColumnNames)}{header}");
    }

    private sealed record Tokens(MissingTokens Always, MissingTokens AmongNumbers);
}
