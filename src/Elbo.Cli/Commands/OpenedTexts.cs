using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Texts;

namespace Elbo.Cli.Commands;

/// <summary>Texts read for a model of topics, and what the commands say of them.</summary>
internal sealed class OpenedTexts
{
    private readonly TopicModelFile _file;
    private readonly WordCounts _counts;
    private readonly Documents _documents;
    private readonly string _data;

    private OpenedTexts(TopicModelFile file, Documents documents, string data)
    {
        (_file, _documents, _data) = (file, documents, data);
        _counts = file.Model.Vocabulary.CountsOf(documents.Texts);
    }

    /// <summary>Reads texts as those were read that a model was fitted to.</summary>
    public static OpenedTexts Open(TopicModelFile file, string data, Terminal terminal)
    {
        var documents = Read(file, data, terminal);
        var opened = new OpenedTexts(file, documents, data);
        if (opened._counts is { Unknown: > 0, Total: > 0 })
        {
            terminal.Notice(string.Create(
                CultureInfo.InvariantCulture, $"{data}: {100.0 * opened._counts.Unknown / (opened._counts.Unknown + opened._counts.Total):F1} % of the words are not in the vocabulary of the model; not used."));
        }

        return opened;
    }

    /// <summary>The texts of data, as those were read that a model was fitted to.</summary>
    public static Documents Read(TextModelFile file, string data, Terminal terminal)
    {
        if (file.TextColumn is null && !Directory.Exists(data))
            throw new UsageException($"{data}: the model was fitted to a folder of texts, so give it one.");
        var documents = DocumentReader.Read(data, new() { TextColumn = file.TextColumn });
        foreach (var notice in documents.Notices)
            terminal.Notice(notice);
        return documents;
    }

    /// <summary>The same with the labels of a column, where the data have it.</summary>
    public static Documents Read(TextClassifierFile file, string data, Terminal terminal)
    {
        var hasLabels = !Directory.Exists(data) && DelimitedFile.Open(data).ColumnNames.Contains(file.LabelColumn, StringComparer.Ordinal);
        var documents = hasLabels ? DocumentReader.Read(data, new() { TextColumn = file.TextColumn, LabelColumn = file.LabelColumn }) : Read((TextModelFile)file, data, terminal);
        if (hasLabels)
        {
            foreach (var notice in documents.Notices)
                terminal.Notice(notice);
        }

        return documents;
    }

    /// <summary>Shares of topics, text by text.</summary>
    public int Encode(Terminal terminal, string? output)
    {
        var (topics, inferred) = (Enumerable.Range(1, _file.Model.Topics).ToList(), _file.Model.Infer(_counts));
        string[] header = [.. Name("text"), .. topics.Select(k => $"topic{k}"), .. topics.Select(k => $"topic{k}_sd"), "words", "unknown"];
        var rows = Enumerable.Range(0, _counts.Documents).Select(d => (IReadOnlyList<string>)
            [.. NameOf(d), .. inferred.Shares(d).Select(Text), .. inferred.Deviations(d).Select(Text), Whole(_counts.LengthOf(d)), Whole(_counts.UnknownOf(d))]);
        new TableOutput(terminal, output).Write(header, [.. rows]);
        return ExitCode.Done;
    }

    /// <summary>The evidence of each text, the least first.</summary>
    public int Score(Terminal terminal, string? output, double flagged)
    {
        var scores = _file.Model.Score(_counts, flagged);
        string[] header = ["row", .. Name("text"), "evidence", "quantile", "unusual", "unusual_word", "surprise", "words", "unknown"];
        var rows = Enumerable.Range(0, _counts.Documents).OrderBy(d => double.IsNaN(scores[d].Evidence) ? double.NegativeInfinity : scores[d].Evidence).Select(d => (IReadOnlyList<string>)
            [Whole(d + 1), .. NameOf(d), Text(scores[d].Evidence), Text(scores[d].Quantile), scores[d].IsUnusual ? "yes" : "no", scores[d].Word ?? "", scores[d].Word is null ? "" : Text(scores[d].Surprise),
            Whole(_counts.LengthOf(d)), Whole(_counts.UnknownOf(d))]);
        new TableOutput(terminal, output).Write(header, [.. rows]);
        terminal.Notice(string.Create(
            CultureInfo.InvariantCulture, $"{Numbers.Of(scores.Count(s => s.IsUnusual), "text")} of {Numbers.Count(scores.Count)} have less evidence a word than all but {100 * flagged:0.##} % of the texts of the fit had, and count as unusual."));
        return ExitCode.Done;
    }

    /// <summary>The bound of all texts.</summary>
    public int Evaluate(Terminal terminal, string model, bool json)
    {
        if (_counts.Total == 0)
            throw new UsageException($"{_data}: no text has a word that {model} knows.");
        var bound = _file.Model.PerWordBound(_counts);
        var known = TextModelFile.FingerprintOf(_documents.Texts) == _file.Fingerprint;
        if (json)
        {
            terminal.Out.WriteLine(JsonText.Line("result", new JsonObject
            {
                ["file"] = _data,
                ["model"] = model,
                ["texts"] = _counts.Documents,
                ["words"] = _counts.Total,
                ["unknown"] = _counts.Unknown,
                ["isTrainingTable"] = known,
                ["perWordBound"] = JsonText.Number(bound),
                ["perplexity"] = JsonText.Number(Math.Exp(-bound)),
            }));
            return ExitCode.Done;
        }

        if (known)
            terminal.Notice("these are the texts that the model was fitted to, so this flatters it.");
        terminal.Out.WriteLine(TextLines.Wrap(string.Create(
            CultureInfo.InvariantCulture, $"{Numbers.Of(_counts.Documents, "text")} of {_data} under {model}: ELBO {bound:F4} nats a word, a perplexity of at most {Math.Exp(-bound):F1}."), terminal.Width));
        return ExitCode.Done;
    }

    private string[] Name(string name) => _documents.Names is null ? [] : [name];

    private string[] NameOf(int document) => _documents.Names is { } names ? [names[document]] : [];

    private static string Text(double value) => double.IsNaN(value) ? "" : value.ToString("F6", CultureInfo.InvariantCulture);

    private static string Whole(double value) => value.ToString("F0", CultureInfo.InvariantCulture);
}
