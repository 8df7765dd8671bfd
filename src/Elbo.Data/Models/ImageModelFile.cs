using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Images;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>
/// All that the file of a model of images holds: the model, the report of its fit, and where its training stands. What is saved comes back to the
/// same bits.
/// </summary>
/// <param name="Description">The model apart from its weights.</param>
/// <param name="Weights">The weights of the best epoch.</param>
/// <param name="Fingerprint">Tells the images that it was fitted to, and those that judged it, from others: <see cref="FingerprintOf"/>.</param>
/// <param name="State">Where its training stands, for going on; null where that is not wanted.</param>
/// <param name="Report">What the fit came to; null while it has not ended.</param>
/// <param name="Seconds">How long training took so far.</param>
public sealed record ImageModelFile(
    VaeDescription Description, IReadOnlyList<NamedTensor> Weights, string Fingerprint, TrainingState? State = null, FitReport? Report = null, double Seconds = 0)
    : ModelFile(Weights, Fingerprint, State, Report, Seconds)
{
    internal const string KindName = "image-vae";

    /// <inheritdoc/>
    public override TrainingOptions Training => Description.Training;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Classes => Description.Options.Label?.Classes ?? [];

    /// <inheritdoc/>
    public override ulong Seed => Description.Options.Seed;

    /// <inheritdoc/>
    public override int Latent => Description.Options.Hierarchy switch
    {
        FullyConnectedHierarchy layers => layers.Latents.Sum(),
        ResidualLadder ladder => ladder.Top + ladder.Scales.Sum(s => s.Latents.Sum()),
        _ => Description.Options.Latent,
    };

    private protected override string Kind => KindName;

    /// <summary>A short text that is the same for the same images in the same order and, practically, for no others.</summary>
    /// <param name="images">The images.</param>
    /// <param name="validation">Those that judge a fit to them; null where some of the others do.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string FingerprintOf(ImageSet images, ImageSet? validation = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var set in validation is null ? (ReadOnlySpan<ImageSet>)[images] : [images, validation])
        {
            foreach (var size in (ReadOnlySpan<int>)[set.Count, set.Height, set.Width, set.Channels])
                hash.AppendData(BitConverter.GetBytes(size));
            for (var image = 0; image < set.Count; image++)
                hash.AppendData(set.Pixels(image));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="DataException">There is no such file, it is not the file of a model of images or is damaged, or a newer program
    /// wrote it.</exception>
    public static new ImageModelFile Load(string path) => ModelFile.Load(path) as ImageModelFile
        ?? throw new DataException(path, "is not a model of images", "Name a model that was fitted to images");

    /// <summary>The model, ready for use.</summary>
    /// <param name="path">Where the file was read from, for the error message.</param>
    /// <param name="threads">Threads to share the work among; null for all the machine has.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DataException">The weights are not those of the description.</exception>
    public Vae Open(string path, int? threads = null) => Made(path, () => Vae.Load(Description, Weights, threads));

    private protected override void Describe(JsonObject json) => json["network"] = ImageModelJson.OfNetwork(Description);

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    internal static ImageModelFile Read(JsonObject json, Parts parts) =>
        new(ImageModelJson.Read(json["network"], parts.Training), parts.Weights, parts.Fingerprint, parts.State, parts.Report, parts.Seconds)
        {
            Calibration = parts.Calibration,
        };
}
