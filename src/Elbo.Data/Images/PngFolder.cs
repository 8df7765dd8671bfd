using Elbo.Images;

namespace Elbo.Data;

/// <summary>The PNG files of a folder as images of one size, in the order of their names.</summary>
internal static class PngFolder
{
    private const int MostNamed = 3;

    /// <exception cref="DataException">There is none, one is damaged, or they differ in size.</exception>
    public static ImageReadResult Read(string folder)
    {
        var notices = new List<string>();
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        var others = files.Where(f => !IsPng(f)).Select(f => Path.GetFileName(f)!).Concat(Directory.GetDirectories(folder).Select(d => Path.GetFileName(d) + "/")).ToList();
        files.RemoveAll(f => !IsPng(f));
        if (files.Count == 0)
            throw new DataException(folder, "has no PNG files", "Name the folder in which they are; pictures of other formats must be converted first");
        if (others.Count > 0)
        {
            var more = others.Count > MostNamed ? $" and {others.Count - MostNamed} more" : "";
            notices.Add($"{folder} holds other things than PNG files, which were left out: {string.Join(", ", others.Take(MostNamed))}{more}.");
        }

        return new(Images(files, notices), $"{files.Count} PNG {(files.Count == 1 ? "file" : "files")}", notices) { Names = [.. files.Select(f => Path.GetFileName(f)!)] };
    }

    /// <summary>A single picture.</summary>
    public static ImageReadResult ReadFile(string file)
    {
        var notices = new List<string>();
        return new(Images([file], notices), "a PNG file", notices);
    }

    private static ImageSet Images(List<string> files, List<string> notices)
    {
        var pictures = new List<(byte[] Pixels, bool IsGrey)>();
        PngPicture? first = null;
        int transparent = 0, deep = 0;
        foreach (var file in files)
        {
            var picture = PngReader.Read(Bytes(file), file);
            first ??= picture;
            if ((picture.Width, picture.Height) != (first.Width, first.Height))
            {
                throw new DataException(
                    file, $"has {picture.Height} x {picture.Width} pixels, but {Path.GetFileName(files[0])} has {first.Height} x {first.Width}",
                    "Bring all pictures of the folder to one size");
            }

            transparent += picture.IsTransparent ? 1 : 0;
            deep += picture.Depth == 16 ? 1 : 0;
            pictures.Add((picture.OverWhite(picture.IsGrey ? 1 : 3), picture.IsGrey));
        }

        if (transparent > 0)
            notices.Add($"{transparent} of {files.Count} pictures have transparent pixels; they were laid over white.");
        if (deep > 0)
            notices.Add($"{deep} of {files.Count} pictures have 16 bits; they were rounded to 8.");
        var grey = pictures.Count(p => p.IsGrey);
        if (grey > 0 && grey < pictures.Count)
            notices.Add($"{pictures.Count - grey} of {pictures.Count} pictures are in colour, so all were taken as such.");
        return Together(first!, pictures, grey == pictures.Count ? 1 : 3, files[0]);
    }

    private static ImageSet Together(PngPicture size, List<(byte[] Pixels, bool IsGrey)> pictures, int channels, string file)
    {
        var bytes = new byte[ArrayShape.ByteCount(Path.GetDirectoryName(file) ?? file, [pictures.Count, size.Height, size.Width, channels], 1)];
        var length = bytes.Length / pictures.Count;
        for (var i = 0; i < pictures.Count; i++)
        {
            var (pixels, isGrey) = pictures[i];
            var to = bytes.AsSpan(i * length, length);
            for (var p = 0; p < to.Length; p++)
                to[p] = pixels[isGrey ? p / channels : p];
        }

        return new(size.Height, size.Width, channels, bytes);
    }

    private static bool IsPng(string file) => file.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    private static byte[] Bytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(file, $"cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
        }
    }
}
