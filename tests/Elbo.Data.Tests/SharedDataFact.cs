namespace Elbo.Data.Tests;

/// <summary>A test on real tables, which are not in the repository: it is skipped where the folder with them is not found.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (SharedData.Folder is null)
            Skip = "The folder shared/data with the real tables was not found beside the repository.";
    }
}

/// <summary>The folder with the real tables: shared/data in a folder above the tests.</summary>
internal static class SharedData
{
    public static string? Folder { get; } = Find();

    public static string Path(string name) => System.IO.Path.Combine(Folder!, name);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
