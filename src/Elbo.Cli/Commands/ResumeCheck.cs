using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Data;
using Elbo.Models;

namespace Elbo.Cli.Commands;

/// <summary>Whether training can go on with what was asked: with other data, or another model, it would end elsewhere.</summary>
internal static class ResumeCheck
{
    /// <exception cref="UsageException">Something differs; the message says what.</exception>
    public static void Same(FitRequest request, TableModelFile file, TableReadResult read)
    {
        var description = file.Description;
        var differences = Shared(request, file, description.Prior, description.Posterior);
        Compare(differences, "--missing", AskedMissing(request, read, description), MissingWords.Of(description.Missing));
        Compare(differences, "--hidden", request.Hidden is { } hidden ? Sizes(hidden) : null, Sizes(description.Hidden));
        if (request.SaysHowToRead && !read.Schema.Columns.Select(c => c.Column).SequenceEqual(file.Schema.Columns.Select(c => c.Column)))
            differences.Add("the columns, read as the options say, are not those of the model");
        else
            CompareLikelihoods(differences, request, file);
        Refuse(request, differences);

        if (TableModelFile.FingerprintOf(read.Table) != file.Fingerprint)
        {
            throw new UsageException(
                $"{request.Data}: this is not the table that {request.Model} was fitted to ({description.Rows} rows there, {read.Table.RowCount} here). "
                + "Training can only go on with the same rows; fit anew without --resume.");
        }
    }

    /// <exception cref="UsageException">Something differs; the message says what.</exception>
    public static void Same(FitRequest request, ImageModelFile file, ImageFit fit)
    {
        var options = file.Description.Options;
        var differences = Shared(request, file, options.Prior, (options.Hierarchy as ResidualLadder)?.Posterior ?? options.Posterior);
        var asked = request.LatentLayers();
        if (asked is not null || (request.Network is not null && options.Hierarchy is not null))
            Compare(differences, "--network", asked is null ? "of one latent layer" : PartWords.Of(asked), options.Hierarchy is { } has ? PartWords.Of(has) : "of one latent layer");
        else if (request.Network is not null || request.Hidden is not null || request.Filters is not null)
            Compare(differences, "--network", PartWords.Of(request.Networks(options.Architecture)), PartWords.Of(options.Architecture));
        Compare(differences, "--likelihood", request.Pixels() is { } likelihood ? PartWords.Of(likelihood) : null, PartWords.Of(options.Likelihood!.Value));
        Compare(differences, "--binarise", request.Binarise?.ToString(), options.Binarisation!.Value.ToString());
        Refuse(request, differences);

        if (fit.Fingerprint != file.Fingerprint)
        {
            throw new UsageException(
                $"{request.Data}: these are not the images that {request.Model} was fitted to{(request.Validation is null ? "" : " and judged by")} ({file.Description.Images} there, {fit.Read.Images.Count} here). "
                + "Training can only go on with the same images, and the same --validation where there was one; fit anew without --resume.");
        }
    }

    private static List<string> Shared(FitRequest request, ModelFile file, CodePrior prior, CodePosterior posterior)
    {
        var (training, differences) = (file.Training, new List<string>());
        Compare(differences, "--latent", request.Latent, file.Latent);
        Compare(differences, "--seed", request.Seed, file.Seed);
        Compare(differences, "--batch", request.Batch, training.Batch);
        Compare(differences, "--learning-rate", request.LearningRate, training.LearningRate);
        Compare(differences, "--holdout", request.HoldOut, training.HoldOut);
        Compare(differences, "--warm-up", request.WarmUp, training.WarmUp);
        Compare(differences, "--weight-decay", request.WeightDecay, training.WeightDecay);
        Compare(differences, "--classifier-weight", request.ClassifierWeight, training.ClassifierWeight);
        if (request.Label is not null && file.Classes.Count == 0)
            differences.Add("--label is given, the model has none");
        Compare(differences, "--prior", request.Prior is { } asked ? PartWords.Of(asked) : null, PartWords.Of(prior));
        Compare(differences, "--posterior", request.Posterior is { } q ? PartWords.Of(q) : null, PartWords.Of(posterior));
        Compare(differences, "--importance", request.Importance, training.Objective.Recipe.Draws);
        return differences;
    }

    private static void Refuse(FitRequest request, List<string> differences)
    {
        if (differences.Count > 0)
        {
            throw new UsageException(
                $"{request.Model}: training cannot go on with other options: {string.Join("; ", differences)}. "
                + "Leave these options out to go on as before, or fit anew without --resume.");
        }
    }

    // With the columns named that have missing cells, as the model has it.
    private static string? AskedMissing(FitRequest request, TableReadResult read, TableVaeDescription description) =>
        request.Missing is { } asked ? MissingWords.Of(asked.In(read.Table, description.Columns)) : null;

    private static void CompareLikelihoods(List<string> differences, FitRequest request, TableModelFile file)
    {
        var asked = LikelihoodWords.Resolve(request.Likelihoods, [.. file.Schema.Columns.Select(c => c.Column)]);
        foreach (var column in file.Description.Columns)
        {
            if (asked.TryGetValue(column.Column.Name, out var family) && family != column.Likelihood)
                differences.Add($"--likelihood of '{column.Column.Name}' is {LikelihoodWords.Of(family)}, the model has {LikelihoodWords.Of(column.Likelihood)}");
        }
    }

    private static void Compare<T>(List<string> differences, string option, T? asked, T? actual) where T : struct
    {
        if (asked is { } value && !EqualityComparer<T?>.Default.Equals(value, actual))
            differences.Add($"{option} is {Text(value)}, the model has {Text(actual)}");
    }

    private static void Compare(List<string> differences, string option, string? asked, string actual)
    {
        if (asked is not null && asked != actual)
            differences.Add($"{option} is {asked}, the model has {actual}");
    }

    private static string Text(object? value) => value is null ? "the default" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Sizes(IEnumerable<int> sizes) => string.Join(',', sizes) is { Length: > 0 } text ? text : "none";
}
