using Elbo.Autoencoders;
using Elbo.Diagnostics;
using MathNet.Numerics.LinearAlgebra;

namespace Elbo.Recording;

/// <summary>Codes of rows, to be drawn as points.</summary>
internal static class LatentView
{
    private const int RowsMeanwhile = 1000;
    private const int RowsAtTheEnd = 4000;
    private const int MostLatents = 32;

    // Of more numbers the directions in which they vary most take too long to find.
    private const int MostForDirections = 256;

    /// <summary>The rows whose codes are shown.</summary>
    public static int[] Rows(IReadOnlyList<int> judged, int? epoch) => [.. judged.Take(epoch is null ? RowsAtTheEnd : RowsMeanwhile)];

    /// <summary>The table of codes.</summary>
    /// <param name="means">Means of q(z|x).</param>
    /// <param name="rows">Which rows they are of, from 0.</param>
    /// <param name="colours">Columns to colour them by.</param>
    /// <param name="epoch">After which epoch.</param>
    public static TableMade Of(Points means, IReadOnlyList<int> rows, IEnumerable<FitColumn> colours, int? epoch)
    {
        var columns = new List<FitColumn> { FitColumn.Of("row", [.. rows.Select(r => r + 1.0)]) };
        columns.AddRange(Directions(means));
        foreach (var latent in MostVarying(means, MostLatents).Order())
            columns.Add(FitColumn.Of($"z{latent + 1}", [.. Enumerable.Range(0, means.Count).Select(i => (double)means.Values[i * means.Dimensions + latent])]));
        columns.AddRange(colours);
        return new(FitTableKind.Latent, "Codes of rows: means of q(z|x)", columns) { Epoch = epoch };
    }

    /// <summary>The label of each row in words; none where there is no label.</summary>
    public static IEnumerable<FitColumn> Labels(IRows rows, IReadOnlyList<int> which, IReadOnlyList<string>? classes)
    {
        int?[] labels = [.. which.Select(rows.LabelOf)];
        return labels.All(l => l is null) ? [] : [FitColumn.Of("label", [.. labels.Select(l => l is { } label ? classes?[label] ?? $"{label}" : null)])];
    }

    /// <summary>Latent numbers whose codes vary most, the first first.</summary>
    public static int[] MostVarying(Points means, int most)
    {
        var (_, spreads) = Moments(means);
        return [.. Enumerable.Range(0, means.Dimensions).OrderByDescending(j => spreads[j]).ThenBy(j => j).Take(most)];
    }

    /// <summary>The mean and the standard deviation of each latent number over codes.</summary>
    public static (double[] Means, double[] Deviations) Moments(Points means)
    {
        var (centre, spread, size) = (new double[means.Dimensions], new double[means.Dimensions], means.Dimensions);
        for (var i = 0; i < means.Values.Length; i++)
            centre[i % size] += means.Values[i] / means.Count;
        for (var i = 0; i < means.Values.Length; i++)
            spread[i % size] += Math.Pow(means.Values[i] - centre[i % size], 2) / means.Count;
        return (centre, Array.ConvertAll(spread, Math.Sqrt));
    }

    // The two directions in which codes vary most: a view of more numbers than a picture has sides.
    private static IEnumerable<FitColumn> Directions(Points means)
    {
        if (means.Dimensions is <= 2 or > MostForDirections || means.Count < 2)
            return [];
        var (centre, _) = Moments(means);
        var codes = Matrix<double>.Build.Dense(means.Count, means.Dimensions, (i, j) => means.Values[i * means.Dimensions + j] - centre[j]);
        var vectors = codes.TransposeThisAndMultiply(codes).Evd(Symmetricity.Symmetric).EigenVectors;
        return [Along(1), Along(2)];

        FitColumn Along(int rank)
        {
            var direction = vectors.Column(means.Dimensions - rank);
            // Which way is up is a matter of chance: the greatest weight counts upwards, so that pictures of one fit do not flip.
            var sign = direction[direction.AbsoluteMaximumIndex()] < 0 ? -1 : 1;
            return FitColumn.Of($"pc{rank}", [.. (codes * direction * sign)]);
        }
    }
}
