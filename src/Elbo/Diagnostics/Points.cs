using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diagnostics;

/// <summary>Rows of equally many numbers: samples, data, codes, or features of them. It never changes once made.</summary>
public sealed class Points : IRows
{
    private readonly ReadOnlyMemory<float> _values;

    /// <summary>Points from their numbers.</summary>
    /// <param name="values">[points, dimensions], point by point. They are kept, not copied: the caller must not change them afterwards.</param>
    /// <param name="dimensions">Numbers a point, at least 1.</param>
    /// <exception cref="ArgumentException">The numbers are not a whole number of points, or some are not finite.</exception>
    public Points(ReadOnlyMemory<float> values, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (values.Length == 0 || values.Length % dimensions != 0)
            throw new ArgumentException($"{values.Length} numbers are no whole number of points of {dimensions} numbers each.", nameof(values));
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values.Span[i]))
                throw new ArgumentException($"Number {i % dimensions} of point {i / dimensions} is {values.Span[i]}: points must be finite, so leave this one out or fill it in.", nameof(values));
        }
        (_values, Dimensions) = (values, dimensions);
    }

    /// <summary>How many points.</summary>
    public int Count => _values.Length / Dimensions;

    /// <summary>Numbers a point.</summary>
    public int Dimensions { get; }

    int IRows.Size => Dimensions;

    bool IRows.HasMissing => false;

    void IRows.Fill(ReadOnlySpan<int> rows, Span<float> values, Span<float> mask)
    {
        for (var i = 0; i < rows.Length; i++)
            this[rows[i]].CopyTo(values[(i * Dimensions)..]);
        values[(rows.Length * Dimensions)..].Clear();
        mask.Clear();
        mask[..Math.Min(mask.Length, rows.Length * Dimensions)].Fill(1);
    }

    /// <summary>The numbers, [points, dimensions].</summary>
    public ReadOnlySpan<float> Values => _values.Span;

    /// <summary>The numbers of a point.</summary>
    public ReadOnlySpan<float> this[int point] => _values.Span.Slice(point * Dimensions, Dimensions);

    /// <summary>The rows of a data set.</summary>
    /// <exception cref="ArgumentException">Some numbers are missing: a point must be whole.</exception>
    public static Points Of(IRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Of(rows, [.. Enumerable.Range(0, rows.Count)]);
    }

    /// <summary>Some rows of a data set.</summary>
    /// <exception cref="ArgumentException">Some numbers are missing: a point must be whole.</exception>
    public static Points Of(IRows rows, ReadOnlySpan<int> which)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var values = new float[(long)which.Length * rows.Size];
        var mask = new float[rows.HasMissing ? values.Length : 0];
        rows.Fill(which, values, mask);
        if (Array.IndexOf(mask, 0f) is >= 0 and var lacking)
            throw new ArgumentException($"Number {lacking % rows.Size} of row {which[lacking / rows.Size]} is missing, and a point must be whole: impute it, or leave out rows and columns with gaps.", nameof(rows));
        return new(values, rows.Size);
    }

    /// <summary>Some of the points, in the order given.</summary>
    /// <param name="points">Their indices, from 0.</param>
    public Points Select(ReadOnlySpan<int> points)
    {
        var values = new float[(long)points.Length * Dimensions];
        for (var i = 0; i < points.Length; i++)
            this[points[i]].CopyTo(values.AsSpan(i * Dimensions));
        return new(values, Dimensions);
    }

    /// <summary>At most so many of the points, drawn without replacement; these points themselves where they are no more.</summary>
    internal Points AtMost(int count, RandomNumbers random)
    {
        if (Count <= count)
            return this;
        int[] order = [.. Enumerable.Range(0, Count)];
        random.Shuffle<int>(order);
        return Select(order.AsSpan(0, count));
    }

    /// <summary>These points, and then others.</summary>
    internal Points With(Points others) => new(new ReadOnlyMemory<float>([.. Values, .. others.Values]), Dimensions);

    /// <summary>Throws where points differ in their dimensions.</summary>
    internal static void RequireSame(Points first, Points second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Dimensions != second.Dimensions)
            throw new ArgumentException($"Points of {first.Dimensions} numbers cannot be compared with points of {second.Dimensions}.");
    }
}
