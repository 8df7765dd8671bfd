using System.Globalization;

namespace Elbo.Tables;

/// <summary>
/// A table of numbers with named, typed columns, stored column by column. It never changes once made.
/// <para>A missing cell is NaN in every kind of column. A category is its code 0..K−1, a binary 0 or 1, a count itself, a date
/// the days since 1970-01-01 with the time of day as the fraction. No value is infinite.</para>
/// </summary>
public sealed class Table
{
    /// <summary>The largest count, 2^53: above it a double no longer holds every whole number.</summary>
    public const double LargestCount = 9007199254740992;

    private readonly Column[] _columns;
    private readonly ReadOnlyMemory<double>[] _values;
    private readonly Dictionary<string, int> _indices;

    /// <summary>Makes a table of columns and their values.</summary>
    /// <param name="columns">The columns, with unique names.</param>
    /// <param name="values">The values of each column, all of the same length. They are kept, not copied: the caller must not
    /// change them afterwards.</param>
    /// <exception cref="ArgumentException">Names are empty or repeated, lengths differ, levels do not suit the kind, or a value
    /// does not suit the kind of its column; the message names the column, the row and the value.</exception>
    public Table(IReadOnlyList<Column> columns, IReadOnlyList<ReadOnlyMemory<double>> values)
        : this([.. columns], [.. values], values.Count == 0 ? 0 : values[0].Length, validate: true)
    {
    }

    private Table(Column[] columns, ReadOnlyMemory<double>[] values, int rowCount, bool validate)
    {
        _columns = columns;
        _values = values;
        _indices = new Dictionary<string, int>(columns.Length, StringComparer.Ordinal);
        Columns = Array.AsReadOnly(_columns);
        RowCount = rowCount;

        if (columns.Length != values.Length)
            throw new ArgumentException($"{columns.Length} columns but the values of {values.Length}.", nameof(values));
        for (var i = 0; i < columns.Length; i++)
        {
            if (string.IsNullOrEmpty(columns[i].Name))
                throw new ArgumentException($"Column {i + 1} has no name.", nameof(columns));
            if (!_indices.TryAdd(columns[i].Name, i))
                throw new ArgumentException($"Two columns are named '{columns[i].Name}'.", nameof(columns));
            if (validate)
                Validate(columns[i], values[i].Span, rowCount);
        }
    }

    /// <summary>The columns, in the order of the table.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The values of a column, one per row; NaN is missing.</summary>
    /// <param name="column">The index of the column, from 0.</param>
    /// <returns>A view of the column, of length <see cref="RowCount"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public ReadOnlySpan<double> Values(int column)
    {
        CheckIndex(column);
        return _values[column].Span;
    }

    /// <summary>The values of a column, one per row; NaN is missing.</summary>
    /// <param name="name">The exact name of the column.</param>
    /// <returns>A view of the column, of length <see cref="RowCount"/>.</returns>
    /// <exception cref="ArgumentException">No column has this name.</exception>
    public ReadOnlySpan<double> Values(string name) => _values[IndexOf(name)].Span;

    /// <summary>The column of a name.</summary>
    /// <param name="name">The exact name of the column.</param>
    /// <returns>The column.</returns>
    /// <exception cref="ArgumentException">No column has this name; the message lists the names.</exception>
    public Column Column(string name) => _columns[IndexOf(name)];

    /// <summary>The index of the column of a name.</summary>
    /// <param name="name">The exact name of the column.</param>
    /// <returns>The index, from 0.</returns>
    /// <exception cref="ArgumentException">No column has this name; the message lists the names.</exception>
    public int IndexOf(string name)
    {
        if (TryGetIndex(name, out var index))
            return index;
        var names = string.Join(", ", _columns.Select(c => c.Name));
        throw new ArgumentException($"No column is named '{name}'. The columns are: {names}.", nameof(name));
    }

    /// <summary>Looks for a column by name.</summary>
    /// <param name="name">The exact name of the column.</param>
    /// <param name="index">The index of the column, from 0, when there is one.</param>
    /// <returns>Whether a column has this name.</returns>
    public bool TryGetIndex(string name, out int index) => _indices.TryGetValue(name, out index);

