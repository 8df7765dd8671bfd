using System.Globalization;

namespace Elbo.Data.Simulators;

/// <summary>Writes sprites and their factors.</summary>
public static class SpriteFile
{
    /// <summary>Sprites unless said otherwise.</summary>
    public const int UsualCount = 20_000;

    /// <summary>Writes images as an array of NumPy, and a table of their factors in the same order: shape, scale (0.5 to 1), rotation (radians) and place (x and y from 0 to 1).</summary>
    /// <param name="images">The file of the images to make or replace, .npy.</param>
    /// <param name="factors">The file of the factors to make or replace, .csv or .tsv.</param>
    /// <param name="sprites">The sprites.</param>
    /// <exception cref="DataException">A file cannot be written.</exception>
    public static void Write(string images, string factors, SpriteSet sprites)
    {
        ArgumentNullException.ThrowIfNull(sprites);
        NumpyWriter.Write(images, sprites.Images());
        TableWriter.WriteRows(factors, ["shape", "scale", "rotation", "x", "y"], Enumerable.Range(0, sprites.Count).Select(row => Cells(sprites[row])));
    }

    private static string[] Cells(Sprite sprite) =>
    [
        sprite.Shape.ToString().ToLowerInvariant(), Text(0.5 + 0.1 * sprite.Scale), Text(2 * Math.PI * sprite.Rotation / 39), Text(sprite.X / 31.0), Text(sprite.Y / 31.0),
    ];

    private static string Text(double number) => Math.Round(number, 6).ToString(CultureInfo.InvariantCulture);
}
