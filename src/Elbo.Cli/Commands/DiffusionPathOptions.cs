using System.CommandLine;
using Elbo.Diffusion;

namespace Elbo.Cli.Commands;

/// <summary>Options of how a diffusion model takes noise away.</summary>
internal sealed class DiffusionPathOptions
{
    public Option<int?> Steps { get; } = OptionOf.Whole("--steps", "N", 1, "Of a diffusion model: levels of noise that are visited. [default: all; where values are filled in 50]");

    public Option<SamplingPath?> Path { get; } = OptionOf.Word<SamplingPath?>(
        "--path", "ancestral|implicit|heun", "ancestral, implicit or heun", DiffusionWords.Path,
        "Of a diffusion model: step by step with fresh noise; with as much as --fresh-noise says, which needs fewer steps; or along the flow without noise by a method of second order. [default: ancestral]");

    public Option<double?> FreshNoise { get; } = OptionOf.Number(
        "--fresh-noise", "SHARE", x => x is >= 0 and <= 1, "a share from 0 to 1", "Of a diffusion model, with --path implicit: the share of noise that is fresh. [default: 0]");

    /// <summary>What was asked.</summary>
    public SamplingOptions Of(ParseResult parsed)
    {
        var usual = new SamplingOptions();
        if (parsed.GetValue(FreshNoise) is not null && parsed.GetValue(Path) != SamplingPath.Implicit)
            throw new UsageException("--fresh-noise is of --path implicit; say so, or leave it out.");
        return usual with { Steps = parsed.GetValue(Steps), Path = parsed.GetValue(Path) ?? usual.Path, FreshNoise = parsed.GetValue(FreshNoise) ?? usual.FreshNoise };
    }

    /// <exception cref="UsageException">Something was said that is of diffusion models.</exception>
    public void Refuse(ParseResult parsed, string model, params ReadOnlySpan<Option> others)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[Steps, Path, FreshNoise, .. others])
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} is of diffusion models, and {model} is none. Leave it out.");
        }
    }
}
