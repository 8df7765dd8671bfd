namespace Elbo.Data;

/// <summary>Where the channels of colour images stand in an array.</summary>
public enum ChannelOrder
{
    /// <summary>As the sizes tell: in the dimension of size 3 or 4, or 1 for grey.</summary>
    Guessed,

    /// <summary>In the last dimension: rows, columns, channels.</summary>
    Last,

    /// <summary>Before rows and columns, as PyTorch has them.</summary>
    First,
}

/// <summary>Height, width and channels of an image.</summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
/// <param name="Channels">1 for grey, 3 for colour.</param>
public readonly record struct ImageShape(int Height, int Width, int Channels = 1)
{
    /// <summary>Reads 28x28 or 32x32x3.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The shape, or null where the text is none.</returns>
    public static ImageShape? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        var sizes = text.Split('x').Select(t => int.TryParse(t, System.Globalization.NumberStyles.None, invariant, out var size) && size > 0 ? size : 0).ToArray();
        return sizes.Contains(0) ? null : sizes switch
        {
            [var height, var width] => new(height, width),
            [var height, var width, (1 or 3) and var channels] => new(height, width, channels),
            _ => null,
        };
    }

    /// <summary>Such as 28 x 28, or 32 x 32 x 3.</summary>
    public override string ToString() => Channels == 1 ? $"{Height} x {Width}" : $"{Height} x {Width} x {Channels}";
}

/// <summary>What a user may say about a file of images that would otherwise be found out from it.</summary>
public sealed record ImageReadOptions
{
    /// <summary>Nothing said.</summary>
    public static ImageReadOptions Default { get; } = new();

    /// <summary>The size of each image, where the file has its pixels in one row; null where the file tells.</summary>
    public ImageShape? Shape { get; init; }

    /// <summary>Where the channels stand.</summary>
    public ChannelOrder Channels { get; init; }
}
