namespace Elbo.Data;

/// <summary>How a delimited text file is to be read. A model remembers it, so that later files are read as the first was.</summary>
/// <param name="Delimiter">The character between fields: comma, tab, semicolon or pipe.</param>
/// <param name="HasHeader">Whether the first record names the columns; without it they are column1, column2, …</param>
/// <param name="MissingTokens">The texts that mean a missing cell in every column, quoted or not, compared exactly after
/// spaces around them are gone. An empty cell is always missing.</param>
/// <param name="NumericMissingTokens">The texts that mean a missing cell only where the other cells are numbers or dates. In a
/// column of words they are words: "None" may well be the name of a thing.</param>
public sealed record TableFormat(
    char Delimiter, bool HasHeader, IReadOnlyList<string> MissingTokens, IReadOnlyList<string> NumericMissingTokens)
{
    /// <summary>What means missing everywhere unless the user says otherwise: NA, N/A, n/a, #N/A, NaN, nan, NULL, null, ?.
    /// A quoted "NA" is missing too, since many programs quote everything: name the tokens where NA is Namibia.</summary>
    public static IReadOnlyList<string> DefaultMissingTokens { get; } =
        ["NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "?"];

    /// <summary>What means missing among numbers and dates unless the user says otherwise: None, none, -, --, . and NaT.</summary>
    public static IReadOnlyList<string> DefaultNumericMissingTokens { get; } = ["None", "none", "-", "--", ".", "NaT"];

    /// <summary>Comma, header, default missing tokens.</summary>
    public static TableFormat Default { get; } = new(',', true, DefaultMissingTokens, DefaultNumericMissingTokens);

    /// <summary>Whether the other format is the same, tokens included.</summary>
    /// <param name="other">The format to compare with.</param>
    /// <returns>True when all four parts are the same.</returns>
    public bool Equals(TableFormat? other) => other is not null
        && Delimiter == other.Delimiter
        && HasHeader == other.HasHeader
        && MissingTokens.SequenceEqual(other.MissingTokens)
        && NumericMissingTokens.SequenceEqual(other.NumericMissingTokens);

    /// <summary>A hash of the format.</summary>
    /// <returns>The hash.</returns>
    public override int GetHashCode() => HashCode.Combine(Delimiter, HasHeader, MissingTokens.Count, NumericMissingTokens.Count);
}
