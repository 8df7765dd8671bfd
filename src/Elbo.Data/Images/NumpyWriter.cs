using System.Text;
using Elbo.Images;

namespace Elbo.Data;

/// <summary>Writes images as an array of NumPy.</summary>
public static class NumpyWriter
{
    // Elements begin at a multiple of this, as NumPy itself has it.
    private const int Alignment = 64;
    private const int Before = 10;

    /// <summary>Writes a .npy file of uint8, images x height x width, and x channels where there are several; whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public static void Write(string path, ImageSet images)
    {
        ArgumentNullException.ThrowIfNull(images);
        var shape = FormattableString.Invariant($"{images.Count}, {images.Height}, {images.Width}{(images.Channels > 1 ? $", {images.Channels}" : "")}");
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}";
        var length = (Before + header.Length + 1 + Alignment - 1) / Alignment * Alignment - Before;
        AtomicFile.Write(path, stream =>
        {
            stream.Write(NumpyHeader.Magic);
            stream.Write([1, 0, (byte)(length % 256), (byte)(length / 256)]);
            stream.Write(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"));
            for (var i = 0; i < images.Count; i++)
                stream.Write(images.Pixels(i));
        });
    }
}
