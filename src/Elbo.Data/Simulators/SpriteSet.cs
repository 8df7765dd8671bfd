using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Diagnostics.Factors;
using Elbo.Images;

namespace Elbo.Data.Simulators;

/// <summary>The shape of a sprite.</summary>
public enum SpriteShape
{
    /// <summary>A square.</summary>
    Square,

    /// <summary>An ellipse, wider than high before it is turned.</summary>
    Ellipse,

    /// <summary>A heart, its tip down before it is turned.</summary>
    Heart,
}

/// <summary>A sprite by its factors, each a level from 0.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Scale">Of 6: 0.5 to 1 in equal steps.</param>
/// <param name="Rotation">Of 40: 0 to 2π in equal steps, so that the last is the first once more.</param>
/// <param name="X">Of 32: from left to right.</param>
/// <param name="Y">Of 32: from top to bottom.</param>
public readonly record struct Sprite(SpriteShape Shape, int Scale, int Rotation, int X, int Y);

/// <summary>
/// The 2-D sprites on which hidden factors are looked for (dSprites; Matthey, Higgins, Hassabis and Lerchner, 2017): white shapes on black in 64 x 64 pixels, one for
/// each of 3 shapes, 6 scales, 40 rotations and 32 x 32 places. They are drawn here from their description: a pixel is white where its centre is
/// inside the shape.
/// </summary>
/// <remarks>The outlines were measured on published frames, which these images meet in all but two in a thousand of the white pixels.</remarks>
public sealed class SpriteSet : IRows
{
    /// <summary>Pixels along a side.</summary>
    public const int Side = 64;

    /// <summary>How many sprites there are.</summary>
    public const int All = 3 * Scales * Rotations * Places * Places;

    /// <summary>How many sprites at most there can be as images, which lie in one array.</summary>
    public static int MostImages => Array.MaxLength / (Side * Side);

    private const int Scales = 6;
    private const int Rotations = 40;
    private const int Places = 32;

    private readonly int[]? _which;

    /// <summary>Some sprites.</summary>
    /// <param name="which">Their indices, see <see cref="Of"/>; null for all, in the order of their indices.</param>
    /// <exception cref="ArgumentException">There is no sprite of an index.</exception>
    public SpriteSet(IReadOnlyList<int>? which = null)
    {
        if (which?.FirstOrDefault(i => i is < 0 or >= All) is { } wrong and not 0)
            throw new ArgumentException($"There is no sprite {wrong}; their indices go from 0 to {All - 1}.", nameof(which));
        _which = which is null ? null : [.. which];
    }

    /// <summary>Different sprites drawn at random.</summary>
    /// <param name="count">How many, at most <see cref="All"/>.</param>
    /// <param name="seed">Other seeds give other sprites.</param>
    public static SpriteSet Drawn(int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, All);
        int[] all = [.. Enumerable.Range(0, All)];
        new RandomNumbers(seed, 0x5350_0000_0000_0001).Shuffle<int>(all);
        return new(all[..count]);
    }

    /// <summary>The sprite of an index: places from top to bottom come one after the other, then those from left to right, rotations, scales and shapes.</summary>
    /// <param name="index">From 0 to <see cref="All"/> − 1.</param>
    public static Sprite Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, All);
        var (rest, y) = Math.DivRem(index, Places);
        (rest, var x) = Math.DivRem(rest, Places);
        (rest, var rotation) = Math.DivRem(rest, Rotations);
        var (shape, scale) = Math.DivRem(rest, Scales);
        return new((SpriteShape)shape, scale, rotation, x, y);
    }

    /// <summary>The index of a sprite.</summary>
    public static int IndexOf(Sprite sprite) => (((((int)sprite.Shape * Scales) + sprite.Scale) * Rotations + sprite.Rotation) * Places + sprite.X) * Places + sprite.Y;

    /// <inheritdoc/>
    public int Count => _which?.Length ?? All;

    /// <inheritdoc/>
    public int Size => Side * Side;

    /// <inheritdoc/>
    public bool HasMissing => false;

    /// <summary>The sprite of a row.</summary>
    public Sprite this[int row] => Of(_which?[row] ?? row);

    /// <summary>The factors of all rows.</summary>
    public FactorTable Factors
    {
        get
        {
            Sprite[] sprites = [.. Enumerable.Range(0, Count).Select(row => this[row])];
            return new([
                new("shape", 3, FactorKind.Unordered, [.. sprites.Select(s => (int)s.Shape)]),
                new("scale", Scales, FactorKind.Ordered, [.. sprites.Select(s => s.Scale)]),
                new("rotation", Rotations, FactorKind.Cyclic, [.. sprites.Select(s => s.Rotation)]),
                new("x", Places, FactorKind.Ordered, [.. sprites.Select(s => s.X)]),
                new("y", Places, FactorKind.Ordered, [.. sprites.Select(s => s.Y)]),
            ]);
        }
    }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        values.Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            var to = i * Size;
            foreach (var (y, from, count) in SpriteOutline.Spans(this[rows[i]]))
                values.Slice(to + y * Side + from, count).Fill(1);
        }
        mask[..Math.Min(mask.Length, rows.Length * Size)].Fill(1);
        mask[Math.Min(mask.Length, rows.Length * Size)..].Clear();
    }

    /// <summary>The images themselves.</summary>
    /// <exception cref="InvalidOperationException">There are more than <see cref="MostImages"/>.</exception>
    public ImageSet Images()
    {
        if (Count > MostImages)
            throw new InvalidOperationException($"{Count} sprites have more pixels than an array holds: draw at most {MostImages}, or use the set itself, which is rows without being kept.");
        var pixels = new byte[(long)Count * Size];
        for (var row = 0; row < Count; row++)
        {
            foreach (var (y, from, count) in SpriteOutline.Spans(this[row]))
                pixels.AsSpan((row * Side + y) * Side + from, count).Fill(255);
        }
        return new(Side, Side, 1, pixels);
    }
}
