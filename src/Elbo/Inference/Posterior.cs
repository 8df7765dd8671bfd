using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Programs;

namespace Elbo.Inference;

/// <summary>An approximate posterior: a fitted guide of a model, to be drawn from, summarised and used for prediction.</summary>
public class Posterior : IDisposable
{
    private readonly Model _model;
    private readonly UnconstrainedSpace _space;
    private readonly GuideState _state;
    private readonly PointParameters _parameters;
    private readonly Cpu _cpu;
    private readonly ulong _seed;

    internal Posterior(Model model, UnconstrainedSpace space, Guide guide, GuideState state, PointParameters parameters, Cpu cpu, ulong seed)
    {
        // Minibatches are for the steps of a fit: what is said of its result is said of all data.
        (_model, _space, Guide, _state, _parameters, _cpu, _seed) = (model.Whole(), space, guide, state, parameters, cpu, seed);
    }

    /// <summary>The family that was fitted.</summary>
    public Guide Guide { get; }

    /// <summary>How many steps the fit took.</summary>
    public int Steps { get; internal init; }

    /// <summary>
    /// Whether the parameters of the guide came to rest; see <see cref="Convergence"/>. Where they did not before
    /// <see cref="FitOptions.LongestStage"/> ended a stage, more steps would give another answer.
    /// </summary>
    public bool IsSettled { get; internal init; }

    /// <summary>What the iterates of the fit say of their average; null where there were none.</summary>
    public Convergence? Convergence { get; internal init; }

    /// <summary>What the search for a start found in modes apart from the one that was fitted.</summary>
    public OtherModes OtherModes { get; internal init; }

    /// <summary>What helps where the certificate has doubts.</summary>
    internal Remedies Remedies { get; init; } = Remedies.OfModels;

    /// <summary>What to know of the posterior besides its numbers, for its certificate.</summary>
    internal IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The usual effort for a certificate.</summary>
    internal CertificateOptions Effort { get; init; } = new();

    /// <summary>The ln evidence, in nats, where the fit knows it exactly.</summary>
    internal double? LogEvidence { get; init; }

    /// <summary>Draws are made this many at a time.</summary>
    internal int Chunk { get; init; } = Collection.LargestChunk;

    /// <summary>The ELBO, in nats, total, estimated by this many draws, and the standard error of the estimate; −∞ for a point, which has no entropy.</summary>
    public Estimate Elbo(int draws = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        if (!_state.HasSpread)
            return new(double.NegativeInfinity, 0);
        // ln p − ln q of each draw: were the guide the posterior, every draw would give the same.
        var run = new GuidedRun(_model, _space, _state);
        return Estimate.OfMean(Collection.Of(run, _cpu, _seed, Chunk).Columns(draws, _ => [("ln weight", run.LogWeight)])[0].Elements);
    }

    /// <summary>Draws of all unknowns, and of what the model reports of them; parameters without a prior are the same in each.</summary>
    /// <param name="count">How many.</param>
    /// <remarks>What depends on unknowns that are summed out has no one value and is left out; see <see cref="Probabilities"/>.</remarks>
    public Draws Draw(int count = 4000) =>
        Collect(_model, count, Draws.Reported, isWeighted: true);

    /// <summary>Draws of data from the posterior predictive distribution: all observed sites drawn anew.</summary>
    /// <param name="count">How many.</param>
    public Draws Predict(int count = 1000) => Collect(_model.WithoutEnumeration().Predict(), count, trace => Observed(trace, site => site.Value!));

    /// <summary>The posterior probabilities of the values of a discrete unknown that is summed out: for each value, each place of its plates.</summary>
    /// <param name="site">The unknown.</param>
    /// <param name="draws">How many draws of the other unknowns to average over.</param>
    /// <exception cref="ModelException">The site is not summed out.</exception>
    public (Shape Shape, double[] Elements) Probabilities(string site, int draws = 1000)
    {
        var point = Tensor.Input("point", [_space.Dimension], _space.Type);
        var trace = _model.Trace([_space.Place(point)], new RandomDraws(Source(9), 1));
        if (!trace[site].IsEnumerated)
            throw new ModelException($"Site '{site}' is not summed out, so it has no table of probabilities. Ask for its draws, or fit model.Enumerate(\"{site}\").");
        var enumeration = new Enumeration(trace.Counting);
        var weight = enumeration.Weights[trace[site]];
        var each = Gradient.Of(enumeration.LogSum(isWeighted: true), weight)[0];
        var axis = new VectorAxis("draw", draws, redraws: true);
        var many = new Vectorisation(axis);
        many.Replace(point, _state.Draw(Source(9).Normal([draws, _space.Dimension], 0, _space.Type)), axis);
        foreach (var input in enumeration.Weights.Values)
            many.Replace(input, Tensor.Full(input.Shape, 0, input.Type));
        var mean = many.Of(each, axis).Mean(0).Convert(DType.Float64);
        using var function = _cpu.Compile([mean]);
        function.Run();
        return (mean.Shape, function.Output<double>(mean).ToArray());
    }

