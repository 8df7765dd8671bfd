using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Texts;

namespace Elbo.Cli.Commands;

/// <summary>What was asked of <c>elbo fit</c> where the data are texts; null where nothing was said.</summary>
internal sealed record TextRequest
{
    private const int UsualTopics = 10;

    public required string Data { get; init; }

    public required string Model { get; init; }

    /// <summary>The column of the texts; null for a folder of them.</summary>
    public string? Column { get; init; }

    /// <summary>The column of labels, for a classifier; null for topics.</summary>
    public string? Label { get; init; }

    public int Topics { get; init; } = UsualTopics;

    public Tokeniser Tokeniser { get; init; } = Tokeniser.Words;

    public VocabularyOptions Vocabulary { get; init; } = new();

    public int? Batch { get; init; }

    public int? Epochs { get; init; }

    public double HoldOut { get; init; }

    public ulong Seed { get; init; } = 1;

    public TableReadOptions Reading { get; init; } = TableReadOptions.Default;

    public bool Json { get; init; }

    /// <summary>Who records the run; null for nobody.</summary>
    public RunRecord? Record { get; init; }

    /// <summary>What was asked; null where the data are no texts.</summary>
    /// <exception cref="UsageException">Options contradict each other, or are not for texts.</exception>
    public static TextRequest? Of(ParseResult parsed, FitOptions options)
    {
        var data = parsed.GetRequiredValue(options.Data);
        var column = parsed.GetValue(options.TextColumn);
        if (column is null && !DocumentReader.IsFolder(data))
        {
            Option[] ofTexts = [options.Topics, options.StopWords, options.MinimumTexts, options.MaximumShare];
            if (Array.Find(ofTexts, o => IsGiven(parsed, o)) is { } wrong)
                throw new UsageException($"{wrong.Name} is for texts. Name the column that holds them with --text COLUMN, or give a folder of .txt files.");
            return null;
        }

        if (column is not null && Directory.Exists(data))
            throw new UsageException($"--text names a column, and {data} is a folder. Leave it out: its .txt files are the texts.");
        Option[] known =
        [
            options.TextColumn, options.Label, options.Topics, options.StopWords, options.MinimumTexts, options.MaximumShare, options.Output, options.Batch, options.Epochs, options.HoldOut, options.Seed,
            options.Delimiter, options.Header, options.NoHeader, options.MissingToken, options.Threads, options.Json, options.Runs, options.NoRecord,
        ];
        if (options.All.FirstOrDefault(o => !known.Contains(o) && IsGiven(parsed, o)) is { } other)
            throw new UsageException($"{other.Name} is not for texts, and {data} holds texts. Leave it out.");
        var label = parsed.GetValue(options.Label);
        Option[] ofTopics = [options.Topics, options.StopWords, options.MinimumTexts, options.MaximumShare, options.Batch, options.Epochs, options.HoldOut];
        if (label is not null && Array.Find(ofTopics, o => IsGiven(parsed, o)) is { } topics)
            throw new UsageException($"{topics.Name} is for topics, and with --label texts are told to be of classes. Leave one of the two out.");
        var tokens = parsed.GetValue(options.MissingToken);
        var words = Tokeniser.Words with { StopWords = StopWords(parsed.GetValue(options.StopWords)) };
        var usual = new VocabularyOptions();
        var model = parsed.GetValue(options.Output) ?? FileNames.ModelOf(data);
        return new()
        {
            Data = data,
            Model = model,
            Record = RunRecord.Of(parsed, options, data, model),
            Column = column,
            Label = label,
            Topics = parsed.GetValue(options.Topics) ?? UsualTopics,
            Tokeniser = words,
            Vocabulary = usual with { Tokeniser = words, MinimumTexts = parsed.GetValue(options.MinimumTexts) ?? usual.MinimumTexts, MaximumShare = parsed.GetValue(options.MaximumShare) ?? 0.5 },
            Batch = parsed.GetValue(options.Batch),
            Epochs = parsed.GetValue(options.Epochs),
            HoldOut = parsed.GetValue(options.HoldOut) ?? 0.1,
            Seed = parsed.GetValue(options.Seed) ?? 1,
            Reading = new()
            {
                Delimiter = parsed.GetValue(options.Delimiter),
                HasHeader = parsed.GetValue(options.Header) ? true : parsed.GetValue(options.NoHeader) ? false : null,
                MissingTokens = tokens is { Length: > 0 } ? tokens : null,
            },
            Json = parsed.GetValue(options.Json),
        };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string[] StopWords(string? file)
    {
        if (file is null)
            return [];
        try
        {
            return [.. File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(file, $"cannot be read: {e.Message.TrimEnd('.')}", "Name a file with a word a line", innerException: e);
        }
    }
}
