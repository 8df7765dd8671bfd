using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>What was asked for on the command line, carried out.</summary>
internal sealed record BenchmarkRun(IReadOnlyList<string> Names, bool ListOnly, bool Profiles, bool AsJson, string? WriteTo)
{
    /// <summary>Reads the command line. Null if it asks for help, or asks wrongly: then <paramref name="problem"/> says how.</summary>
    public static BenchmarkRun? Parse(string[] args, out string? problem)
    {
        problem = null;
        var (names, list, profile, json, file) = (new List<string>(), false, false, false, (string?)null);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--list":
                    list = true;
                    break;
                case "--profile":
                    profile = true;
                    break;
                case "--json":
                    json = true;
                    break;
                case "--no-peers":
                    Peers.AreLeftOut = true;
                    break;
                case "--write" when i + 1 < args.Length:
                    file = args[++i];
                    break;
                case "--help" or "-h" or "-?":
                    return null;
                case ['-', ..]:
                    problem = args[i] == "--write" ? "--write needs the name of a file." : $"There is no option {args[i]}; --help names those there are.";
                    return null;
                default:
                    names.Add(args[i]);
                    break;
            }
        }
        return new(names, list, profile, json, file);
    }

    /// <summary>Runs the suites asked for. Returns the exit code.</summary>
    public int Execute(IReadOnlyList<Suite> suites)
    {
        var chosen = suites.Where(s => Names.Count == 0 || Names.Any(n => s.Name.Contains(n, StringComparison.OrdinalIgnoreCase))).ToList();
        if (chosen.Count == 0)
        {
            Console.Error.WriteLine($"No suite is called {string.Join(" or ", Names)}. There are {string.Join(", ", suites.Select(s => s.Name))}.");
            return 2;
        }
        if (Profiles)
            return Profile(chosen);
        var done = new List<SuiteResult>();
        foreach (var suite in chosen)
        {
            if (!AsJson)
                Console.WriteLine($"{suite.Name}: {suite.Title}");
            if (ListOnly)
                continue;
            var figures = new List<Measurement>();
            foreach (var measurement in suite.Run())
            {
                figures.Add(measurement);
                Console.WriteLine(AsJson ? measurement.ToJson(suite.Name) : measurement.ToString());
            }
            done.Add(new(suite, figures, WriteTo is null ? [] : [.. ProfilesOf(suite)]));
        }
        if (WriteTo is not null && !ListOnly)
            PerformancePage.Write(WriteTo, done);
        return 0;
    }

    private static int Profile(List<Suite> chosen)
    {
        foreach (var (name, profile) in chosen.SelectMany(ProfilesOf))
        {
            Console.WriteLine(name);
            Console.WriteLine(profile);
        }
        return 0;
    }

    private static IEnumerable<(string Name, FunctionProfile Profile)> ProfilesOf(Suite suite)
    {
        foreach (var function in suite.Functions?.Invoke() ?? [])
        {
            using (function.Owner)
            {
                var peak = new PeakSpeed(PeakLoop.Gigaflops(false, function.Threads), PeakLoop.Gigaflops(true, function.Threads));
                yield return ($"{function.Name}, {function.Threads} {(function.Threads == 1 ? "thread" : "threads")}", function.Function.Profile(function.Runs, peak));
            }
        }
    }
}
