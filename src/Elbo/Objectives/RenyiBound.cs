using System.Globalization;
using Elbo.Compute;
using Elbo.Programs;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>
/// 1/(1 − α) · E ln (1/K) Σ wₖ^(1 − α) with w = p/q (Li and Turner, 2016), the importance-weighted bound at α = 0 and the ELBO at α = 1.
/// With ŵ the normalised wₖ^(1 − α), its gradient is E Σ ŵₖ∇ln wₖ. The score of q in ∇ln wₖ, once more written along the path, leaves
/// E Σ (αŵₖ + (1 − α)ŵₖ²)·∂ln wₖ/∂zₖ·∇zₖ (Tucker, Lawson, Gu and Maddison, 2019).
/// </summary>
internal sealed class RenyiBound : Objective
{
    private readonly double _alpha;
    private readonly int _particles;
    private readonly bool _isDoubly;

    public RenyiBound(double alpha, int particles, bool isDoubly)
    {
        if (!double.IsFinite(alpha))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "α is a finite number: 1 for the ELBO, 0 for the importance-weighted bound.");
        ArgumentOutOfRangeException.ThrowIfLessThan(particles, 1);
        (_alpha, _particles, _isDoubly) = (alpha, particles, isDoubly);
    }

    public override string Name => _alpha == 0 ? $"importance-weighted bound of {_particles} draws"
        : string.Create(CultureInfo.InvariantCulture, $"Rényi bound of order {_alpha} by {_particles} draws");

    public override ObjectiveRecipe Recipe => new(ObjectiveFamily.Renyi) { Order = _alpha, Draws = _particles, IsDoublyReparameterised = _isDoubly };

    internal override bool IsDifferentiated => !_isDoubly;

    internal override ObjectiveEstimate Of(ObjectiveSetting setting)
    {
        setting.NeedDensity(this);
        setting.NeedPaths(this);
        if (_alpha != 1 && setting.Model.Trace([], setting.Random).Plates.FirstOrDefault(p => p.Indices is not null) is { } plate)
            throw new ModelException($"The objective, {Name}, is no sum over data, so a minibatch of plate '{plate.Name}' tells nothing of the bound of all. Use Objective.Elbo or Objective.PathDerivative, or the plate whole.");
        var noise = setting.Noise(setting.Draws * _particles);
        var joint = setting.LogJoint(noise);
        var weights = InGroups(joint - setting.Guide.LogDensity(noise));
        var bound = Bound(weights);
        if (!_isDoubly)
            return new(bound, setting.Gradients(bound));
        var shares = StopGradient(Softmax((1 - _alpha) * weights));
        var alongPath = InGroups(joint - setting.Guide.LogDensityAlongPath(noise));
        var ofGuide = ((_alpha * shares + (1 - _alpha) * shares * shares) * alongPath).Sum(1).Mean();
        return new(bound, setting.Gradients(ofGuide, bound));

        Tensor InGroups(Tensor each) => each.Reshape([setting.Draws, _particles]);
    }

    internal override int DrawsOfRow => _particles;

    internal override RowEstimate OfRows(RowTerms terms)
    {
        terms.NeedNoBudget(this);
        terms.NeedDrawsAlike(this);
        var code = terms.Code;
        var joint = terms.LogLikelihood + terms.DivergenceWeight * code.LogPrior;
        var logWeights = joint - terms.DivergenceWeight * code.LogPosterior;
        var bound = terms.MeanOverRows(_alpha == 1 ? logWeights.Mean(0) : (LogSumExp((1 - _alpha) * logWeights, 0) - Math.Log(_particles)) / (1 - _alpha));
        if (!_isDoubly || code.LogPosteriorHeld is not { } held)
            return terms.Estimate(bound);
        var shares = StopGradient(Softmax((1 - _alpha) * logWeights, 0));
        var scales = _alpha + (1 - _alpha) * shares;
        var alongPath = joint - terms.DivergenceWeight * held;
        if (!terms.HasOneGroup)
            return terms.Estimate(terms.MeanOverRows((scales * shares * alongPath).Sum(0)), bound);
        // Both gradients weigh the same derivatives, one by the shares and one by them scaled once more; the way back through the decoder
        // is linear in each draw, so it is gone once, and what arrives at the codes is scaled.
        var (byModel, byCode) = terms.ModelGradients(terms.MeanOverRows((shares * alongPath).Sum(0)));
        var byDraw = scales.Reshape([_particles, terms.Rows, 1]);
        return new(bound, [.. terms.GuideGradients((StopGradient(byDraw * byCode) * code.Z).Sum()), .. byModel]);
    }

    private Tensor Bound(Tensor logWeights) => _alpha == 1 ? logWeights.Mean()
        : (LogSumExp((1 - _alpha) * logWeights, 1) - Math.Log(_particles)).Mean() / (1 - _alpha);
}
