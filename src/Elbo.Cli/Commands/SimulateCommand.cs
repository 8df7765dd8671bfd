using System.CommandLine;
using System.Text;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Data.Simulators;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo simulate</c>: example tables whose truth is known.</summary>
internal static class SimulateCommand
{
    private static readonly string Description = $"""
        Write an example table; the same seed gives the same bytes.

        {string.Join('\n', TableSimulators.All.Select(s => $"  {s.Name,-12}{s.Description}"))}

          elbo simulate customers -o customers.csv
          elbo simulate {TableSimulators.All[1].Name} --rows 500 --missing 0.3 --seed 7
        """;

    public static Command Create(Terminal terminal)
    {
        var kind = new Argument<string>("KIND") { Description = $"What to simulate: {string.Join(", ", TableSimulators.All.Select(s => s.Name))}." };
        var rows = OptionOf.Whole("--rows", "N", 1, "How many rows. [default: as many as suit the kind]", "-n");
        var seed = OptionOf.Seed("Other seeds give other tables. [default: 1]");
        var missing = OptionOf.Number("--missing", "FRACTION", x => x is >= 0 and <= 0.9, "a fraction from 0 to 0.9", "The fraction of cells that are missing, about. [default: as suits the kind]");
        var output = OptionOf.Output("The file to write; compressed when its name ends in .gz. [default: standard output]");
        var command = new DescribedCommand("simulate", Description) { kind, output, rows, seed, missing };
        command.SetAction(parsed =>
        {
            var simulator = Find(parsed.GetRequiredValue(kind));
            var simulation = new Simulation(
                parsed.GetValue(rows) ?? simulator.DefaultRows, parsed.GetValue(seed) ?? 1, parsed.GetValue(missing) ?? simulator.DefaultMissing);
            Write(terminal, simulator, simulation, parsed.GetValue(output));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(Terminal terminal, ITableSimulator simulator, Simulation simulation, string? output)
    {
        if (output is null)
        {
            terminal.WriteTable(stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
                simulator.Write(writer, simulation);
            });
            return;
        }

        TableSimulators.Write(simulator, output, simulation);
        new TableOutput(terminal, output).Done(Numbers.Of(simulation.Rows, "row"));
    }

    private static ITableSimulator Find(string name)
    {
        var found = TableSimulators.All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
            return found;
        var nearest = Names.Nearest(name, TableSimulators.All.Select(s => s.Name));
        throw new UsageException($"there is no simulator '{name}'{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}. There are {Names.List(TableSimulators.All.Select(s => s.Name))}.");
    }
}
