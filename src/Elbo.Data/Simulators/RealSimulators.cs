namespace Elbo.Data.Simulators;

/// <summary>
/// Linear-Gaussian data: x = μ + W z + σ e with z standard normal of 3 and x of 10 dimensions, W standard normal, μ = 2·normal and
/// σ = 0.5. What a linear decoder with Gaussian noise can reach on it is known exactly (Tipping and Bishop 1999).
/// </summary>
internal sealed class FactorSimulator : ITableSimulator
{
    private const int Columns = 10;
    private const int Factors = 3;
    private const double Noise = 0.5;

    public string Name => "factors";

    public string Description => "ten real columns, linear in three hidden causes with Gaussian noise: probabilistic PCA is exact";

    public int DefaultRows => 2000;

    public double DefaultMissing => 0;

    public void Write(TextWriter writer, Simulation simulation)
    {
        TableSimulators.Check(simulation);
        var random = new RandomSource(simulation.Seed);
        var mean = LinearCauses.Normals(random, Columns, 2);
        var weights = LinearCauses.Normals(random, Columns * Factors, 1);
        LinearCauses.WriteHeader(writer, "x", Columns);
        var cells = new CellWriter(writer);
        var causes = new double[Factors];
        for (var row = 0; row < simulation.Rows; row++)
        {
            LinearCauses.Draw(random, causes);
            for (var j = 0; j < Columns; j++)
            {
                var value = mean[j] + LinearCauses.Dot(weights, j, causes) + Noise * random.Normal();
                cells.Number(value, 6, random.Chance(simulation.Missing));
            }

            cells.EndRow();
        }
    }
}

/// <summary>
/// Fifty sensors of one machine, each linear in five of the standard normal causes and in the product of two of them, with
/// Gaussian noise and a scale and an offset of its own: a wide table for measuring throughput.
/// </summary>
internal sealed class SensorSimulator : ITableSimulator
{
    private const int Columns = 50;
    private const int Causes = 5;

    public string Name => "sensors";

    public string Description => "fifty real columns driven by five hidden causes, 3 % of the cells missing, for measuring throughput";

    public int DefaultRows => 100_000;

    public double DefaultMissing => 0.03;

    public void Write(TextWriter writer, Simulation simulation)
    {
        TableSimulators.Check(simulation);
        var random = new RandomSource(simulation.Seed);
        var weights = LinearCauses.Normals(random, Columns * (Causes + 1), 0.6);
        var scale = new double[Columns];
        var offset = LinearCauses.Normals(random, Columns, 30);
        for (var j = 0; j < Columns; j++)
            scale[j] = PortableMath.Exp(random.Normal());

        LinearCauses.WriteHeader(writer, "sensor", Columns);
        var cells = new CellWriter(writer);
        var causes = new double[Causes + 1];
        for (var row = 0; row < simulation.Rows; row++)
        {
            LinearCauses.Draw(random, causes);
            causes[Causes] = causes[0] * causes[1];
            for (var j = 0; j < Columns; j++)
            {
                var value = offset[j] + scale[j] * (LinearCauses.Dot(weights, j, causes) + 0.4 * random.Normal());
                cells.Number(value, 3, random.Chance(simulation.Missing));
            }

            cells.EndRow();
        }
    }
}

/// <summary>
/// Four clusters of unequal size in six real columns: with probabilities 0.4, 0.3, 0.2 and 0.1 a row belongs to a cluster, whose
/// centre is 3·normal in each column and whose spread is 0.5 to 1.5. The last column names the cluster.
/// </summary>
internal sealed class MixtureSimulator : ITableSimulator
{
    private const int Columns = 6;

    private static readonly string[] Clusters = ["north", "east", "south", "west"];

    // Logarithms of 4, 3, 2 and 1.
    private static readonly double[] Scores = [1.3862943611198906, 1.0986122886681098, 0.6931471805599453, 0];

    public string Name => "mixture";

    public string Description => "six real columns in four clusters of unequal size, and the cluster's name";

    public int DefaultRows => 1000;

    public double DefaultMissing => 0.05;

    public void Write(TextWriter writer, Simulation simulation)
    {
        TableSimulators.Check(simulation);
        var random = new RandomSource(simulation.Seed);
        var centres = LinearCauses.Normals(random, Columns * Clusters.Length, 3);
        var spreads = Clusters.Select(_ => 0.5 + random.Uniform()).ToArray();
        writer.Write("x1,x2,x3,x4,x5,x6,cluster\n");
        var cells = new CellWriter(writer);
        for (var row = 0; row < simulation.Rows; row++)
        {
            var cluster = random.Choose(Scores);
            for (var j = 0; j < Columns; j++)
                cells.Number(centres[cluster * Columns + j] + spreads[cluster] * random.Normal(), 4, random.Chance(simulation.Missing));
            cells.Text(Clusters[cluster], random.Chance(simulation.Missing));
            cells.EndRow();
        }
    }
}

/// <summary>What the simulators of real columns share.</summary>
internal static class LinearCauses
{
    public static double[] Normals(RandomSource random, int count, double scale)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = scale * random.Normal();
        return values;
    }

    public static void Draw(RandomSource random, Span<double> causes)
    {
        foreach (ref var cause in causes)
            cause = random.Normal();
    }

    // In a fixed order, so that the sum has the same bits everywhere.
    public static double Dot(double[] weights, int column, double[] causes)
    {
        var sum = 0.0;
        for (var k = 0; k < causes.Length; k++)
            sum += weights[column * causes.Length + k] * causes[k];
        return sum;
    }

    public static void WriteHeader(TextWriter writer, string name, int columns)
    {
        for (var j = 0; j < columns; j++)
            writer.Write($"{(j > 0 ? "," : "")}{name}{j + 1}");
        writer.Write('\n');
    }
}
