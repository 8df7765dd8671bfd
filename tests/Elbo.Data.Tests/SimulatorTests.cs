using Elbo.Data.Simulators;
using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class SimulatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_example_table_is_what_the_simulator_writes()
    {
        var example = Path.Combine(RepositoryRoot(), "examples", "customers.csv");
        var customers = TableSimulators.Find("customers");

        TableSimulators.Write(customers, _folder["customers.csv"], new Simulation(2000, 1, 0.09));

        Assert.Equal(2000, customers.DefaultRows);
        Assert.Equal(0.09, customers.DefaultMissing);
        Assert.Equal(File.ReadAllBytes(example), File.ReadAllBytes(_folder["customers.csv"]));
        Assert.InRange(new FileInfo(example).Length, 1, 200_000);
    }

    [Fact]
    public void Customers_have_every_kind_of_column_and_holes()
    {
        var path = _folder["customers.csv"];
        var customers = TableSimulators.Find("customers");
        TableSimulators.Write(customers, path, new Simulation(2000, 3, customers.DefaultMissing));

        var result = TableReader.Read(path, new TableReadOptions { Columns = [ColumnRequest.Parse("satisfaction=ordinal:low<medium<high")] });

        Assert.Equal(
            "customer_id identifier, signup_date date, age real, income positive, orders count, visits count, newsletter binary, "
            + "country category, plan category, satisfaction ordinal, balance real",
            string.Join(", ", result.Columns.Select(c => $"{c.Name} {ColumnRequest.NameOf(c.Kind)}")));
        Assert.InRange(result.Columns.Sum(c => c.MissingCount) / (2000.0 * result.Columns.Count), 0.08, 0.10);
        var (income, balance) = (result.Table.Values("income").ToArray(), result.Table.Values("balance").ToArray());
        var both = income.Zip(balance).Count(x => double.IsNaN(x.First) && double.IsNaN(x.Second));
        Assert.True(both > 0.6 * income.Count(double.IsNaN), "income and balance are mostly missing together");
    }

    [Fact]
    public void Every_simulator_gives_the_same_bytes_for_a_seed_and_others_for_another()
    {
        foreach (var simulator in TableSimulators.All)
        {
            string Simulate(ulong seed)
            {
                using var writer = new StringWriter();
                simulator.Write(writer, new Simulation(50, seed, 0.1));
                return writer.ToString();
            }

            Assert.Equal(Simulate(1), Simulate(1));
            Assert.NotEqual(Simulate(1), Simulate(2));
            Assert.Equal(51, Simulate(1).Count(c => c == '\n'));
            var path = _folder.Write($"{simulator.Name}.csv", Simulate(4));
            Assert.Equal(50, TableReader.Read(path).Table.RowCount);
        }
    }

    [Fact]
    public void Factor_columns_have_the_covariance_of_the_model()
    {
        var path = _folder["factors.csv"];
        TableSimulators.Write(TableSimulators.Find("factors"), path, new Simulation(4000, 2, 0));
        var table = TableReader.Read(path).Table;

        // Three causes explain all but the noise of variance 0.25 in each of the seven other directions, so the covariance less
        // 0.25 on its diagonal has rank three: its 4×4 minors are nearly zero beside those of the covariance itself.
        var covariance = Covariance(table, [0, 1, 2, 3]);
        var noiseless = (double[,])covariance.Clone();
        for (var i = 0; i < 4; i++)
            noiseless[i, i] -= 0.25;
        Assert.True(Math.Abs(Determinant(noiseless)) < 0.3 * Determinant(covariance));
    }

    [Fact]
    public void The_generator_gives_its_authors_numbers()
    {
        // SplitMix64 from 0 seeds the state e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec (Vigna's
        // splitmix64.c); the first output of xoshiro256** is rotl(s1·5, 7)·9.
        var random = new RandomSource(0);

        Assert.Equal(unchecked(System.Numerics.BitOperations.RotateLeft(0x6e789e6aa1b965f4UL * 5, 7) * 9), random.Bits());
    }

    [Fact]
    public void Portable_functions_are_those_of_mathematics()
    {
        for (var x = -40.0; x <= 40; x += 0.0137)
        {
            Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 1e-14);
            Assert.Equal(Math.Log(Math.Exp(x)), PortableMath.Log(Math.Exp(x)), 1e-14 * Math.Max(1, Math.Abs(x)));
        }

        Assert.Equal(double.NegativeInfinity, PortableMath.Log(0));
        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(1, PortableMath.Exp(0));
    }

    [Fact]
    public void Draws_have_the_moments_of_their_distributions()
    {
        var random = new RandomSource(11);
        const int n = 200_000;
        double Mean(Func<double> draw) => Enumerable.Range(0, n).Sum(_ => draw()) / n;

        // Five standard errors each.
        Assert.Equal(0.5, Mean(random.Uniform), 0.0033);
        Assert.Equal(0, Mean(random.Normal), 0.0112);
        Assert.Equal(1, Mean(() => random.Normal() is var x ? x * x : 0), 0.0159);
        Assert.Equal(3, Mean(() => random.Normal() is var x ? x * x * x * x : 0), 0.11);
        Assert.Equal(2, Mean(() => random.Gamma(2)), 0.0159);
        Assert.Equal(3.5, Mean(() => random.Poisson(3.5)), 0.021);
        Assert.Equal(0.75, Mean(() => random.Choose([0, Math.Log(3)])), 0.0049);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(10, -0.1)]
    [InlineData(10, 0.95)]
    [InlineData(10, double.NaN)]
    public void Rows_and_missing_cells_out_of_range_are_refused(int rows, double missing) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TableSimulators.All[0].Write(TextWriter.Null, new Simulation(rows, 1, missing)));

    [Fact]
    public void An_unknown_simulator_names_the_nearest() =>
        Assert.Contains("did you mean 'customers'", Assert.Throws<ArgumentException>(() => TableSimulators.Find("custmers")).Message, StringComparison.Ordinal);

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Elbo.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return folder.FullName;
    }

    private static double[,] Covariance(Table table, int[] columns)
    {
        var covariance = new double[columns.Length, columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                var (x, y) = (table.Values(columns[i]).ToArray(), table.Values(columns[j]).ToArray());
                var (mx, my) = (x.Average(), y.Average());
                covariance[i, j] = x.Zip(y, (a, b) => (a - mx) * (b - my)).Average();
            }
        }

        return covariance;
    }

    private static double Determinant(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        if (n == 1)
            return matrix[0, 0];
        var sum = 0.0;
        for (var k = 0; k < n; k++)
        {
            var minor = new double[n - 1, n - 1];
            for (var i = 1; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    if (j != k)
                        minor[i - 1, j < k ? j : j - 1] = matrix[i, j];
                }
            }

            sum += (k % 2 == 0 ? 1 : -1) * matrix[0, k] * Determinant(minor);
        }

        return sum;
    }
}
