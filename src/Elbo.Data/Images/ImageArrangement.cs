using Elbo.Images;

namespace Elbo.Data;

/// <summary>Makes images of the bytes of an array: finds rows, columns and channels, and brings the channels last.</summary>
internal static class ImageArrangement
{
    /// <summary>The images of an array.</summary>
    /// <param name="file">For errors.</param>
    /// <param name="shape">The sizes of the array.</param>
    /// <param name="bytes">Its elements; they may be overwritten.</param>
    /// <param name="options">What the user says.</param>
    /// <param name="notices">Takes what the user should know.</param>
    /// <exception cref="DataException">The sizes are not those of images.</exception>
    public static ImageSet Arrange(string file, IReadOnlyList<long> shape, byte[] bytes, ImageReadOptions options, List<string> notices)
    {
        if (!bytes.AsSpan().ContainsAnyExcept((byte)0, (byte)1) && bytes.AsSpan().Contains((byte)1))
        {
            notices.Add($"the pixels of {file} are 0 and 1 alone: black and white.");
            foreach (ref var b in bytes.AsSpan())
                b *= 255;
        }

        if (options.Shape is not { } asked)
            return Arranged(file, shape, bytes, options, notices);
        if (shape.Count == 2)
            return Shaped(file, shape, bytes, asked, options.Channels);
        var images = Arranged(file, shape, bytes, options, notices);
        return (images.Height, images.Width, images.Channels) == (asked.Height, asked.Width, asked.Channels) ? images : throw new DataException(
            file, $"its images are of {new ImageShape(images.Height, images.Width, images.Channels)} pixels, not {asked}", "Name images of that size");
    }

    private static ImageSet Arranged(string file, IReadOnlyList<long> shape, byte[] bytes, ImageReadOptions options, List<string> notices)
    {
        switch (shape.Count)
        {
            case 3:
                return new((int)shape[1], (int)shape[2], 1, bytes);
            case 4:
                var isFirst = ChannelsFirst(file, shape, options.Channels, notices);
                var (height, width, channels) = isFirst ? (shape[2], shape[3], shape[1]) : (shape[1], shape[2], shape[3]);
                return Opaque(file, (int)height, (int)width, (int)channels, isFirst ? ChannelsLast(bytes, height * width, channels) : bytes, notices);
            case 2:
                throw new DataException(
                    file, $"its array has {ArrayShape.Text(shape)} numbers, which does not say how many rows and columns of pixels an image has",
                    "Say it with --shape, as in --shape 28x28, or reshape the array");
            default:
                throw new DataException(
                    file, $"its array has {ArrayShape.Text(shape)} numbers; images have 3 dimensions, or 4 with channels", "Reshape the array");
        }
    }

    /// <summary>Pixels with a fourth channel, their opacity, laid over white.</summary>
    public static ImageSet Opaque(string file, int height, int width, int channels, byte[] bytes, List<string> notices)
    {
        if (channels is 1 or 3)
            return new(height, width, channels, bytes);
        var opaque = new byte[bytes.Length / 4 * 3];
        var isSeenThrough = false;
        for (int from = 0, to = 0; from < bytes.Length; from += 4, to += 3)
        {
            isSeenThrough |= bytes[from + 3] != 255;
            for (var c = 0; c < 3; c++)
                opaque[to + c] = OverWhite(bytes[from + c], bytes[from + 3]);
        }

        notices.Add(isSeenThrough ? $"{file} has transparent pixels; they were laid over white." : $"the fourth channel of {file}, full opacity, was left out.");
        return new(height, width, 3, opaque);
    }

    /// <summary>What is seen of a value through which white shines.</summary>
    public static byte OverWhite(byte value, byte opacity) => (byte)(((value * opacity) + (255 * (255 - opacity)) + 127) / 255);

    private static ImageSet Shaped(string file, IReadOnlyList<long> shape, byte[] bytes, ImageShape asked, ChannelOrder order)
    {
        var size = (long)asked.Height * asked.Width * asked.Channels;
        if (shape[1] != size)
        {
            throw new DataException(
                file, $"its array has {ArrayShape.Text(shape)} numbers, so a row of it is no image of {asked}, {size} numbers",
                "Give --shape as height x width, or height x width x 3");
        }

        var isFirst = order == ChannelOrder.First && asked.Channels > 1;
        return new(asked.Height, asked.Width, asked.Channels, isFirst ? ChannelsLast(bytes, (long)asked.Height * asked.Width, asked.Channels) : bytes);
    }

    private static bool ChannelsFirst(string file, IReadOnlyList<long> shape, ChannelOrder order, List<string> notices)
    {
        var (mayBeFirst, mayBeLast) = (shape[1] is 1 or 3 or 4, shape[3] is 1 or 3 or 4);
        var isFirst = order == ChannelOrder.First || (order == ChannelOrder.Guessed && mayBeFirst && !mayBeLast);
        if (order == ChannelOrder.Guessed && mayBeFirst && mayBeLast)
        {
            throw new DataException(
                file, $"its array of {ArrayShape.Text(shape)} may have the channels in its second or in its last dimension", "Say --channels first or --channels last");
        }

        if (!(isFirst ? mayBeFirst : mayBeLast))
        {
            throw new DataException(
                file, $"its array of {ArrayShape.Text(shape)} has no dimension of channels: 1 for grey, 3 for colour, 4 for colour with opacity",
                "Bring it into the order images x height x width x channels");
        }

        if (order == ChannelOrder.Guessed && isFirst)
            notices.Add($"{file} was taken as images x channels x height x width.");
        return isFirst;
    }

    private static byte[] ChannelsLast(byte[] bytes, long pixels, long channels)
    {
        if (channels == 1)
            return bytes;
        var last = new byte[bytes.Length];
        var size = (int)(pixels * channels);
        for (var image = 0; image < bytes.Length; image += size)
        {
            for (var c = 0; c < channels; c++)
            {
                for (var p = 0; p < pixels; p++)
                    last[image + (int)((p * channels) + c)] = bytes[image + (int)((c * pixels) + p)];
            }
        }

        return last;
    }
}
