using System.Diagnostics;
using System.Globalization;
using Elbo.Cli.Output;
using Elbo.Compute;
using Elbo.Conjugate;
using Elbo.Data;
using Elbo.Programs;
using Elbo.Recording;
using Elbo.Texts;

namespace Elbo.Cli.Commands;

/// <summary>One run of <c>elbo fit</c> on texts: read, count, fit, save, report.</summary>
internal sealed class TextFit(TextRequest request, Terminal terminal)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    private double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    public int Run() => RunRecord.Around(request.Record, terminal.Notice, Fit);

    private int Fit()
    {
        FileNames.CheckOutput(request.Model, request.Data);
        FileNames.CheckModel(request.Model);
        using (new AtomicFile(request.Model))
        {
            // Better to know before the fit than after it that it can be written.
        }

        var documents = DocumentReader.Read(request.Data, new() { TextColumn = request.Column, LabelColumn = request.Label, Table = request.Reading });
        foreach (var notice in documents.Notices)
        {
            terminal.Notice(notice);
            request.Record?.Report(new FitNotice(notice));
        }

        try
        {
            return request.Label is { } label ? Classes(documents, label) : Topics(documents);
        }
        catch (Exception e) when (e is ArgumentException or ModelException)
        {
            throw new UsageException($"{request.Data}: {e.Message}", e);
        }
    }

    private int Topics(Documents documents)
    {
        var (training, heldOut) = Split(documents.Texts.Count);
        string[] texts = [.. training.Select(i => documents.Texts[i])];
        var vocabulary = Vocabulary.Of(texts, request.Vocabulary);
        var counts = vocabulary.CountsOf(texts);
        if (!terminal.IsQuiet && !request.Json)
        {
            Line($"{Ansi.Bold(request.Data, terminal.HasColour)}: {Numbers.Of(documents.Texts.Count, "text")}, {Numbers.Count((long)counts.Total)} words counted of {Numbers.Of(vocabulary.Count, "different one")}: "
                + string.Create(CultureInfo.InvariantCulture, $"those in at least {request.Vocabulary.MinimumTexts} texts and in at most {100 * request.Vocabulary.MaximumShare:0.#} % of them{StopWords}."));
        }

        var options = new CoordinateOptions { Seed = request.Seed, Tolerance = 1, Batch = request.Batch, Epochs = request.Epochs ?? 20, Sweeps = request.Batch is null && request.Epochs is { } sweeps ? sweeps : 500, Recorder = request.Record };
        var model = new LatentDirichletAllocation(request.Topics) { LearnsConcentrations = true }.Fit(counts, vocabulary, options);
        double[] coherence = [.. Enumerable.Range(0, model.Topics).Select(k => Coherence(model, k, counts))];
        var judged = vocabulary.CountsOf([.. heldOut.Select(i => documents.Texts[i])]);
        double? perWord = judged.Total > 0 ? model.PerWordBound(judged) : null;
        var file = new TopicModelFile(model, coherence, request.Column, training.Length, TextModelFile.FingerprintOf(documents.Texts), request.Seed, Seconds);
        file.Save(request.Model);
        if (perWord is { } judgedBound)
            request.Record?.Report(new FitNotice(string.Create(CultureInfo.InvariantCulture, $"Of {Numbers.Of(heldOut.Length, "text")} held out the bound is {judgedBound:F4} nats a word, a perplexity of at most {Math.Exp(-judgedBound):F0}.")));
        if (request.Json)
        {
            var json = TopicText.Json(request.Model, file, 10, WordOrder.Probability);
            json["file"] = request.Data;
            json["settled"] = model.Starts[0].IsSettled;
            json["run"] = request.Record?.Path;
            json["sweeps"] = model.Starts[0].Steps;
            json["heldOut"] = heldOut.Length;
            json["heldOutPerWordBound"] = perWord is { } bound ? JsonText.Number(bound) : null;
            json["perplexity"] = perWord is { } b ? JsonText.Number(Math.Exp(-b)) : null;
            terminal.Out.WriteLine(JsonText.Line("result", json));
            return ExitCode.Done;
        }

        if (terminal.IsQuiet)
            return ExitCode.Done;
        terminal.Out.WriteLine();
        foreach (var line in TopicText.Lines(file, 10, WordOrder.Probability, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
        terminal.Out.WriteLine();
        var (best, starts) = (model.Starts[0], model.Starts.Count);
        Line(string.Create(CultureInfo.InvariantCulture, $"ELBO {best.Bound / counts.Total:F4} nats a word after {Numbers.Of(best.Steps, "sweep")}, the best of {Numbers.Of(starts, "start")}{(best.IsSettled ? "" : ", not yet at rest: more --epochs may gain")}.")
            + (perWord is { } held ? string.Create(CultureInfo.InvariantCulture, $" Of {Numbers.Of(heldOut.Length, "text")} held out {held:F4}, a perplexity of at most {Math.Exp(-held):F0}; {Share(judged)} of their words are unknown.") : ""));
        Line($"{Ansi.Green("Saved", terminal.HasColour)} {request.Model} in {Numbers.Duration(Seconds)}. Next: 'elbo topics {request.Model} --order relevance', 'elbo encode' for the topics of texts, 'elbo score' for unusual ones{Recorded}.");
        return ExitCode.Done;
    }

    private int Classes(Documents documents, string label)
    {
        const double Risk = 0.05;
        var model = TextClassifier.Fit(documents.Texts, documents.Labels!, new() { Seed = request.Seed, Recorder = request.Record });
        if (model.Calibration is { } sure)
            request.Record?.Report(new FitNotice(FitText.Of(sure)));
        var labelled = documents.Labels!.Count(l => l is not null);
        new TextClassifierFile(model, label, request.Column, documents.Texts.Count, labelled, TextModelFile.FingerprintOf(documents.Texts), request.Seed, Seconds).Save(request.Model);
        var threshold = model.ThresholdFor(Risk);
        if (request.Json)
        {
            terminal.Out.WriteLine(JsonText.Line("result", new()
            {
                ["file"] = request.Data,
                ["model"] = request.Model,
                ["run"] = request.Record?.Path,
                ["texts"] = documents.Texts.Count,
                ["labelled"] = labelled,
                ["classes"] = model.Classes.Count,
                ["unlabelledWeight"] = JsonText.Number(model.UnlabelledWeight),
                ["calibration"] = model.Calibration is { } found ? JsonText.Of(found) : null,
                ["thresholdFor5PercentRisk"] = threshold is { } t ? JsonText.Number(t) : null,
            }));
            return ExitCode.Done;
        }

        if (terminal.IsQuiet)
            return ExitCode.Done;
        Line($"{Ansi.Bold(request.Data, terminal.HasColour)}: {Numbers.Of(documents.Texts.Count, "text")}, {Numbers.Count(labelled)} of them labelled with one of {Numbers.Of(model.Classes.Count, "class", "classes")}. "
            + string.Create(CultureInfo.InvariantCulture, $"Each of the others counts {model.UnlabelledWeight} beside a labelled one."));
        if (model.Calibration is { } calibration)
            Line(FitText.Of(calibration));
        if (threshold is { } least)
            Line(string.Create(CultureInfo.InvariantCulture, $"To be wrong in at most {100 * Risk:0} % of answers, abstain below a probability of {least:F3}: 'elbo classify DATA -m {request.Model} --abstain-below {least:F3}'."));
        Line($"{Ansi.Green("Saved", terminal.HasColour)} {request.Model} in {Numbers.Duration(Seconds)}{Recorded}.");
        return ExitCode.Done;
    }

    private string Recorded => request.Record?.Path is { } run ? $"; 'elbo runs show {run}' for the record of the run" : "";

    private string StopWords => request.Tokeniser.StopWords.Count > 0 ? $", without {Numbers.Of(request.Tokeniser.StopWords.Count, "stop word")}" : "";

    private static string Share(WordCounts counts) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * counts.Unknown / Math.Max(1, counts.Unknown + counts.Total):F1} %");

    // A topic may be left with too few words that occur at all.
    private static double Coherence(TopicModel model, int topic, WordCounts counts)
    {
        var totals = counts.WordTotals();
        int[] words = [.. model.TopWords(topic).Select(w => w.Number).Where(w => totals[w] > 0)];
        return words.Length < 2 ? double.NaN : TopicCoherence.Npmi(counts, words);
    }

    private (int[] Training, int[] HeldOut) Split(int texts)
    {
        int[] order = [.. Enumerable.Range(0, texts)];
        new RandomNumbers(request.Seed, 0x5448_0000).Shuffle<int>(order);
        var held = (int)Math.Round(request.HoldOut * texts);
        return ([.. order[held..].Order()], [.. order[..held].Order()]);
    }

    private void Line(string text) => terminal.Out.WriteLine(TextLines.Wrap(text, terminal.Width));
}
