namespace Elbo.Data.Simulators;

/// <summary>How a table is to be simulated.</summary>
/// <param name="Rows">The number of rows, at least 1.</param>
/// <param name="Seed">The same seed gives the same bytes.</param>
/// <param name="Missing">The fraction of cells that are missing, from 0 to 0.9, about; some columns have more than others.</param>
public sealed record Simulation(int Rows, ulong Seed, double Missing);

/// <summary>A documented source of tables that look like real ones and whose truth is known.</summary>
public interface ITableSimulator
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>What the table is like, in a sentence.</summary>
    string Description { get; }

    /// <summary>The number of rows unless said otherwise.</summary>
    int DefaultRows { get; }

    /// <summary>The fraction of missing cells unless said otherwise.</summary>
    double DefaultMissing { get; }

    /// <summary>Writes a table as CSV with a header, lines ending in LF and empty cells for what is missing.</summary>
    /// <param name="writer">Where to write; stays open.</param>
    /// <param name="simulation">Rows, seed and missing cells.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rows or the missing fraction are out of range.</exception>
    void Write(TextWriter writer, Simulation simulation);
}

/// <summary>The simulators there are.</summary>
public static class TableSimulators
{
    /// <summary>All of them, the main one first.</summary>
    public static IReadOnlyList<ITableSimulator> All { get; } =
        [new CustomerSimulator(), new FactorSimulator(), new SensorSimulator(), new MixtureSimulator()];

    /// <summary>The simulator of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The simulator.</returns>
    /// <exception cref="ArgumentException">There is none of this name; the message lists the names.</exception>
    public static ITableSimulator Find(string name)
    {
        var found = All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
            return found;
        var names = All.Select(s => s.Name).ToList();
        var hint = Names.Nearest(name, names) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        throw new ArgumentException($"There is no simulator '{name}'{hint}. There are {Names.List(names)}.", nameof(name));
    }

    /// <summary>Simulates a table into a file, whole or not at all; compressed when its name ends in .gz.</summary>
    /// <param name="simulator">What to simulate.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="simulation">Rows, seed and missing cells.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rows or the missing fraction are out of range.</exception>
    public static void Write(ITableSimulator simulator, string path, Simulation simulation) => TableWriter.WriteFile(path, stream =>
    {
        using var writer = new StreamWriter(stream, bufferSize: 1 << 16, leaveOpen: true);
        simulator.Write(writer, simulation);
    });

    internal static void Check(Simulation simulation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(simulation.Rows, 1);
        if (!(simulation.Missing >= 0 && simulation.Missing <= 0.9))
            throw new ArgumentOutOfRangeException(nameof(simulation), simulation.Missing, "The missing fraction is from 0 to 0.9.");
    }
}
