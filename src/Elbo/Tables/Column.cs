namespace Elbo.Tables;

/// <summary>The name and the meaning of one column of a <see cref="Table"/>. Two columns are equal when name, kind and
/// every level are.</summary>
/// <param name="Name">The column's name, unique in its table, compared exactly (case and spaces matter).</param>
/// <param name="Kind">What the numbers mean.</param>
/// <param name="Levels">The names of the categories in the order of their codes 0..K−1 for <see cref="ColumnKind.Binary"/>
/// (two), <see cref="ColumnKind.Category"/> and <see cref="ColumnKind.Ordinal"/> (lowest first); empty for the rest.</param>
public sealed record Column(string Name, ColumnKind Kind, IReadOnlyList<string> Levels)
{
    /// <summary>A column of a kind that has no levels.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="kind">What the numbers mean.</param>
    public Column(string name, ColumnKind kind) : this(name, kind, [])
    {
    }

    /// <summary>Whether the numbers are codes of named levels: binary, category or ordinal.</summary>
    public bool HasLevels => Kind is ColumnKind.Binary or ColumnKind.Category or ColumnKind.Ordinal;

    /// <summary>Whether the other column has the same name, kind and levels.</summary>
    /// <param name="other">The column to compare with.</param>
    /// <returns>True when name, kind and every level are the same.</returns>
    public bool Equals(Column? other) =>
        other is not null && Name == other.Name && Kind == other.Kind && Levels.SequenceEqual(other.Levels, StringComparer.Ordinal);

    /// <summary>A hash of name, kind and levels.</summary>
    /// <returns>The hash.</returns>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Name);
        hash.Add(Kind);
        foreach (var level in Levels)
            hash.Add(level, StringComparer.Ordinal);
        return hash.ToHashCode();
    }
}
