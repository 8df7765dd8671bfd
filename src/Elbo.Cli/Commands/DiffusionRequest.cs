using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Diffusion;
using Elbo.Models;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>What was asked of <c>elbo fit</c> for a diffusion model.</summary>
internal sealed record DiffusionRequest
{
    /// <summary>Levels of noise that a row of a report visits.</summary>
    public const int UsualVisits = 64;

    private const int MostShades = 256;
    private static readonly int[] UsualFilters = [32, 64, 64];

    // Shades are told apart by less noise than numbers of which no digit is the last.
    private static readonly DiffusionOptions UsualImages = TableDiffusion.UsualParts with { Schedule = NoiseSchedule.LinearLogNoise(-13.3, 6) };

    /// <summary>What was asked of data, label, seed and training as for any model.</summary>
    public required FitRequest Fit { get; init; }

    public int? Levels { get; init; }

    public NoiseSchedule? Schedule { get; init; }

    public Prediction? Prediction { get; init; }

    public DiffusionObjective? Objective { get; init; }

    public ReverseVariance? Variance { get; init; }

    public bool VisitsByCost { get; init; }

    public int? Shades { get; init; }

    /// <summary>Levels that each row of the report visits.</summary>
    public int Visits { get; init; }

    /// <summary>What was asked; null where it was not for a diffusion model.</summary>
    /// <exception cref="UsageException">Options contradict each other, or are not for diffusion models.</exception>
    public static DiffusionRequest? Of(ParseResult parsed, FitOptions options)
    {
        Option[] own = [options.Steps, options.Schedule, options.Predict, options.Objective, options.Variance, options.VisitsByCost, options.Shades];
        if (parsed.GetValue(options.Model) is { } kind ? kind != ModelKind.Diffusion : !GoesOn(parsed, options))
        {
            if (Array.Find(own, o => IsGiven(parsed, o)) is { } wrong)
                throw new UsageException($"{wrong.Name} is of diffusion models. Say --model diffusion, or leave it out.");
            return parsed.GetValue(options.Network) == NetworkKind.UNet ? throw new UsageException("--network unet is of diffusion models. Say --model diffusion, or choose mlp, convolutional, broadcast or ladder.") : null;
        }

        Option[] known =
        [
            .. own, options.Model, options.Output, options.Resume, options.Network, options.Hidden, options.Filters, options.Epochs, options.Patience, options.HoldOut, options.Batch, options.LearningRate,
            options.WeightDecay, options.Decay, options.Average, options.Label, options.Seed, options.Likelihood, options.Column, options.MissingToken, options.Delimiter, options.Header, options.NoHeader,
            options.Shape, options.Channels, options.Samples, options.Threads, options.Json,
        ];
        if (options.All.FirstOrDefault(o => !known.Contains(o) && IsGiven(parsed, o)) is { } other)
            throw new UsageException($"{other.Name} is not for diffusion models. Leave it out, or fit an autoencoder, without --model diffusion.");
        return new()
        {
            Fit = FitRequest.Of(parsed, options),
            Levels = parsed.GetValue(options.Steps),
            Schedule = parsed.GetValue(options.Schedule),
            Prediction = parsed.GetValue(options.Predict),
            Objective = parsed.GetValue(options.Objective),
            Variance = parsed.GetValue(options.Variance),
            VisitsByCost = parsed.GetValue(options.VisitsByCost),
            Shades = parsed.GetValue(options.Shades),
            Visits = parsed.GetValue(options.Samples) ?? UsualVisits,
        };
    }

    /// <summary>The parts of a new model.</summary>
    public DiffusionOptions Parts(bool ofImages)
    {
        var usual = ofImages ? UsualImages : TableDiffusion.UsualParts;
        var variance = Variance ?? (Objective == DiffusionObjective.Hybrid() ? ReverseVariance.Interpolated : usual.Variance);
        return usual with
        {
            Denoiser = Network(ofImages),
            Schedule = Schedule ?? usual.Schedule,
            Levels = Levels ?? usual.Levels,
            Prediction = Prediction ?? usual.Prediction,
            Objective = Objective ?? usual.Objective,
            Variance = variance,
            VisitsByCost = VisitsByCost,
            Seed = Fit.Seed ?? usual.Seed,
        };
    }

    /// <summary>How a new model is trained.</summary>
    public TrainingOptions Training(bool ofImages) => Fit.Training(ofImages ? DiffusionModel.Usual : TableDiffusion.Usual);

    /// <summary>The network that was asked for; null for the usual one.</summary>
    public Denoiser? Network(bool ofImages)
    {
        if (Fit.Network is NetworkKind.Convolutional or NetworkKind.Broadcast or NetworkKind.Ladder)
            throw new UsageException("--network: a diffusion model has mlp or unet.");
        var isConvolved = Fit.Network == NetworkKind.UNet || (Fit.Network is null && ofImages && Fit.Hidden is null);
        if (isConvolved && !ofImages)
            throw new UsageException($"--network unet is for images, and {Fit.Data} is a table. Leave it out.");
        if (isConvolved ? Fit.Hidden is not null : Fit.Filters is not null)
            throw new UsageException(isConvolved ? "--hidden is of --network mlp; a U-Net has --filters, the channels at each scale." : "--filters are of --network unet; leave them out.");
        if (isConvolved)
            return Denoiser.UNet(Fit.Filters ?? UsualFilters, waves: (int)Math.Ceiling(Math.Log2(Shades ?? MostShades)));
        if (Fit.Hidden is not { } sizes)
            return Fit.Network is null ? null : Denoiser.FullyConnected();
        return sizes.Length > 0 && sizes.All(n => n == sizes[0]) ? Denoiser.FullyConnected(sizes[0], sizes.Length)
            : throw new UsageException("--hidden: the residual blocks of a diffusion model are all as wide as each other; give a width for each, as in 128,128,128.");
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    // Going on needs no --model: the file knows.
    private static bool GoesOn(ParseResult parsed, FitOptions options)
    {
        var path = parsed.GetValue(options.Output) ?? FileNames.ModelOf(parsed.GetRequiredValue(options.Data));
        return parsed.GetValue(options.Resume) && File.Exists(path) && ModelFile.Load(path) is DiffusionModelFile;
    }
}
