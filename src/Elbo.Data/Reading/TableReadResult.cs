using Elbo.Tables;

namespace Elbo.Data;

/// <summary>What was found in one column of a file.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Kind">What it was taken for.</param>
/// <param name="Why">The reason for the kind, a sentence without its full stop.</param>
/// <param name="MissingCount">The number of rows without a value.</param>
/// <param name="DistinctCount">The number of different values, or null where there are too many to be worth counting.</param>
/// <param name="LeftOut">Why the column is not in the table, or null when it is.</param>
public sealed record ColumnSummary(string Name, ColumnKind Kind, string Why, long MissingCount, int? DistinctCount, string? LeftOut);

/// <summary>A table read from a file and what was found out on the way.</summary>
/// <param name="Table">The columns that carry information, as numbers.</param>
/// <param name="Schema">How the file was read: what a model remembers to read the next file in the same way.</param>
/// <param name="Columns">One summary per column of the file, in the order of the file.</param>
/// <param name="Notices">Sentences a user should see: columns left out, unseen categories, extra columns.</param>
public sealed record TableReadResult(
    Table Table, TableSchema Schema, IReadOnlyList<ColumnSummary> Columns, IReadOnlyList<string> Notices);
