using System.Globalization;
using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Inference;
using Elbo.Programs;

namespace Elbo.Objectives;

/// <summary>
/// The reparameterised ELBO, E_q[ln p(data|z)] − KL(q‖p), by some draws of z. For unknowns whose guide and prior have a closed divergence,
/// E_q[ln p(z)] is exact given what the prior depends on. Both parts may be weighted.
/// </summary>
internal sealed class EvidenceLowerBound : Objective
{
    private readonly double _divergence;
    private readonly double _likelihood;

    public EvidenceLowerBound(double divergence = 1, double likelihood = 1)
    {
        if (!(divergence >= 0 && double.IsFinite(divergence)))
            throw new ArgumentOutOfRangeException(nameof(divergence), divergence, "The weight of the divergence is a number that is not negative.");
        if (!(likelihood >= 0 && double.IsFinite(likelihood)))
            throw new ArgumentOutOfRangeException(nameof(likelihood), likelihood, "The weight of the likelihood is a number that is not negative.");
        (_divergence, _likelihood) = (divergence, likelihood);
    }

    public override string Name => IsTempered ? string.Create(CultureInfo.InvariantCulture, $"ELBO with {_likelihood} of the likelihood and {_divergence} of the divergence") : "ELBO";

    public override ObjectiveRecipe Recipe => new(ObjectiveFamily.Elbo) { DivergenceWeight = _divergence, LikelihoodWeight = _likelihood };

    private bool IsTempered => _divergence != 1 || _likelihood != 1;

    internal override bool IsDifferentiated => true;

    internal override bool IsJudgedByBound => !IsTempered;

    internal override ObjectiveEstimate Of(ObjectiveSetting setting)
    {
        if (setting.Guide.DrawsDiscrete)
            return new ScoreFunction(byPlace: true, isForAll: false, _divergence, _likelihood).Of(setting);
        var bound = Bound(setting);
        return new(bound, setting.Gradients(bound));
    }

    internal override RowEstimate OfRows(RowTerms terms)
    {
        if (IsTempered && terms.Constraint is not null)
            throw new ArgumentException($"The objective, {Name}, weighs reconstruction and divergence, and so does the multiplier of a constraint: use Objective.Elbo with it.");
        var bound = Likelihood(terms.Reconstruction) - Divergence(terms.WeightedDivergence);
        return terms.Estimate(terms.Constrained(bound));
    }

    private Tensor Bound(ObjectiveSetting setting)
    {
        var (guide, space) = (setting.Guide, setting.Space);
        if (setting.Draws == 1)
        {
            var e = setting.Source.Normal([space.Dimension], 0, space.Type);
            return One(setting, guide.Draw(e)) + Divergence(guide.EntropyBy(e));
        }
        var noise = setting.Noise(setting.Draws);
        var point = Tensor.Input("point", [space.Dimension], space.Type);
        return setting.PerDraw(point, noise, One(setting, point)).Mean() + Divergence(guide.EntropyBy(noise));
    }

    private Tensor Divergence(Tensor part) => _divergence == 1 ? part : _divergence * part;

    private Tensor Likelihood(Tensor part) => _likelihood == 1 ? part : _likelihood * part;

    // E ln p without the entropy: everything at the point, but for priors with a closed divergence.
    private Tensor One(ObjectiveSetting setting, Tensor point)
    {
        var at = setting.Space.Place(point);
        var trace = setting.Model.Trace([at], setting.Random);
        var closed = trace.Counting.Select(site => (Site: site, Term: ClosedForm(site, setting.Space, setting.Guide))).Where(pair => pair.Term is not null).ToList();
        var prior = at.LogJacobian;
        foreach (var (_, term) in closed)
            prior = prior is null ? term! : prior + term!;
        var rest = trace.Counting.Except(closed.Select(pair => pair.Site)).ToList();
        if (IsTempered)
        {
            var priors = rest.Where(site => IsPrior(site, trace)).ToList();
            if (priors.Count > 0)
                prior = prior is null ? ModelTrace.LogDensity(priors) : prior + ModelTrace.LogDensity(priors);
            rest = [.. rest.Except(priors)];
        }
        if (rest.Count == 0)
            return prior is null ? throw new ModelException("The model has neither a distribution nor a factor, so there is no bound to maximise.") : Divergence(prior);
        var density = Likelihood(ModelTrace.LogDensity(rest));
        return prior is null ? density : Divergence(prior) + density;
    }

    // Unknowns that are summed out are part of the likelihood of the others.
    private bool IsPrior(Site site, ModelTrace trace)
    {
        if (site is not { Kind: SiteKind.Latent, IsEnumerated: false })
            return false;
        return trace.Sites.FirstOrDefault(s => s.IsEnumerated && new AxisDependence(s.Value!, 0).Reaches(site.LogProbability)) is not { } summed ? true
            : throw new ModelException($"The objective, {Name}, weighs prior and likelihood apart, and the prior of '{site.Name}' depends on '{summed.Name}', which is summed out with the likelihood. Use Objective.Elbo, or sum '{summed.Name}' out by a Mixture as the prior.");
    }

    // E_q[ln p(z)] = −KL(q‖p) − H(q), of an unknown that is its own coordinate under independent normals.
    private static Tensor? ClosedForm(Site site, UnconstrainedSpace space, GuideState guide)
    {
        if (site.Kind != SiteKind.Latent || guide.Marginals is not { } marginals || space.Find(site.Name) is not { } at)
            return null;
        var prior = site.Distribution is Independent independent ? independent.Each : site.Distribution!;
        if (!prior.Support.Equals(Support.Real))
            return null;
        var q = Distribution.Normal(Rows(marginals.Mean), Rows(marginals.Scale));
        if (KullbackLeibler.Between(q, prior) is not { } divergence)
            return null;
        var term = -(divergence + q.Entropy).BroadcastTo(site.Value!.Shape).Sum();
        return site.Scale == 1 ? term : term * site.Scale;

        Tensor Rows(Tensor all) => Minibatch.Rows(all.Slice(0, at.Start, at.Count).Reshape(at.Shape), site.Plates);
    }
}
