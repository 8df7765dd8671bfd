using System.IO.Compression;

namespace Elbo.Data;

/// <summary>
/// Arrays of NumPy in a file: one in a .npy, which may be compressed with gzip, or several in a .npz, of which one is named as in <c>data.npz:images</c>;
/// without a name the first that holds numbers in two dimensions or more is taken.
/// </summary>
internal static class NumpyFile
{
    private const string Ending = ".npy";

    /// <summary>Whether the path is that of NumPy arrays, as the first bytes of the file tell, or of an array in a .npz.</summary>
    /// <exception cref="DataException">There is no such file, or it cannot be read.</exception>
    public static bool Is(string path)
    {
        var (file, name) = Split(path);
        if (name is not null)
            return true;
        using var stream = FileBytes.Open(file);
        Span<byte> start = stackalloc byte[6];
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..count].StartsWith(NumpyHeader.Magic) || IsZip(start[..count]);
    }

    /// <summary>What the header of the array says that <see cref="Read"/> takes.</summary>
    /// <exception cref="DataException">The file cannot be read, or has no such array.</exception>
    public static NumpyHeader ReadHeader(string path) => Open(path, NumpyHeader.Read, []);

    /// <summary>Reads an array.</summary>
    /// <param name="path">A .npy, a .npz, or a .npz with a colon and the name of the array.</param>
    /// <param name="notices">Takes what the user should know.</param>
    /// <exception cref="DataException">The file cannot be read, has no such array, is damaged, or holds no numbers.</exception>
    public static NumpyArray Read(string path, List<string> notices) => Open(path, NumpyArray.Read, notices);

    private static T Open<T>(string path, Func<Stream, string, T> read, List<string> notices)
    {
        var (file, name) = Split(path);
        if (!IsZipFile(file))
        {
            if (name is not null)
                throw new DataException(file, "is not a .npz file, so nothing in it has a name", "Name the file alone");
            using var stream = FileBytes.Open(file);
            return read(stream, file);
        }

        try
        {
            using var zip = ZipFile.OpenRead(file);
            var entry = name is null ? First(zip, file, notices) : Named(zip, file, name);
            using var bytes = new MemoryStream(ReadEntry(entry, file));
            return read(bytes, $"{file}:{NameOf(entry)}");
        }
        catch (Exception e) when (e is not (DataException or OutOfMemoryException))
        {
            // The zip reader has no exception of its own for damage: it may be of almost any kind.
            throw Damaged(file, "it is not a whole zip file", e);
        }
    }

    private static (string File, string? Name) Split(string path)
    {
        var colon = path.LastIndexOf(':');
        return colon > 0 && path.AsSpan(0, colon).EndsWith(".npz", StringComparison.OrdinalIgnoreCase) && !File.Exists(path)
            ? (path[..colon], path[(colon + 1)..])
            : (path, null);
    }

    private static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    private static bool IsZipFile(string file)
    {
        using var stream = FileBytes.Open(file);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && IsZip(start);
    }

    private static List<ZipArchiveEntry> Arrays(ZipArchive zip, string file)
    {
        var arrays = zip.Entries.Where(e => e.FullName.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)).ToList();
        if (arrays.Count > 0)
            return arrays;
        throw zip.GetEntry("model.json") is null
            ? new DataException(file, "is a zip file without arrays of NumPy in it", "Name a file that numpy.savez made, or unpack it")
            : new DataException(file, "is a model, not data", "Name the data first and the model with -m");
    }

    private static ZipArchiveEntry Named(ZipArchive zip, string file, string name)
    {
        var arrays = Arrays(zip, file);
        return arrays.Find(e => NameOf(e) == name || e.FullName == name)
            ?? throw new DataException(file, $"has no array '{name}'", $"Its arrays are {Names.List(arrays.Select(NameOf))}");
    }

    private static ZipArchiveEntry First(ZipArchive zip, string file, List<string> notices)
    {
        var arrays = Arrays(zip, file);
        var taken = arrays.Find(HoldsRows) ?? arrays[0];
        if (arrays.Count > 1)
            notices.Add($"{file} has the arrays {Names.List(arrays.Select(NameOf))}; '{NameOf(taken)}' was taken. Say {file}:{NameOf(arrays.Find(a => a != taken)!)} for another.");
        return taken;

        bool HoldsRows(ZipArchiveEntry entry)
        {
            using var stream = entry.Open();
            try
            {
                return NumpyHeader.Read(stream, file).Shape.Count > 1;
            }
            catch (DataException)
            {
                return false;
            }
        }
    }

    private static string NameOf(ZipArchiveEntry entry) =>
        entry.FullName.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? entry.FullName[..^Ending.Length] : entry.FullName;

    private static byte[] ReadEntry(ZipArchiveEntry entry, string file)
    {
        if (entry.Length > Array.MaxLength)
            throw new DataException(file, $"the array '{NameOf(entry)}' has {entry.Length} bytes, more than the 2 GiB that are read at once", "Split it");
        using var stream = entry.Open();
        var bytes = ExactRead.Bytes(stream, entry.Length, _ => Damaged(file, $"the array '{NameOf(entry)}' ends too early"));
        return stream.ReadByte() < 0 && Crc32.Of(bytes) == entry.Crc32 ? bytes : throw Damaged(file, $"the array '{NameOf(entry)}' does not match its checksum");
    }

    private static DataException Damaged(string file, string reason, Exception? cause = null) =>
        new(file, $"the file is damaged: {reason}", "Copy it again from where it came", innerException: cause);
}
