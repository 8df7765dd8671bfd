using Elbo.Autoencoders;
using Elbo.Diagnostics;
using Elbo.Images;
using Elbo.Likelihoods;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>How far a diagnosis goes.</summary>
/// <param name="Rows">The most rows to look at.</param>
/// <param name="HardRows">The most rows whose q is refined and whose evidence is annealed; 0 to leave that out.</param>
/// <param name="Samples">Draws of the code for each row.</param>
/// <param name="Temperatures">Temperatures of the annealing.</param>
/// <param name="Seed">Of everything drawn.</param>
/// <param name="Threads">Threads to share the work among.</param>
internal sealed record DiagnosisRequest(int Rows, int HardRows, int Samples, int Temperatures, ulong Seed, int? Threads);

/// <summary>The rows of a diagnosis.</summary>
/// <param name="Row">What a row is called.</param>
/// <param name="Judged">Rows to look at.</param>
/// <param name="Of">How many there were to choose from.</param>
/// <param name="AreTrainedOn">Whether the model was trained on them.</param>
/// <param name="Data">The same for comparison with samples; null where that cannot be, for the reason in <paramref name="WhyNoData"/>.</param>
/// <param name="Training">Rows that the model was trained on, for comparison with samples; null where they are not known.</param>
/// <param name="Samples">Draws so many samples for comparison.</param>
/// <param name="WhyNoData">Why there is nothing to compare samples with.</param>
internal sealed record DiagnosedRows(
    string Row, IRows Judged, int Of, bool AreTrainedOn, Points? Data, Points? Training, Func<int, ulong, Points> Samples, string? WhyNoData = null);

/// <summary>All that the instruments say of a model; what could not be measured is null, and why is in the notes.</summary>
internal sealed class Diagnosis
{
    private Diagnosis(DiagnosedRows rows, Evaluation evaluation) => (Rows, Evaluation) = (rows, evaluation);

    public DiagnosedRows Rows { get; }

    public Evaluation Evaluation { get; }

    public BoundHistory? History { get; private init; }

    public AggregateSplit? Split { get; private set; }

    public IReadOnlyList<LatentReport>? Latents { get; private set; }

    public AmortisationGap? Gap { get; private set; }

    public EvidenceBracket? Bracket { get; private set; }

    public TotalVariationBound? Variation { get; private set; }

    public TotalVariationBound? SimulatedVariation { get; private set; }

    public SampleQuality? Quality { get; private set; }

    public BoundAndSamples? BoundAndSamples { get; private set; }

    /// <summary>What was left out and why.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Examines a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">Rows to examine it by.</param>
    /// <param name="state">Its training, where it is known.</param>
    /// <param name="images">Images that it was trained on and others, where it is a model of images and both are known.</param>
    /// <param name="request">How far to go.</param>
    /// <param name="say">Told what is being done.</param>
    public static Diagnosis Of(Vae model, DiagnosedRows rows, TrainingState? state, (ImageSet Training, ImageSet Others)? images, DiagnosisRequest request, Action<string> say)
    {
        say("the bound");
        var diagnosis = new Diagnosis(rows, model.Evaluate(rows.Judged, request.Samples)) { History = state is null ? null : BoundHistory.Of(state.History) };
        say("the code");
        diagnosis.Try("The split of the divergence", () => diagnosis.LookAtCode(model, request));
        if (request.HardRows > 0)
        {
            int[] which = [.. Enumerable.Range(0, Math.Min(request.HardRows, rows.Judged.Count))];
            var annealing = new AnnealingOptions { Temperatures = request.Temperatures, Seed = request.Seed };
            say($"{which.Length} {rows.Row}s one by one");
            diagnosis.Try("The gap", () => diagnosis.LookAtGap(model, request, which, annealing));
            say($"{which.Length} {rows.Row}s of the model's own");
            diagnosis.Try("The bracket of the evidence", () => diagnosis.LookAtBracket(model, request, which, annealing));
        }

        say("samples");
        diagnosis.Try("Samples", () => diagnosis.LookAtSamples(model, images, request));
        return diagnosis;
    }

    // An instrument that is not for this kind of model says why, and the others go on.
    private void Try(string what, Action look)
    {
        try
        {
            look();
        }
        catch (ArgumentException e)
        {
            Notes.Add($"{what} was left out: {e.Message}");
        }
    }

