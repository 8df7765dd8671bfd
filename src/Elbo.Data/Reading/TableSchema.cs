using System.Text.Json.Nodes;
using Elbo.Tables;

namespace Elbo.Data;

/// <summary>A column with how its values are written as text.</summary>
/// <param name="Column">Name, kind and levels.</param>
/// <param name="Decimals">The most digits seen after the decimal point, 0 or more, or null for the shortest text that reads back
/// the same (the file used exponents, or there was no file).</param>
/// <param name="DateFormat">The .NET date format of a date column, or null for ISO 8601.</param>
public sealed record ColumnSchema(Column Column, int? Decimals = null, string? DateFormat = null);

/// <summary>How a file was read: its format, the columns that were used and those left out. A model keeps it.</summary>
/// <param name="Format">Delimiter, header and missing tokens.</param>
/// <param name="Columns">The columns of the table, in its order.</param>
/// <param name="LeftOut">The names of the file's columns that are not in the table.</param>
public sealed record TableSchema(TableFormat Format, IReadOnlyList<ColumnSchema> Columns, IReadOnlyList<string> LeftOut)
{
    /// <summary>The schema of a table that came from no file.</summary>
    /// <param name="table">The table.</param>
    /// <returns>Its columns in the default format.</returns>
    public static TableSchema Of(Table table) => new(TableFormat.Default, [.. table.Columns.Select(c => new ColumnSchema(c))], []);

    /// <summary>Whether the other schema is the same, columns and left-out names included.</summary>
    /// <param name="other">The schema to compare with.</param>
    /// <returns>True when all parts are the same.</returns>
    public bool Equals(TableSchema? other) => other is not null
        && Format.Equals(other.Format)
        && Columns.SequenceEqual(other.Columns)
        && LeftOut.SequenceEqual(other.LeftOut);

    /// <summary>A hash of the schema.</summary>
    /// <returns>The hash.</returns>
    public override int GetHashCode() => HashCode.Combine(Format, Columns.Count, LeftOut.Count);

    /// <summary>The schema as JSON, for a model's description.</summary>
    /// <returns>A new object that <see cref="FromJson"/> reads.</returns>
    public JsonObject ToJson() => new()
    {
        ["delimiter"] = Format.Delimiter.ToString(),
        ["header"] = Format.HasHeader,
        ["missing"] = Texts(Format.MissingTokens),
        ["missingAmongNumbers"] = Texts(Format.NumericMissingTokens),
        ["columns"] = new JsonArray([.. Columns.Select(ColumnToJson)]),
        ["leftOut"] = Texts(LeftOut),
    };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON object.</param>
    /// <param name="file">The file it came from, for the error message.</param>
    /// <returns>The schema.</returns>
    /// <exception cref="DataException">Something is missing or is not of the right type.</exception>
    public static TableSchema FromJson(JsonNode? json, string file)
    {
        try
        {
            var delimiter = RequiredJson.Get<string>(json, "delimiter");
            if (delimiter.Length != 1 || !char.IsAscii(delimiter[0]))
                throw new FormatException($"'{delimiter}' is not a delimiter.");
            var format = new TableFormat(
                delimiter[0], RequiredJson.Get<bool>(json, "header"),
                RequiredJson.Texts(json, "missing"), RequiredJson.Texts(json, "missingAmongNumbers"));
            var columns = RequiredJson.List(json, "columns").Select(ColumnFromJson).ToList();
            // A table without rows checks names and levels.
            _ = new Table([.. columns.Select(c => c.Column)], [.. columns.Select(_ => ReadOnlyMemory<double>.Empty)]);
            return new TableSchema(format, columns, RequiredJson.Texts(json, "leftOut"));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new DataException(file, $"the description of the columns is damaged: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }

    private static JsonObject ColumnToJson(ColumnSchema schema)
    {
        var json = new JsonObject
        {
            ["name"] = schema.Column.Name,
            ["kind"] = ColumnRequest.NameOf(schema.Column.Kind),
        };
        if (schema.Column.HasLevels)
            json["levels"] = Texts(schema.Column.Levels);
        if (schema.Decimals is { } decimals)
            json["decimals"] = decimals;
        if (schema.DateFormat is { } format)
            json["dateFormat"] = format;
        return json;
    }

    private static ColumnSchema ColumnFromJson(JsonNode? json)
    {
        var word = RequiredJson.Get<string>(json, "kind");
        if (!ColumnRequest.TryParseKind(word, out var kind))
            throw new FormatException($"'{word}' is not a kind.");
        var column = new Column(RequiredJson.Get<string>(json, "name"), kind);
        int? decimals = json!["decimals"] is null ? null : RequiredJson.Get<int>(json, "decimals");
        var dateFormat = json["dateFormat"] is null ? null : RequiredJson.Get<string>(json, "dateFormat");
        if (decimals < 0 || (dateFormat is not null && !DateText.Formats.Contains(dateFormat)))
            throw new FormatException($"'{column.Name}' has {decimals} decimals or dates written as '{dateFormat}'.");
        if (column.HasLevels)
            column = column with { Levels = RequiredJson.Texts(json, "levels") };
        return new ColumnSchema(column, decimals, dateFormat);
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)JsonValue.Create(t))]);
}
