using System.Globalization;

namespace Elbo.Data;

/// <summary>
/// Reads images: IDX files as MNIST is published in (three or four dimensions, plain or gzip), arrays of NumPy in .npy and .npz files, a folder of PNG
/// files, or one such file. What a file is, is told by its first bytes. An array in a .npz is named as in <c>data.npz:images</c>.
/// <para>Pixels have 8 bits. Floating-point numbers from 0 to 1 are rounded to them, bytes that are 0 and 1 alone become 0 and 255, and transparent
/// pixels are laid over white; notices say so.</para>
/// </summary>
public static class ImageReader
{
    /// <summary>Whether a path is one of images rather than of a table.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="options">What the user says, or null for nothing. With a shape, an array of rows and columns is one of images too.</param>
    /// <returns>True for a folder, a PNG file, an IDX file, and an array of NumPy with three dimensions or more.</returns>
    /// <exception cref="DataException">There is no such file, or it cannot be read.</exception>
    public static bool Holds(string path, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
            return true;
        if (NumpyFile.Is(path))
            return NumpyFile.ReadHeader(path).Shape.Count is not (1 or 2) || options?.Shape is not null;
        var start = Start(path);
        return start.AsSpan().StartsWith(PngChunks.Signature) || IdxFile.BeginsWith(start);
    }

    /// <summary>Reads images.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="options">What the user says, or null for nothing.</param>
    /// <returns>The images, what the file is, and what a user should know.</returns>
    /// <exception cref="DataException">There is no such file, it holds no images, or it is damaged.</exception>
    public static ImageReadResult Read(string path, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= ImageReadOptions.Default;
        if (Directory.Exists(path))
            return PngFolder.Read(path);
        var notices = new List<string>();
        if (NumpyFile.Is(path))
        {
            var array = NumpyFile.Read(path, notices);
            var images = ImageArrangement.Arrange(path, array.Shape, NumpyImages.Bytes(array, path, notices), options, notices);
            return new(images, $"a NumPy array of {array.Type}", notices);
        }

        var start = Start(path);
        if (start.AsSpan().StartsWith(PngChunks.Signature))
            return PngFolder.ReadFile(path);
        if (!IdxFile.BeginsWith(start))
            throw new DataException(path, "holds no images that are known", "Name an IDX file, a .npy or .npz file, or a folder of PNG files");
        var idx = IdxFile.Read(path);
        if (idx.Shape.Count == 1)
            throw new DataException(path, $"holds {idx.Shape[0]} single bytes, such as labels, not images", "Name the file of the images");
        return new(ImageArrangement.Arrange(path, idx.Shape, idx.Bytes, options, notices), "IDX", notices);
    }

    /// <summary>Reads the labels of images: an IDX file with one dimension, plain or gzip, or an array of whole numbers of NumPy.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The label of each image.</returns>
    /// <exception cref="DataException">There is no such file, it holds no labels, or it is damaged.</exception>
    public static IReadOnlyList<int> ReadLabels(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (NumpyFile.Is(path))
        {
            var array = NumpyFile.Read(path, []);
            if (array.Shape.Count(s => s > 1) > 1)
                throw new DataException(path, $"its array of {ArrayShape.Text(array.Shape)} has more than one number an image", "Name an array of labels");
            return [.. Enumerable.Range(0, array.Count).Select(i => Label(array[i], i, path))];
        }

        var idx = IdxFile.Read(path);
        return idx.Shape.Count == 1
            ? [.. idx.Bytes.Select(b => (int)b)]
            : throw new DataException(path, $"has {ArrayShape.Text(idx.Shape)} bytes; labels have one dimension", "Name the file of the labels, such as train-labels-idx1-ubyte.gz");
    }

    private static int Label(double label, int index, string path) => label == Math.Floor(label) && Math.Abs(label) <= int.MaxValue
        ? (int)label
        : throw new DataException(path, $"label {index + 1} is {label.ToString("R", CultureInfo.InvariantCulture)}, not a whole number", "Name an array of labels");

    private static byte[] Start(string path)
    {
        using var stream = FileBytes.Open(path);
        var start = new byte[PngChunks.Signature.Length];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }
}
