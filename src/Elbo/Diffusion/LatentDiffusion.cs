using Elbo.Autoencoders;
using Elbo.Diagnostics;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Diffusion;

/// <summary>The bound of rows under an autoencoder whose prior is a diffusion model, in nats per row.</summary>
/// <param name="Reconstruction">E ln p(x|z).</param>
/// <param name="Entropy">The entropy of q(z|x).</param>
/// <param name="Codes">The bound of the codes, −ln p(z) ≤ its total, in the units of the codes.</param>
/// <param name="Elbo">The sum of the first two less the last.</param>
/// <param name="Before">The bound of the same rows with the autoencoder's own prior.</param>
public sealed record LatentDiffusionBound(Estimate Reconstruction, Estimate Entropy, Estimate Codes, Estimate Elbo, Estimate Before);

/// <summary>
/// An autoencoder with a diffusion model in the place of its prior (Vahdat, Kreis and Kautz, 2021; Rombach et al., 2022), fitted after it to its codes: samples come from where
/// codes are, and the bounds of both add up to a bound of the whole.
/// </summary>
public sealed class LatentDiffusion : IDisposable
{
    private LatentDiffusion(Vae autoencoder, DiffusionModel codes) => (Autoencoder, Codes) = (autoencoder, codes);

    /// <summary>The autoencoder, which is not this one's to dispose of.</summary>
    public Vae Autoencoder { get; }

    /// <summary>The model of its codes, whose rows are those of <see cref="CodeRows"/>.</summary>
    public DiffusionModel Codes { get; }

    /// <summary>Fits a diffusion model to the codes of rows.</summary>
    /// <param name="autoencoder">Its q(z|x) must be a normal with independent numbers, and one layer.</param>
    /// <param name="rows">The rows that it was fitted to.</param>
    /// <param name="options">The parts of the diffusion model; null for levels whose γ is on a straight line, velocities, and the bound itself.</param>
    /// <param name="training">How to train.</param>
    /// <param name="progress">Told of each epoch; returning false ends training after it.</param>
    /// <exception cref="ArgumentException">The autoencoder has another posterior, or an option is out of range.</exception>
    public static LatentDiffusion Fit(Vae autoencoder, IRows rows, DiffusionOptions? options = null, TrainingOptions? training = null, Func<DiffusionEpoch, DiffusionModel, bool>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(autoencoder);
        ArgumentNullException.ThrowIfNull(rows);
        if (!autoencoder.Network.HasDiagonalPosterior || autoencoder.Network.Groups.Count > 1)
            throw new ArgumentException("The entropy of q(z|x) must be known, so it must be a normal with independent numbers, in one layer.", nameof(autoencoder));
        options ??= new() { Schedule = NoiseSchedule.LinearLogNoise(-8, 8), Prediction = Prediction.Velocity, Objective = DiffusionObjective.Bound, Seed = autoencoder.Seed };
        training ??= DiffusionModel.Usual;
        var codes = CodeRows.Of(autoencoder, rows);
        var model = DiffusionModel.Make(RowShape.Vector(codes.Size), CodeReadout.Of(codes), options, threads: training.Threads);
        try
        {
            model.Train(codes, training, progress: progress is null ? null : epoch => progress(epoch, model));
            return new(autoencoder, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The bound of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="visits">Levels that the code of each row visits; null for all.</param>
    public LatentDiffusionBound Evaluate(IRows rows, int? visits = 64)
    {
        var before = Autoencoder.Evaluate(rows, 16);
        var (_, deviations) = Autoencoder.Encode(rows);
        var entropy = Estimate.OfMean([.. deviations.Select(row => row.Sum(s => Math.Log(s) + 0.5 * Math.Log(2 * Math.PI * Math.E)))]);
        var codes = Codes.Evaluate(CodeRows.Of(Autoencoder, rows), visits).Total;
        var reconstruction = new Estimate(before.Bound.Reconstruction, before.Bound.StandardError);
        var elbo = new Estimate(reconstruction.Value + entropy.Value - codes.Value, Math.Sqrt(before.Bound.StandardError * before.Bound.StandardError + codes.StandardError * codes.StandardError));
        return new(reconstruction, entropy, codes, elbo, new(before.Bound.Elbo, before.Bound.StandardError));
    }

    /// <summary>New codes from the diffusion model: [count, latent].</summary>
    /// <param name="count">How many.</param>
    /// <param name="options">How to draw them.</param>
    /// <param name="seed">Other seeds give other codes.</param>
    public float[] SampleCodes(int count, SamplingOptions? options = null, ulong seed = 1)
    {
        var (rows, latent) = (Codes.Sample(count, options, seed), Codes.Width);
        var codes = new float[count * latent];
        for (var row = 0; row < count; row++)
            rows.AsSpan(row * Codes.Size, latent).CopyTo(codes.AsSpan(row * latent));
        return codes;
    }

    /// <summary>Lets memory and threads of the model of codes go; the autoencoder stays.</summary>
    public void Dispose() => Codes.Dispose();
}
