using Elbo.Compute;
using Elbo.Tables;

namespace Elbo.Tests.Models;

/// <summary>Rows x = m + W·z + sd·ε with everything known.</summary>
internal sealed class FactorData
{
    public FactorData(int rows, int columns, int factors, double noise, ulong seed, double strength = 1)
    {
        var random = new RandomNumbers(seed, 77);
        Noise = noise;
        Loadings = new double[columns, factors];
        for (var c = 0; c < columns; c++)
        {
            for (var f = 0; f < factors; f++)
                Loadings[c, f] = strength * random.NextNormal();
        }
        Values = [.. Enumerable.Range(0, columns).Select(_ => new double[rows])];
        for (var row = 0; row < rows; row++)
        {
            double[] z = [.. Enumerable.Range(0, factors).Select(_ => random.NextNormal())];
            for (var c = 0; c < columns; c++)
                Values[c][row] = Mean(c) + z.Select((v, f) => v * Loadings[c, f]).Sum() + noise * random.NextNormal();
        }
    }

    public double[,] Loadings { get; }

    public double Noise { get; }

    /// <summary>Column by column.</summary>
    public double[][] Values { get; }

    public int Columns => Values.Length;

    public int Rows => Values[0].Length;

    public Table Table => TableOf(Values);

    public static double Mean(int column) => 3.0 * column - 5;

    /// <summary>W·Wᵀ + sd²·I.</summary>
    public double[,] Covariance
    {
        get
        {
            var covariance = new double[Columns, Columns];
            for (var a = 0; a < Columns; a++)
            {
                for (var b = 0; b < Columns; b++)
                {
                    covariance[a, b] = a == b ? Noise * Noise : 0;
                    for (var f = 0; f < Loadings.GetLength(1); f++)
                        covariance[a, b] += Loadings[a, f] * Loadings[b, f];
                }
            }
            return covariance;
        }
    }

    /// <summary>The row's values in the order of the columns.</summary>
    public double[] Row(int row) => [.. Values.Select(v => v[row])];

    /// <summary>The same rows with each cell missing with some probability; no row loses all.</summary>
    public Table WithHoles(double share, ulong seed)
    {
        var random = new RandomNumbers(seed, 78);
        double[][] holed = [.. Values.Select(v => v.ToArray())];
        for (var row = 0; row < Rows; row++)
        {
            var kept = random.NextBelow(Columns);
            for (var c = 0; c < Columns; c++)
            {
                if (random.NextUniform() < share && c != kept)
                    holed[c][row] = double.NaN;
            }
        }
        return TableOf(holed);
    }

    public static Table TableOf(double[][] values) =>
        new([.. values.Select((_, c) => new Column($"x{c}", ColumnKind.Real))], [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
}
