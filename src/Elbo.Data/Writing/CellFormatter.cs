using Elbo.Tables;

namespace Elbo.Data;

/// <summary>The text of a column's values, as its file wrote them.</summary>
/// <param name="schema">The column, its decimals and its date format.</param>
public sealed class CellFormatter(ColumnSchema schema)
{
    /// <summary>The text of a value: a level's name, a whole number for a count, a date in the column's format or ISO 8601, a
    /// number with as many decimals as the column has. The empty text for NaN.</summary>
    /// <param name="value">The value, as in a <see cref="Table"/>.</param>
    /// <returns>The text, with a decimal point whatever the computer's language.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is the code of no level.</exception>
    public string Format(double value)
    {
        if (double.IsNaN(value))
            return "";
        var column = schema.Column;
        return column.Kind switch
        {
            ColumnKind.Binary or ColumnKind.Category or ColumnKind.Ordinal => Level(column, value),
            ColumnKind.Count => NumberText.Format(Math.Round(value), 0),
            ColumnKind.Date => DateText.Format(value, schema.DateFormat),
            _ => NumberText.Format(value, schema.Decimals),
        };
    }

    private static string Level(Column column, double value)
    {
        var code = (int)Math.Round(value);
        if (code < 0 || code >= column.Levels.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(value), value, $"Column '{column.Name}' has levels 0 to {column.Levels.Count - 1}.");
        }

        return column.Levels[code];
    }
}