    /// <summary>ln p of each observation given each draw, in nats, for model comparison.</summary>
    /// <param name="count">How many draws.</param>
    public Draws LogLikelihoods(int count = 1000) => Collect(_model, count, trace => Observed(trace, site => site.LogProbability), isWeighted: true);

    /// <summary>How well the model predicts an observation from all others, for comparison with other models of the same data.</summary>
    /// <param name="draws">How many draws to weight.</param>
    /// <exception cref="ModelException">The guide has a point in it, which tells nothing of what the model would predict otherwise.</exception>
    public LeaveOneOut LeaveOneOut(int draws = 4000) => _state.HasSpread ? Diagnostics.LeaveOneOut.Of(LogLikelihoods(draws))
        : throw new ModelException($"The guide ({Guide}) has no spread, and leaving an observation out would move a point, which weights cannot. Use Guide.FullRank.");

    /// <summary>
    /// Mean, standard deviation and quantiles of every number the model names, and how far to trust them. Where the importance weights
    /// of the draws are reliable the draws count by them, which corrects what the guide could not follow.
    /// </summary>
    public Summary Summary(int draws = 10_000) => new(Draw(draws), Certificate);

    /// <summary>How good this posterior is, by the usual effort.</summary>
    public Certificate Certificate => field ??= Certify();

    /// <summary>How good this posterior is.</summary>
    /// <param name="options">How much effort to make.</param>
    public Certificate Certify(CertificateOptions? options = null) =>
        new Certification(_model, _space, _state, _cpu, _seed) { Options = options ?? Effort, Chunk = Chunk }.Of(this);

    /// <summary>
    /// Shows a recorder what there is to be seen of this posterior: each number with its prior beside, predictions beside the data, and the certificate. Fits with a recorder do so by themselves; of those
    /// in closed form this is for the one who has fitted.
    /// </summary>
    /// <param name="recorder">Who is told.</param>
    public void Show(IProgress<Recording.FitEvent> recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        recorder.Report(Recording.PosteriorViews.Numbers(this, _space.Dimension, draws => Recording.PosteriorViews.PriorOf(_model, draws, _seed)));
        if (Recording.PosteriorViews.Predictions(Collect(_model, 1, trace => Observed(trace, site => site.Value!)), Predict) is { } predictions)
            recorder.Report(predictions);
        recorder.Report(new Recording.FitCertified(Certificate));
    }

    /// <summary>Fits of the same kind to simulated data.</summary>
    internal SimulatedFits Simulations => (SimulatedFitsOf ?? throw new ModelException("Only fits of models can be checked by simulated data. Leave SimulatedDataSets at 0."))(Draw(1));

    /// <summary>Makes them, given a draw from which parameters without a prior have their values.</summary>
    internal Func<Draws, SimulatedFits>? SimulatedFitsOf { get; init; }

    /// <summary>The ln evidence from above, of data simulated from the model with known truth; null where that cannot be had.</summary>
    internal Estimate? AnnealFrom(Func<string, Value> truth, CertificateOptions options) =>
        _state.HasSpread && options.Temperatures > 0 ? new Certification(_model, _space, _state, _cpu, _seed) { Options = options, Chunk = Chunk }.AnnealFrom(truth) : null;

    /// <summary>Lets the memory and threads go.</summary>
    public void Dispose()
    {
        _state.Dispose();
        _parameters.Dispose();
        _cpu.Dispose();
        GC.SuppressFinalize(this);
    }

    private RandomSource Source(int purpose) => new(RandomDraws.SeedOf(_seed), Tensor.Scalar(-purpose, DType.Int32));

    private static IEnumerable<(string Name, Tensor Value)> Observed(ModelTrace trace, Func<Site, Tensor> what) =>
        trace.Sites.Where(s => s.Kind == SiteKind.Observed).Select(s => (s.Name, what(s)));

    private Draws Collect(Model model, int count, Func<ModelTrace, IEnumerable<(string Name, Tensor Value)>> quantities, bool isWeighted = false)
    {
        var run = new GuidedRun(model, _space, _state);
        var collection = Collection.Of(run, _cpu, _seed, Chunk);
        if (!isWeighted)
            return new(count, collection.Columns(count, quantities));
        var columns = collection.Columns(count, trace => quantities(trace).Prepend(("ln weight", run.LogWeight)));
        return new(count, columns.Skip(1), columns[0].Elements);
    }
}
