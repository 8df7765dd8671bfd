namespace Elbo.Data;

/// <summary>The sizes that a file gives for an array, checked before anything is made of them.</summary>
internal static class ArrayShape
{
    /// <summary>How many bytes an array takes.</summary>
    /// <exception cref="DataException">The array is empty, or larger than memory holds in one piece.</exception>
    public static int ByteCount(string file, IReadOnlyList<long> sizes, int bytesEach)
    {
        if (sizes.Contains(0))
            throw new DataException(file, $"its array of {Text(sizes)} is empty", "Write at least one row");
        Int128 count = bytesEach;
        foreach (var size in sizes)
        {
            count *= size;
            if (count > Array.MaxLength)
            {
                throw new DataException(
                    file, $"its header gives an array of {Text(sizes)} elements, more than the 2 GiB that are read at once",
                    "Copy the file again if that is not its size, otherwise split it");
            }
        }

        return (int)count;
    }

    /// <summary>Such as 60000 x 28 x 28.</summary>
    public static string Text(IEnumerable<long> sizes) => sizes.Any() ? string.Join(" x ", sizes) : "one number";
}