    /// <summary>The table of some of the columns, in the order given. The values are shared, not copied.</summary>
    /// <param name="columns">The indices of the columns, from 0, each at most once.</param>
    /// <returns>The table, with as many rows as this one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    /// <exception cref="ArgumentException">A column is named twice.</exception>
    public Table SelectColumns(ReadOnlySpan<int> columns)
    {
        var selected = new Column[columns.Length];
        var values = new ReadOnlyMemory<double>[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            CheckIndex(columns[i]);
            selected[i] = _columns[columns[i]];
            values[i] = _values[columns[i]];
        }

        return new Table(selected, values, RowCount, validate: false);
    }

    /// <summary>The table of some of the columns, in the order given. The values are shared, not copied.</summary>
    /// <param name="names">The exact names of the columns, each at most once.</param>
    /// <returns>The table, with as many rows as this one.</returns>
    /// <exception cref="ArgumentException">No column has one of the names, or a name comes twice.</exception>
    public Table SelectColumns(params ReadOnlySpan<string> names)
    {
        var indices = new int[names.Length];
        for (var i = 0; i < indices.Length; i++)
            indices[i] = IndexOf(names[i]);
        return SelectColumns(indices);
    }

    /// <summary>The table of some of the rows, in the order given; a row may come more than once.</summary>
    /// <param name="rows">The indices of the rows, from 0.</param>
    /// <returns>A table with the same columns and copies of the rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Table SelectRows(ReadOnlySpan<int> rows)
    {
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)RowCount)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"The table has rows 0 to {RowCount - 1}.");
        }

        var values = new ReadOnlyMemory<double>[_columns.Length];
        for (var c = 0; c < values.Length; c++)
        {
            var source = _values[c].Span;
            var picked = new double[rows.Length];
            for (var i = 0; i < picked.Length; i++)
                picked[i] = source[rows[i]];
            values[c] = picked;
        }

        return new Table(_columns, values, rows.Length, validate: false);
    }

    private void CheckIndex(int column)
    {
        if ((uint)column >= (uint)_columns.Length)
            throw new ArgumentOutOfRangeException(nameof(column), column, $"The table has columns 0 to {_columns.Length - 1}.");
    }

    private static void Validate(Column column, ReadOnlySpan<double> values, int rowCount)
    {
        if (values.Length != rowCount)
            throw new ArgumentException($"Column '{column.Name}' has {values.Length} values where the first column has {rowCount}.");
        ValidateLevels(column);

        for (var row = 0; row < values.Length; row++)
        {
            if (!Suits(column, values[row]))
            {
                var value = values[row].ToString("R", CultureInfo.InvariantCulture);
                throw new ArgumentException($"Column '{column.Name}', row {row}: {value} is not {Domain(column)}.");
            }
        }
    }

    private static void ValidateLevels(Column column)
    {
        var count = column.Levels.Count;
        var wrong = column.Kind switch
        {
            ColumnKind.Binary when count != 2 => "a binary column has exactly 2 levels",
            ColumnKind.Category or ColumnKind.Ordinal when count == 0 => "it needs at least 1 level",
            ColumnKind.Binary or ColumnKind.Category or ColumnKind.Ordinal => null,
            _ when count != 0 => $"a column of kind {column.Kind} has no levels",
            _ => null,
        };
        if (wrong is not null)
            throw new ArgumentException($"Column '{column.Name}' has {count} levels; {wrong}.");
        if (column.Levels.Distinct(StringComparer.Ordinal).Count() != count)
            throw new ArgumentException($"Column '{column.Name}' names a level twice.");
    }

    private static bool Suits(Column column, double value) => double.IsNaN(value) || column.Kind switch
    {
        ColumnKind.Positive => value > 0 && double.IsFinite(value),
        ColumnKind.Count => value >= 0 && value <= LargestCount && value == Math.Floor(value),
        ColumnKind.Binary or ColumnKind.Category or ColumnKind.Ordinal =>
            value >= 0 && value < column.Levels.Count && value == Math.Floor(value),
        _ => double.IsFinite(value),
    };

    private static string Domain(Column column) => column.Kind switch
    {
        ColumnKind.Positive => "a finite number above zero",
        ColumnKind.Count => "a whole number from 0 to 2^53",
        ColumnKind.Binary => "0 or 1",
        ColumnKind.Category or ColumnKind.Ordinal => $"a code from 0 to {column.Levels.Count - 1}",
        _ => "a finite number",
    };
}
