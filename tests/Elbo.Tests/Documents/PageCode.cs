namespace Elbo.Tests.Documents;

/// <summary>Pieces of a page's code that stand in a test, between a line "// Begin." and a line "// End.", and so are compiled and run.</summary>
internal static class PageCode
{
    /// <summary>Each piece stands on the page, word for word.</summary>
    /// <param name="test">The name of the test's file.</param>
    /// <param name="page">The name of the page's file.</param>
    public static void StandsOn(string test, string page)
    {
        var pieces = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", test)).Split("// Begin.\n")[1..];
        Assert.NotEmpty(pieces);
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", page));
        foreach (var piece in pieces)
            Assert.Contains(piece[..piece.IndexOf("// End.", StringComparison.Ordinal)].Trim().Replace("\n        ", "\n", StringComparison.Ordinal), text, StringComparison.Ordinal);
    }
}
