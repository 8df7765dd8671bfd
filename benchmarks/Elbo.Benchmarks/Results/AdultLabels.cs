using System.Diagnostics;
using System.Globalization;
using System.Text;
using Elbo.Classification;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Benchmarks.Results;

/// <summary>The income of adults from 200 labels, beside gradient boosting on the same.</summary>
internal static class AdultLabels
{
    private const int Labels = 200;
    private const string Label = "income";
    private const double Threshold = 0.9;
    private const int Fits = 5;
    private static readonly ulong[] Seeds = [.. Enumerable.Range(11, 10).Select(s => (ulong)s)];

    private static readonly string[] Names =
        ["age", "workclass", "fnlwgt", "education", "education_num", "marital", "occupation", "relationship", "race", "sex", "gain", "loss", "hours", "country", Label];

    private static readonly TableVaeOptions Options = new() { Label = Label, Hidden = [32], Latent = 8 };

    private static readonly TrainingOptions Training = new() { Epochs = 1, Batch = 200, ClassifierWeight = 2, WarmUp = 0, HoldOut = 0.05, Decay = RateDecay.Cosine, WeightDecay = 0.3 };

    public static string Page(string data, string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "adult.csv");
        var (trainRows, rows) = WriteWhole(data, path);
        var whole = TableReader.Read(path, new TableReadOptions { Columns = [new(Label, ColumnKind.Category), new("gain", ColumnKind.Count), new("loss", ColumnKind.Count), new("education_num", ColumnKind.Real)] }).Table;
        int[] truth = [.. whole.Values(Label).ToArray().Select(v => (int)v)];
        int[] testRows = [.. Enumerable.Range(trainRows, rows - trainRows)];
        int[] testTruth = [.. testRows.Select(row => truth[row])];
        var page = new StringBuilder();
        page.AppendLine(Invariant($"""
            The income of {Labels} of the 32,561 training rows is known; accuracy is of the 16,281 test rows. Each seed draws other labels. The model (one hidden layer of
            {Options.Hidden[0]}, {Options.Latent} latent numbers, classifier weight {Training.ClassifierWeight}, one epoch) was chosen by trials on labels of other seeds (1 to 5). Beside one fit the average of {Fits} with other seeds (`ClassProbabilities.Average`), of the same labels. The temperature is by five
            folds of the {Labels} labels. Beside it, on the same labels: gradient boosting and logistic regression of scikit-learn (`benchmarks/peers/few_labels_sklearn.py`). {100.0 * testTruth.Count(t => t == 0) / testTruth.Length:0.0} % of the test rows are of the larger class.

            | seed | seconds | accuracy of one fit, % | of {Fits} fits averaged, % | without the classifier term, % | gradient boosting, % | logistic regression, % | calibration error, % | scaled, % | temperature | answered from {Threshold} up, % | of those wrong, % |
            |---|---|---|---|---|---|---|---|---|---|---|---|
            """));
        var files = new List<string>();
        foreach (var seed in Seeds)
        {
            files.Add(Path.Combine(folder, Invariant($"adult-labels-{seed}.txt")));
            File.WriteAllLines(files[^1], Labelled(trainRows, seed).Select(row => row.ToString(CultureInfo.InvariantCulture)));
        }
        var peers = Peers.RunPython("few_labels_sklearn.py", [path, trainRows.ToString(CultureInfo.InvariantCulture), .. files])?.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        var (ours, averaged, theirs) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Seeds.Length; i++)
        {
            var known = Labelled(trainRows, Seeds[i]).ToHashSet();
            var values = Enumerable.Range(0, whole.Columns.Count).Select(c => (ReadOnlyMemory<double>)(whole.Columns[c].Name == Label
                ? Enumerable.Range(0, trainRows).Select(row => known.Contains(row) ? truth[row] : double.NaN).ToArray()
                : whole.Values(c)[..trainRows].ToArray())).ToArray();
            var train = new Table(whole.Columns, values);
            var start = Stopwatch.GetTimestamp();
            using var model = TableVae.Fit(train, Options with { Seed = Seeds[i] }, Training);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            using var plain = TableVae.Fit(train, Options with { Seed = Seeds[i] }, Training with { ClassifierWeight = 0 });
            var calibration = model.Calibrate(train);
            var found = model.Classify(whole.SelectRows(testRows));
            var scaled = found.At(calibration.Temperature);
            var without = 100 * ClassMeasures.Accuracy(plain.Classify(whole.SelectRows(testRows)), testTruth);
            ours.Add(100 * ClassMeasures.Accuracy(found, testTruth));
            var fits = new List<ClassProbabilities> { found };
            for (ulong other = 1; other < Fits; other++)
            {
                using var another = TableVae.Fit(train, Options with { Seed = Seeds[i] + 1000 * other }, Training);
                fits.Add(another.Classify(whole.SelectRows(testRows)));
            }
            averaged.Add(100 * ClassMeasures.Accuracy(ClassProbabilities.Average(fits), testTruth));
            if (peers is not null)
                theirs.Add(100 * peers[i][0]);
            var at = RiskCoverage.Of(scaled, testTruth).At(Threshold);
            var line = Invariant($"| {Seeds[i]} | {seconds:0.0} | {ours[^1]:0.00} | {averaged[^1]:0.00} | {without:0.00} | {(peers is null ? "–" : Invariant($"{theirs[^1]:0.00}"))} | {(peers is null ? "–" : Invariant($"{100 * peers[i][1]:0.00}"))} | {100 * CalibrationError.Of(found, testTruth).Value:0.0} | {100 * CalibrationError.Of(scaled, testTruth).Value:0.0} | {calibration.Temperature:0.00} | {100 * at.Coverage:0.0} | {100 * at.Risk:0.0} |");
            page.AppendLine(line);
            Console.Error.WriteLine(line);
        }
        page.AppendLine(peers is null
            ? Invariant($"\nMean of one fit {ours.Average():0.00} %, of {Fits} averaged {averaged.Average():0.00} %. Gradient boosting: {Peers.WhyNot("few_labels_sklearn.py")}.")
            : Invariant($"\nAgainst {theirs.Average():0.00} % of gradient boosting, one fit has a mean of {ours.Average():0.00} % ({Bar(ours)}), {Fits} averaged {averaged.Average():0.00} % ({Bar(averaged)})."));

        return page.ToString();

        string Bar(List<double> accuracies) =>
            Invariant($"the bar {(accuracies.Average() >= theirs.Average() ? "holds" : "is missed")}; better on {accuracies.Zip(theirs).Count(p => p.First >= p.Second)} of {Seeds.Length} draws of labels");
    }

    private static int[] Labelled(int rows, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        new RandomNumbers(seed, 4242).Shuffle<int>(order);
        return order[..Labels];
    }

    // Both files have no header, and the classes of the second end in a full stop.
    private static (int Train, int All) WriteWhole(string data, string path)
    {
        string[][] Read(string file)
        {
            using var reader = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(Path.Combine(data, "tabular", file)), System.IO.Compression.CompressionMode.Decompress));
            return [.. reader.ReadToEnd().Split('\n').Select(l => l.Split(',').Select(c => c.Trim().TrimEnd('.')).ToArray()).Where(l => l.Length == Names.Length)];
        }
        var (train, test) = (Read("adult-train.csv.gz"), Read("adult-test.csv.gz"));
        File.WriteAllLines(path, train.Concat(test).Select(l => string.Join(',', l)).Prepend(string.Join(',', Names)));
        return (train.Length, train.Length + test.Length);
    }
}
