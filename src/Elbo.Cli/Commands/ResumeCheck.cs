using System.Globalization;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary>Whether training can go on with what was asked: with another table, or another model, it would end elsewhere.</summary>
internal static class ResumeCheck
{
    /// <exception cref="UsageException">Something differs; the message says what.</exception>
    public static void Same(FitRequest request, TableModelFile file, TableReadResult read)
    {
        var (description, training) = (file.Description, file.Description.Training);
        var differences = new List<string>();
        Compare(differences, "--latent", request.Latent, description.Latent);
        Compare(differences, "--hidden", request.Hidden is { } hidden ? Sizes(hidden) : null, Sizes(description.Hidden));
        Compare(differences, "--seed", request.Seed, description.Seed);
        Compare(differences, "--batch", request.Batch, training.Batch);
        Compare(differences, "--learning-rate", request.LearningRate, training.LearningRate);
        Compare(differences, "--holdout", request.HoldOut, training.HoldOut);
        Compare(differences, "--warm-up", request.WarmUp, training.WarmUp);
        Compare(differences, "--weight-decay", request.WeightDecay, training.WeightDecay);
        if (request.SaysHowToRead && !read.Schema.Columns.Select(c => c.Column).SequenceEqual(file.Schema.Columns.Select(c => c.Column)))
            differences.Add("the columns, read as the options say, are not those of the model");
        else
            CompareLikelihoods(differences, request, file);
        if (differences.Count > 0)
        {
            throw new UsageException(
                $"{request.Model}: training cannot go on with other options: {string.Join("; ", differences)}. "
                + "Leave these options out to go on as before, or fit anew without --resume.");
        }

        if (TableModelFile.FingerprintOf(read.Table) != file.Fingerprint)
        {
            throw new UsageException(
                $"{request.Data}: this is not the table that {request.Model} was fitted to ({description.Rows} rows there, {read.Table.RowCount} here). "
                + "Training can only go on with the same rows; fit anew without --resume.");
        }
    }

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
