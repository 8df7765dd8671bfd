using System.CommandLine;
using System.Text;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Data.Simulators;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo simulate</c>: example tables and images whose truth is known.</summary>
internal static class SimulateCommand
{
    private const string Sprites = "sprites";

    private static readonly string Description = $"""
        Write an example table, or images; the same seed gives the same bytes.

        {string.Join('\n', TableSimulators.All.Select(s => $"  {s.Name,-12}{s.Description}"))}
          {Sprites,-12}images of 64 x 64 pixels: a square, an ellipse or a heart of some size, turned, somewhere; and the table of these factors

          elbo simulate customers -o customers.csv
          elbo simulate {TableSimulators.All[1].Name} --rows 500 --missing 0.3 --seed 7
          elbo simulate {Sprites} -o sprites.npy --factors sprites.csv
        """;

    public static Command Create(Terminal terminal)
    {
        var kind = new Argument<string>("KIND") { Description = $"What to simulate: {string.Join(", ", TableSimulators.All.Select(s => s.Name))}, {Sprites}." };
        var rows = OptionOf.Whole("--rows", "N", 1, "How many rows or images. [default: as many as suit the kind]", "-n");
        var seed = OptionOf.Seed("Other seeds give other tables. [default: 1]");
        var missing = OptionOf.Number("--missing", "FRACTION", x => x is >= 0 and <= 0.9, "a fraction from 0 to 0.9", "The fraction of cells that are missing, about. [default: as suits the kind]");
        var output = OptionOf.Output("The file to write; compressed when its name ends in .gz; of sprites .npy. [default: standard output for tables]");
        var factors = new Option<string?>("--factors") { Description = "The table of the factors of sprites. [default: the name of the images with .csv]", HelpName = "FILE" };
        var command = new DescribedCommand("simulate", Description) { kind, output, factors, rows, seed, missing };
        command.SetAction(parsed =>
        {
            if (parsed.GetRequiredValue(kind).Equals(Sprites, StringComparison.OrdinalIgnoreCase))
            {
                if (parsed.GetValue(missing) is not null)
                    throw new UsageException("--missing is for tables, and sprites are images. Leave it out.");
                WriteSprites(terminal, parsed.GetValue(rows) ?? SpriteFile.UsualCount, parsed.GetValue(seed) ?? 1, parsed.GetValue(output), parsed.GetValue(factors));
                return ExitCode.Done;
            }

            if (parsed.GetValue(factors) is not null)
                throw new UsageException($"--factors is for {Sprites}. Leave it out.");
            var simulator = Find(parsed.GetRequiredValue(kind));
            var simulation = new Simulation(
                parsed.GetValue(rows) ?? simulator.DefaultRows, parsed.GetValue(seed) ?? 1, parsed.GetValue(missing) ?? simulator.DefaultMissing);
            Write(terminal, simulator, simulation, parsed.GetValue(output));
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteSprites(Terminal terminal, int count, ulong seed, string? output, string? factors)
    {
        if (output is null || !output.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
            throw new UsageException("Sprites need a file to go to, as an array of NumPy: say -o FILE.npy.");
        if (count > SpriteSet.MostImages)
            throw new UsageException($"--rows: of the {Numbers.Count(SpriteSet.All)} sprites a file holds at most {Numbers.Count(SpriteSet.MostImages)}; ask for no more.");
        var table = factors ?? output[..^4] + ".csv";
        FileNames.CheckOutput(table, output);
        SpriteFile.Write(output, table, SpriteSet.Drawn(count, seed));
        new TableOutput(terminal, output).Done(Numbers.Of(count, "image"));
        new TableOutput(terminal, table).Done($"the factors of {Numbers.Of(count, "image")}");
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
        string[] names = [.. TableSimulators.All.Select(s => s.Name), Sprites];
        var nearest = Names.Nearest(name, names);
        throw new UsageException($"there is no simulator '{name}'{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}. There are {Names.List(names)}.");
    }
}