    private void LookAtCode(Vae model, DiagnosisRequest request)
    {
        if (!model.Network.HasDiagonalPosterior)
        {
            Notes.Add("The divergence is not split: that needs a diagonal posterior in one group.");
            return;
        }

        var options = new AggregateSplitOptions { Seed = request.Seed, Threads = request.Threads };
        Split = AggregateSplit.OfModel(model, Rows.Judged, options);
        if (!model.Network.HasStandardNormalPrior)
            return;
        var (means, logVariances) = model.Codes(Rows.Judged);
        Latents = LatentReport.Of(means, logVariances, options);
    }

    private void LookAtGap(Vae model, DiagnosisRequest request, int[] which, AnnealingOptions annealing)
    {
        Gap = AmortisationGap.Of(model, Rows.Judged, which, new()
        {
            Annealing = annealing,
            Samples = Math.Max(2, request.Samples),
            Window = 50,
            Patience = 4,
            Seed = request.Seed,
        });
        Variation = TotalVariationBound.Estimated(Gap.Amortised, Gap.Evidence);
    }

    private void LookAtBracket(Vae model, DiagnosisRequest request, int[] which, AnnealingOptions annealing)
    {
        var bracket = EvidenceBracket.Of(model, which.Length, annealing);
        if (bracket.Rows.All(r => r.Upper is null))
        {
            Notes.Add("There is no upper bound of the evidence: the noise of the codes of simulated rows was not found.");
            return;
        }

        Bracket = bracket;
        int[] known = [.. which.Where(i => bracket.Rows[i].Upper is not null)];
        var (elbos, _) = model.EvaluateRows(new SomeRows(bracket.Simulated, known), request.Samples);
        double[] gaps = [.. known.Select((row, i) => bracket.Rows[row].Upper!.Value.Value - elbos[i])];
        SimulatedVariation = TotalVariationBound.Guaranteed(new Estimate(0, 0), Estimate.OfMean(gaps));
    }

    private void LookAtSamples(Vae model, (ImageSet Training, ImageSet Others)? images, DiagnosisRequest request)
    {
        const int least = 40;
        var options = new SampleQualityOptions { Seed = request.Seed, Threads = request.Threads };
        if (Rows.Data is not { } data || data.Count < least)
        {
            Notes.Add(Rows.WhyNoData ?? $"Samples are not compared with data: that takes at least {least} {Rows.Row}s, and there are {Rows.Data?.Count ?? 0}.");
            return;
        }

        if (images is var (training, others) && model.Observation is PixelObservation)
        {
            BoundAndSamples = Elbo.Diagnostics.BoundAndSamples.Of(model, training, others, options);
            Quality = BoundAndSamples.Quality;
            return;
        }

        Quality = SampleQuality.Of(Rows.Samples(data.Count, request.Seed), data, Rows.Training, options);
    }
}

/// <summary>Some rows of others.</summary>
internal sealed class SomeRows(IRows rows, int[] which) : IRows
{
    public int Count => which.Length;

    public int Size => rows.Size;

    public bool HasMissing => rows.HasMissing;

    public void Fill(ReadOnlySpan<int> chosen, Span<float> values, Span<float> mask)
    {
        var of = new int[chosen.Length];
        for (var i = 0; i < of.Length; i++)
            of[i] = which[chosen[i]];
        rows.Fill(of, values, mask);
    }
}

/// <summary>Rows of a table as points: numbers standardised as the model has them, levels as 0 and 1 each.</summary>
internal static class TablePoints
{
    /// <summary>The points of the rows without missing cells; null where there are none.</summary>
    public static Points? Of(Table table, IReadOnlyList<ModelledColumn> columns)
    {
        var features = new List<double[]>();
        var isWhole = Enumerable.Repeat(true, table.RowCount).ToArray();
        foreach (var column in columns)
        {
            var values = table.Values(column.Column.Name).ToArray();
            for (var row = 0; row < values.Length; row++)
                isWhole[row] &= !double.IsNaN(values[row]);
            if (!column.Column.HasLevels)
                features.Add([.. values.Select(v => double.IsNaN(v) ? 0 : Standardised(column, v))]);
            else
                features.AddRange(Enumerable.Range(0, column.Column.Levels.Count).Select(level => values.Select(v => v == level ? 1.0 : 0).ToArray()));
        }

        int[] whole = [.. Enumerable.Range(0, table.RowCount).Where(row => isWhole[row])];
        if (whole.Length == 0)
            return null;
        return new(whole.SelectMany(row => features.Select(f => (float)f[row])).ToArray(), features.Count);
    }

    private static double Standardised(ModelledColumn column, double value) => column.Likelihood is LikelihoodKind.Poisson or LikelihoodKind.NegativeBinomial
        ? (Math.Log(value + 1) - column.Location) / column.Scale
        : column.Encode(value);
}
