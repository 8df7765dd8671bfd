using Elbo.Recording;

namespace Elbo.Tests.Recording;

/// <summary>A recorder that keeps what it hears.</summary>
internal sealed class Heard : IProgress<FitEvent>
{
    public List<FitEvent> Events { get; } = [];

    public IEnumerable<T> All<T>() where T : FitEvent => Events.OfType<T>();

    /// <summary>The last table of a kind.</summary>
    public TableMade Table(string kind) => All<TableMade>().Last(t => t.Kind == kind);

    /// <summary>The last picture of a kind.</summary>
    public ImagesMade Picture(string kind) => All<ImagesMade>().Last(t => t.Kind == kind);

    public void Report(FitEvent value) => Events.Add(value);
}

internal static class FitColumns
{
    public static IReadOnlyList<double> Numbers(this TableMade table, string column) => table.Columns.Single(c => c.Name == column).Numbers!;

    public static IReadOnlyList<string?> Words(this TableMade table, string column) => table.Columns.Single(c => c.Name == column).Words!;
}
