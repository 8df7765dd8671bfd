using System.Text.Json.Nodes;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>What the fit of a diffusion model came to, as its file keeps it.</summary>
/// <param name="Bound">The bound of its levels, term by term.</param>
/// <param name="Limit">The negative bound in the limit of steps without end, nats per row.</param>
/// <param name="OfHeldOutRows">Whether they are of rows kept out of training; otherwise of the training rows themselves.</param>
/// <param name="Version">The version of the program that wrote the report.</param>
public sealed record DiffusionReport(DiffusionBound Bound, Estimate Limit, bool OfHeldOutRows, string Version);

/// <summary>What the files of all diffusion models hold. What is saved comes back to the same bits.</summary>
/// <param name="Weights">The weights of the best epoch.</param>
/// <param name="Fingerprint">Tells the data that it was fitted to from others.</param>
/// <param name="Stand">Where its training stands, for going on; null where that is not wanted.</param>
/// <param name="Result">What the fit came to; null while it has not ended.</param>
/// <param name="Seconds">How long training took so far.</param>
public abstract record DiffusionModelFile(IReadOnlyList<NamedTensor> Weights, string Fingerprint, DiffusionTraining? Stand, DiffusionReport? Result, double Seconds)
    : ModelFile(Weights, Fingerprint, null, null, Seconds)
{
    /// <summary>The parts of the model.</summary>
    public abstract DiffusionOptions Options { get; }

    /// <inheritdoc/>
    public override ulong Seed => Options.Seed;

    /// <inheritdoc/>
    /// <remarks>None: its levels have as many numbers as a row.</remarks>
    public override int Latent => 0;

    private protected override JsonObject? ReportJson => Result is null ? null : DiffusionJson.Of(Result);

    private protected override (JsonObject State, IReadOnlyList<NamedTensor> Tensors)? Checkpoint => Stand is null ? null : (DiffusionJson.Of(Stand), Stand.Tensors);

    private protected static DiffusionReport? ReportOf(JsonObject json) => json["report"] is { } report ? DiffusionJson.ReadReport(report) : null;
}
