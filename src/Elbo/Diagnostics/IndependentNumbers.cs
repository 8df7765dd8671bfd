namespace Elbo.Diagnostics;

/// <summary>
/// What rows come to under a model that has learned nothing of how their numbers hang together: each number is independent of the others and has the
/// distribution that it has over the training rows. The least that a bound has to beat.
/// </summary>
public static class IndependentNumbers
{
    private const int Shades = 256;

    /// <summary>ln p of rows of 0 and 1 in nats, [rows]; in each number one more 0 and one more 1 are counted than there are.</summary>
    /// <param name="training">The rows to learn from.</param>
    /// <param name="rows">The rows to judge.</param>
    public static double[] Binary(Points training, Points rows) =>
        Each(training, rows, column => column.Count(v => v >= 0.5) is var ones ? value => Math.Log((value >= 0.5 ? ones + 1 : column.Length - ones + 1) / (column.Length + 2.0)) : null!);

    /// <summary>ln of the normal density of rows in nats, [rows].</summary>
    /// <inheritdoc cref="Binary"/>
    public static double[] Normal(Points training, Points rows) => Each(training, rows, column =>
    {
        var mean = column.Average(v => (double)v);
        var variance = column.Average(v => (v - mean) * (v - mean));
        // A number that never varies has no density; it tells nothing either way.
        return value => variance > 0 ? -0.5 * ((value - mean) * (value - mean) / variance + Math.Log(2 * Math.PI * variance)) : 0;
    });

    /// <summary>ln of the probability of rows of 256 shades from 0 to 1 in nats, [rows]; each shade is counted once more than it is there.</summary>
    /// <inheritdoc cref="Binary"/>
    public static double[] OfShades(Points training, Points rows) => Each(training, rows, column =>
    {
        var counts = new int[Shades];
        foreach (var value in column)
            counts[Shade(value)]++;
        return value => Math.Log((counts[Shade(value)] + 1.0) / (column.Length + Shades));
    });

    private static int Shade(float value) => (int)Math.Clamp(Math.Round(value * (Shades - 1)), 0, Shades - 1);

    private static double[] Each(Points training, Points rows, Func<float[], Func<float, double>> learn)
    {
        Points.RequireSame(training, rows);
        var sums = new double[rows.Count];
        var column = new float[training.Count];
        for (var j = 0; j < training.Dimensions; j++)
        {
            for (var i = 0; i < column.Length; i++)
                column[i] = training[i][j];
            var logDensity = learn(column);
            for (var i = 0; i < sums.Length; i++)
                sums[i] += logDensity(rows[i][j]);
        }
        return sums;
    }
}
