using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>What was asked of <c>elbo fit</c>; null where nothing was said.</summary>
internal sealed record FitRequest
{
    public required string Data { get; init; }

    public required string Model { get; init; }

    public bool Resume { get; init; }

    public int? Latent { get; init; }

    public int[]? Hidden { get; init; }

    public int? Epochs { get; init; }

    public int? Patience { get; init; }

    public double? HoldOut { get; init; }

    public int? Batch { get; init; }

    public double? LearningRate { get; init; }

    public int? WarmUp { get; init; }

    public double? WeightDecay { get; init; }

    public ulong? Seed { get; init; }

    public IReadOnlyList<string> Likelihoods { get; init; } = [];

    public TableReadOptions Reading { get; init; } = TableReadOptions.Default;

    public int Samples { get; init; }

    public int? Threads { get; init; }

    public bool Profile { get; init; }

    public bool Json { get; init; }

    /// <summary>Whether anything was said of how the table is to be read.</summary>
    public bool SaysHowToRead => Reading.Columns.Count > 0 || Reading.Delimiter is not null || Reading.HasHeader is not null || Reading.MissingTokens is not null;

    public static FitRequest Of(ParseResult parsed, FitOptions options)
    {
        var data = parsed.GetRequiredValue(options.Data);
        var tokens = parsed.GetValue(options.MissingToken);
        return new()
        {
            Data = data,
            Model = parsed.GetValue(options.Output) ?? FileNames.ModelOf(data),
            Resume = parsed.GetValue(options.Resume),
            Latent = parsed.GetValue(options.Latent),
            Hidden = parsed.GetResult(options.Hidden) is null ? null : parsed.GetValue(options.Hidden),
            Epochs = parsed.GetValue(options.Epochs),
            Patience = parsed.GetValue(options.Patience),
            HoldOut = parsed.GetValue(options.HoldOut),
            Batch = parsed.GetValue(options.Batch),
            LearningRate = parsed.GetValue(options.LearningRate),
            WarmUp = parsed.GetValue(options.WarmUp),
            WeightDecay = parsed.GetValue(options.WeightDecay),
            Seed = parsed.GetValue(options.Seed),
            Likelihoods = parsed.GetValue(options.Likelihood) ?? [],
            Reading = new()
            {
                Columns = [.. (parsed.GetValue(options.Column) ?? []).Select(ColumnOf)],
                Delimiter = parsed.GetValue(options.Delimiter),
                HasHeader = parsed.GetValue(options.Header) ? true : parsed.GetValue(options.NoHeader) ? false : null,
                MissingTokens = tokens is { Length: > 0 } ? tokens : null,
            },
            Samples = parsed.GetValue(options.Samples) ?? FitCommand.ReportSamples,
            Threads = parsed.GetValue(options.Threads),
            Profile = parsed.GetValue(options.Profile),
            Json = parsed.GetValue(options.Json),
        };
    }

    /// <summary>The shape of a new model.</summary>
    public TableVaeOptions Shape(IReadOnlyDictionary<string, Elbo.Likelihoods.LikelihoodKind> likelihoods)
    {
        var usual = new TableVaeOptions();
        return usual with { Latent = Latent, Hidden = Hidden ?? usual.Hidden, Seed = Seed ?? usual.Seed, Likelihoods = likelihoods };
    }

    /// <summary>How to train a new model.</summary>
    public TrainingOptions Training()
    {
        var usual = new TrainingOptions();
        return usual with
        {
            Epochs = Epochs ?? usual.Epochs,
            Patience = Patience ?? usual.Patience,
            HoldOut = HoldOut ?? usual.HoldOut,
            Batch = Batch,
            LearningRate = LearningRate ?? usual.LearningRate,
            WarmUp = WarmUp ?? usual.WarmUp,
            WeightDecay = WeightDecay ?? usual.WeightDecay,
            Threads = Threads,
        };
    }

    private static ColumnRequest ColumnOf(string text)
    {
        try
        {
            return ColumnRequest.Parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--column: {e.Message}", e);
        }
    }
}
