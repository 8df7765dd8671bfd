namespace Elbo.Data;

/// <summary>What a user may say about a file that would otherwise be found out from it.</summary>
public sealed record TableReadOptions
{
    /// <summary>Nothing said: everything is found out from the file.</summary>
    public static TableReadOptions Default { get; } = new();

    /// <summary>The kinds of some columns.</summary>
    public IReadOnlyList<ColumnRequest> Columns { get; init; } = [];

    /// <summary>The character between fields, an ASCII character, or null to detect it among comma, tab, semicolon and pipe.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Whether the first record names the columns, or null to detect it.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>The texts that mean missing everywhere, or null for <see cref="TableFormat.DefaultMissingTokens"/>. With tokens
    /// given, these and the empty cell are all that is missing.</summary>
    public IReadOnlyList<string>? MissingTokens { get; init; }

    internal IReadOnlyList<string> EffectiveMissingTokens => MissingTokens ?? TableFormat.DefaultMissingTokens;

    internal IReadOnlyList<string> EffectiveNumericMissingTokens =>
        MissingTokens is null ? TableFormat.DefaultNumericMissingTokens : [];
}
