using System.CommandLine;
using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Objectives;
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

    public NetworkKind? Network { get; init; }

    public int[]? Layers { get; init; }

    public int[]? Filters { get; init; }

    public CodePrior? Prior { get; init; }

    public CodePosterior? Posterior { get; init; }

    public int? Importance { get; init; }

    public DivergenceBudget? Budget { get; init; }

    public Disentangling? Disentangling { get; init; }

    public Constraint? Constraint { get; init; }

    public RateDecay? Decay { get; init; }

    public int? Average { get; init; }

    public bool AggressiveEncoder { get; init; }

    public Binarisation? Binarise { get; init; }

    public string? Validation { get; init; }

    public ImageReadOptions Images { get; init; } = ImageReadOptions.Default;

    public int? Epochs { get; init; }

    public int? Patience { get; init; }

    public double? HoldOut { get; init; }

    public int? Batch { get; init; }

    public double? LearningRate { get; init; }

    public int? WarmUp { get; init; }

    public double? WeightDecay { get; init; }

    public string? Label { get; init; }

    public double? ClassifierWeight { get; init; }

    public int? Calibrate { get; init; }

    public ulong? Seed { get; init; }

    public IReadOnlyList<string> Likelihoods { get; init; } = [];

    public Missingness? Missing { get; init; }

    public TableReadOptions Reading { get; init; } = TableReadOptions.Default;

    public int Samples { get; init; }

    public int? Threads { get; init; }

    public bool Profile { get; init; }

    public bool Json { get; init; }

    /// <summary>Who records the run; null for nobody.</summary>
    public RunRecord? Record { get; init; }

    /// <summary>Whether anything was said of how the table is to be read.</summary>
    public bool SaysHowToRead => Reading.Columns.Count > 0 || Reading.Delimiter is not null || Reading.HasHeader is not null || Reading.MissingTokens is not null;

    public static FitRequest Of(ParseResult parsed, FitOptions options)
    {
        var data = parsed.GetRequiredValue(options.Data);
        var tokens = parsed.GetValue(options.MissingToken);
        var model = parsed.GetValue(options.Output) ?? FileNames.ModelOf(data);
        return new()
        {
            Data = data,
            Model = model,
            Record = RunRecord.Of(parsed, options, data, model),
            Resume = parsed.GetValue(options.Resume),
            Latent = parsed.GetValue(options.Latent),
            Hidden = parsed.GetResult(options.Hidden) is null ? null : parsed.GetValue(options.Hidden),
            Network = parsed.GetValue(options.Network),
            Layers = parsed.GetResult(options.Layers) is null ? null : parsed.GetValue(options.Layers),
            Filters = parsed.GetResult(options.Filters) is null ? null : parsed.GetValue(options.Filters),
            Prior = parsed.GetValue(options.Prior),
            Posterior = parsed.GetValue(options.Posterior),
            Importance = parsed.GetValue(options.Importance),
            Budget = parsed.GetValue(options.FreeBits) ?? parsed.GetValue(options.Capacity),
            Disentangling = parsed.GetValue(options.Disentangle),
            Constraint = parsed.GetValue(options.Constrain),
            Decay = parsed.GetValue(options.Decay),
            Average = parsed.GetValue(options.Average),
            AggressiveEncoder = parsed.GetValue(options.AggressiveEncoder),
            Binarise = parsed.GetValue(options.Binarise),
            Validation = parsed.GetValue(options.Validation),
            Images = new() { Shape = parsed.GetValue(options.Shape), Channels = parsed.GetValue(options.Channels) ?? ChannelOrder.Guessed },
            Epochs = parsed.GetValue(options.Epochs),
            Patience = parsed.GetValue(options.Patience),
            HoldOut = parsed.GetValue(options.HoldOut),
            Batch = parsed.GetValue(options.Batch),
            LearningRate = parsed.GetValue(options.LearningRate),
            WarmUp = parsed.GetValue(options.WarmUp),
            WeightDecay = parsed.GetValue(options.WeightDecay),
            Label = parsed.GetValue(options.Label),
            ClassifierWeight = parsed.GetValue(options.ClassifierWeight),
            Calibrate = parsed.GetValue(options.Calibrate),
            Seed = parsed.GetValue(options.Seed),
            Likelihoods = parsed.GetValue(options.Likelihood) ?? [],
            Missing = MissingWords.Parse(parsed.GetValue(options.Missing) ?? []),
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
        return usual with
        {
            Latent = Latent,
            Hidden = Hidden ?? usual.Hidden,
            Seed = Seed ?? usual.Seed,
            Likelihoods = likelihoods,
            Prior = Prior ?? usual.Prior,
            Posterior = Posterior ?? usual.Posterior,
            Missing = Missing ?? usual.Missing,
        };
    }

    /// <summary>The parts of a new model of images.</summary>
    public VaeOptions ImageModel()
    {
        var usual = new VaeOptions();
        return usual with
        {
            Latent = Latent ?? usual.Latent,
            Architecture = Network == NetworkKind.Ladder ? usual.Architecture : Networks(usual.Architecture),
            Hierarchy = LatentLayers(),
            Prior = Prior ?? usual.Prior,
            Posterior = Network == NetworkKind.Ladder ? usual.Posterior : Posterior ?? usual.Posterior,
            Likelihood = Pixels(),
            Binarisation = Binarise,
            Seed = Seed ?? usual.Seed,
        };
    }

    /// <summary>The hierarchy that was asked for; null for one layer.</summary>
    public Hierarchy? LatentLayers()
    {
        if (Network != NetworkKind.Ladder && Layers is null)
            return null;
        if (Latent is not null || Prior is not null)
            throw new UsageException("--latent and --prior are of one latent layer; leave them out where there are several.");
        if (Network == NetworkKind.Ladder)
        {
            if (Layers is not null || Hidden is not null || Filters is not null)
                throw new UsageException("--network ladder has layers of its own; leave --layers, --hidden and --filters out.");
            return Posterior switch
            {
                null => ResidualLadder.Small,
                DiagonalPosterior or FullCovariancePosterior => ResidualLadder.Small with { Posterior = Posterior },
                _ => throw new UsageException("--posterior: layers of a ladder are diagonal or full."),
            };
        }

        if (Posterior is not null)
            throw new UsageException("--posterior is of one latent layer, or of a ladder; leave it out with --layers.");

        return Network is NetworkKind.Convolutional or NetworkKind.Broadcast || Filters is not null
            ? throw new UsageException("--layers are of fully connected networks; leave --network and --filters out, or say --network ladder.")
            : Hierarchy.FullyConnected(Layers!, Hidden ?? [200]);
    }

    /// <summary>The networks that were asked for, or others where nothing was said.</summary>
    public Architecture Networks(Architecture usual)
    {
        const int behindConvolutions = 256;
        if (Network is null && Filters is null && Hidden is null)
            return usual;
        if (Network == NetworkKind.Broadcast)
        {
            if (Hidden is { Length: not 1 })
                throw new UsageException("--hidden: behind the convolutions of a broadcast network's encoder there is one layer; give its size.");
            return Architecture.SpatialBroadcast(Filters ?? [16, 16, 32, 32], Hidden?[0] ?? 128, [32, 32, 32]);
        }

        if (Network == NetworkKind.Convolutional || (Network is null && (Filters is not null || usual is ConvolutionalArchitecture)))
        {
            if (Hidden is { Length: not 1 })
                throw new UsageException("--hidden: behind convolutions there is one layer; give its size.");
            return Architecture.Convolutional(Filters ?? [32, 64], Hidden?[0] ?? behindConvolutions);
        }

        if (Filters is not null)
            throw new UsageException("--filters are of convolutions; say --network convolutional or broadcast.");
        return Architecture.FullyConnected(Hidden ?? [400], Activation.Relu);
    }

    /// <summary>The likelihood of images that was asked for.</summary>
    public PixelLikelihood? Pixels()
    {
        if (Likelihoods.Count == 0)
            return null;
        return Likelihoods.Count == 1 && PartWords.Pixels(Likelihoods[0]) is { } likelihood ? likelihood
            : throw new UsageException($"--likelihood: images have one of bernoulli, continuous-bernoulli, discretised-logistic and gaussian, not {string.Join(", ", Likelihoods)}.");
    }

    /// <exception cref="UsageException">Something was said that is of images, and the data are a table.</exception>
    public void RefuseImageOptions()
    {
        (string Name, bool IsGiven)[] options =
        [
            ("--network", Network is not null), ("--layers", Layers is not null), ("--filters", Filters is not null), ("--binarise", Binarise is not null), ("--validation", Validation is not null),
            ("--shape", Images.Shape is not null), ("--channels", Images.Channels != ChannelOrder.Guessed),
        ];
        Refuse(options, $"is for images, and {Data} is a table");
    }

    /// <exception cref="UsageException">Something was said that is of tables, and the data are images.</exception>
    public void RefuseTableOptions()
    {
        (string Name, bool IsGiven)[] options =
        [
            ("--column", Reading.Columns.Count > 0), ("--delimiter", Reading.Delimiter is not null), ("--header", Reading.HasHeader is true),
            ("--no-header", Reading.HasHeader is false), ("--missing-token", Reading.MissingTokens is not null), ("--missing", Missing is not null),
        ];
        Refuse(options, $"is for tables, and {Data} holds images");
        if (Validation is not null && HoldOut is not null)
            throw new UsageException("--holdout and --validation contradict each other: images of their own judge, so none are held out.");
    }

    private static void Refuse((string Name, bool IsGiven)[] options, string why)
    {
        if (Array.Find(options, o => o.IsGiven).Name is { } name)
            throw new UsageException($"{name} {why}. Leave it out.");
    }

    /// <exception cref="UsageException">Something was said that is of models with a label, and there is none.</exception>
    public void RefuseLabelOptions() =>
        Refuse([("--classifier-weight", ClassifierWeight is not null), ("--calibrate", Calibrate is not null)], "is for a model with a label, and none was named with --label");

    /// <summary>How to train a new model.</summary>
    /// <param name="usual">What holds where nothing was said.</param>
    public TrainingOptions Training(TrainingOptions usual)
    {
        return usual with
        {
            Epochs = Epochs ?? usual.Epochs,
            Patience = Patience ?? usual.Patience,
            HoldOut = HoldOut ?? usual.HoldOut,
            Batch = Batch ?? usual.Batch,
            LearningRate = LearningRate ?? usual.LearningRate,
            WarmUp = WarmUp ?? usual.WarmUp,
            WeightDecay = WeightDecay ?? usual.WeightDecay,
            ClassifierWeight = ClassifierWeight ?? usual.ClassifierWeight,
            Decay = Decay ?? usual.Decay,
            AveragedSteps = Average ?? usual.AveragedSteps,
            AggressiveEncoder = AggressiveEncoder,
            Objective = Importance is > 1 and var draws ? Objective.ImportanceWeighted(draws) : Disentangling?.Objective ?? usual.Objective,
            Budget = Disentangling?.Budget(Epochs ?? usual.Epochs) ?? Budget ?? usual.Budget,
            Constraint = Constraint ?? usual.Constraint,
            Threads = Threads,
            Recorder = Record,
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
