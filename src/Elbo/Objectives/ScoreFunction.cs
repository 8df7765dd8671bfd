using Elbo.Compute;
using Elbo.Programs;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>
/// The ELBO whose gradient is E Σ ∇ln q_f·(signal_f − baseline), with the score of each factor of the guide and the terms that depend on what
/// it draws. The baseline of a draw is the mean signal of the others. Where draws have derivatives these may be taken instead of scores.
/// </summary>
internal sealed class ScoreFunction(bool byPlace, bool isForAll, double divergence = 1, double likelihood = 1) : Objective
{
    public override string Name => byPlace ? "ELBO by the score function, place by place" : "ELBO by the score function";

    public override ObjectiveRecipe Recipe => new(ObjectiveFamily.ScoreFunction) { IsByPlace = byPlace };

    internal override ObjectiveEstimate Of(ObjectiveSetting setting)
    {
        setting.NeedDensity(this);
        if (setting.Draws < 2)
            throw new ModelException($"The objective, {Name}, measures each draw against the others, and takes {setting.Draws}. Set FitOptions.Draws to 2 or more.");
        var noise = setting.Noise(setting.Draws);
        var axis = new VectorAxis("draw", setting.Draws, redraws: true);
        var many = new Vectorisation(axis);
        var symbols = new SiteSymbols(setting.Space);
        var terms = new BoundTerms(setting, symbols, divergence, likelihood);
        var draws = setting.Guide.Draw(noise);
        symbols.Place(many, axis, isForAll ? StopGradient(draws) : draws);
        foreach (var factor in terms.Guide)
        {
            if (factor.ByNoise is var (moving, held))
                many.Replace(factor.LogDensity, isForAll ? held(noise) : moving(noise), axis);
        }
        var model = terms.Model.Select(term => term.Total).Aggregate((sum, next) => sum + next);
        var guide = terms.Guide.Select(factor => factor.LogDensity.Sum()).Aggregate((sum, next) => sum + next);
        var value = (many.Of(model, axis) - divergence * many.Of(guide, axis)).Mean();
        var climbed = many.Of(model, axis).Mean();
        foreach (var factor in terms.Guide)
        {
            if (!isForAll && !factor.IsDiscrete)
            {
                climbed -= divergence * many.Of(factor.LogDensity.Sum(), axis).Mean();
                continue;
            }
            foreach (var (signal, score) in terms.SignalsOf(factor, byPlace))
            {
                var signals = StopGradient(many.Of(signal, axis));
                var each = (signals - signals.Mean(0)) * many.Of(score, axis);
                climbed += each.Sum() / (setting.Draws - 1.0);
            }
        }
        return new(value, setting.Gradients(climbed));
    }
}
