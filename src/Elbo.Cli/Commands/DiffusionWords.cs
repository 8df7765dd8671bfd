using System.Globalization;
using Elbo.Diffusion;

namespace Elbo.Cli.Commands;

/// <summary>The names of parts of a diffusion model on the command line.</summary>
internal static class DiffusionWords
{
    /// <summary>A schedule such as log-linear:-8..8; null for text that is none.</summary>
    public static NoiseSchedule? Schedule(string text)
    {
        var parts = text.Split(':', 2);
        var ends = parts.Length < 2 ? null : parts[1].Split("..").Select(OptionOf.Real).ToArray();
        if (ends is not null && !(ends is [{ } from, { } to] && to > from))
            return null;
        return (parts[0], ends) switch
        {
            ("linear", null) => NoiseSchedule.LinearVariances(),
            ("cosine", null) => NoiseSchedule.Cosine(),
            ("log-linear", null) => NoiseSchedule.LinearLogNoise(),
            ("log-linear", _) => NoiseSchedule.LinearLogNoise(ends![0]!.Value, ends[1]!.Value),
            ("learned", null) => NoiseSchedule.Learned(),
            ("learned", _) => NoiseSchedule.Learned(ends![0]!.Value, ends[1]!.Value),
            _ => null,
        };
    }

    /// <summary>A schedule in words.</summary>
    public static string Of(NoiseSchedule schedule)
    {
        var ends = string.Create(CultureInfo.InvariantCulture, $"{schedule.Corners[0]:0.##}..{schedule.Corners[^1]:0.##}");
        return schedule.IsLearned ? $"learned:{ends}" : schedule.Corners.Count == 2 ? $"log-linear:{ends}"
            : schedule.Equals(NoiseSchedule.Cosine()) ? "cosine" : schedule.Equals(NoiseSchedule.LinearVariances()) ? "linear" : $"through {schedule.Corners.Count} levels from {ends}";
    }

    public static Prediction? Predicted(string text) => text switch { "noise" => Prediction.Noise, "data" => Prediction.Data, "velocity" => Prediction.Velocity, _ => null };

    public static string Of(Prediction prediction) => prediction switch { Prediction.Noise => "noise", Prediction.Data => "data", _ => "velocity" };

    public static DiffusionObjective? Objective(string text) => text switch { "bound" => DiffusionObjective.Bound, "simple" => DiffusionObjective.Simple, "hybrid" => DiffusionObjective.Hybrid(), _ => null };

    public static string Of(DiffusionObjective objective) =>
        objective == DiffusionObjective.Bound ? "bound" : objective == DiffusionObjective.Simple ? "simple" : "hybrid";

    public static ReverseVariance? Variance(string text) => text switch
    {
        "posterior" => ReverseVariance.Posterior,
        "step" => ReverseVariance.Step,
        "interpolated" => ReverseVariance.Interpolated,
        "learned" => ReverseVariance.Learned,
        _ => null,
    };

    public static string Of(ReverseVariance variance) => variance.ToString().ToLowerInvariant();

    /// <summary>How samples are drawn; null for text that is no way.</summary>
    public static SamplingPath? Path(string text) => text switch { "ancestral" => SamplingPath.Ancestral, "implicit" => SamplingPath.Implicit, "heun" => SamplingPath.Heun, _ => null };

    /// <summary>A network in words.</summary>
    public static string Of(Denoiser denoiser) => denoiser switch
    {
        FullyConnectedDenoiser mlp => $"{mlp.Blocks} residual {(mlp.Blocks == 1 ? "block" : "blocks")} of {mlp.Width} units",
        UNetDenoiser net => $"a U-Net of {string.Join(", ", net.Channels)} channels{(net.Attends ? " with attention" : "")}",
        _ => denoiser.ToString(),
    };

    /// <summary>The parts of a model in words.</summary>
    public static string Of(DiffusionOptions parts) =>
        $"{parts.Levels} levels of noise, schedule {Of(parts.Schedule)}, {Of(parts.Denoiser!)} for the {Of(parts.Prediction)}, variances {Of(parts.Variance)}, minimising the {(Of(parts.Objective) is "bound" ? "negative bound" : Of(parts.Objective) + " loss")}";
}
