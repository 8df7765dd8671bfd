using Elbo.Compute;
using Elbo.Tables;

namespace Elbo.Tests.Training;

/// <summary>A table with a column of every kind and holes, from one hidden cause.</summary>
internal static class MixedTable
{
    public static Table Of(int rows, ulong seed = 1)
    {
        var random = new RandomNumbers(seed, 99);
        double[][] values = [.. Enumerable.Range(0, 7).Select(_ => new double[rows])];
        for (var row = 0; row < rows; row++)
        {
            var z = random.NextNormal();
            values[0][row] = 50 + 10 * z + 3 * random.NextNormal();
            values[1][row] = Math.Exp(2 + 0.5 * z + 0.2 * random.NextNormal());
            values[2][row] = random.NextPoisson(Math.Exp(1 + 0.4 * z));
            values[3][row] = random.NextPoisson(Math.Exp(1 - z) * random.NextGamma(2) / 2);
            values[4][row] = random.NextUniform() < 1 / (1 + Math.Exp(-2 * z)) ? 1 : 0;
            values[5][row] = Math.Clamp(Math.Floor(1.5 + z + 0.5 * random.NextNormal()), 0, 2);
            values[6][row] = Math.Clamp(Math.Floor(2.5 + z + 0.7 * random.NextNormal()), 0, 4);
            foreach (var column in values)
            {
                if (random.NextUniform() < 0.1)
                    column[row] = double.NaN;
            }
        }
        Column[] columns =
        [
            new("real", ColumnKind.Real), new("positive", ColumnKind.Positive), new("count", ColumnKind.Count), new("spread", ColumnKind.Count),
            new("binary", ColumnKind.Binary, ["no", "yes"]), new("category", ColumnKind.Category, ["a", "b", "c"]),
            new("ordinal", ColumnKind.Ordinal, ["1", "2", "3", "4", "5"]),
        ];
        return new(columns, [.. values.Select(v => (ReadOnlyMemory<double>)v)]);
    }
}
