namespace Elbo.Objectives;

/// <summary>
/// E_q[ln p − ln q] with the derivative of ln q along the draws alone (Roeder, Wu and Duvenaud, 2017): the other part, by the parameters
/// at a fixed draw, is the score, of mean 0 but not of variance 0.
/// </summary>
internal sealed class PathDerivative : Objective
{
    public override string Name => "ELBO by path derivatives";

    public override ObjectiveRecipe Recipe => new(ObjectiveFamily.PathDerivative);

    internal override ObjectiveEstimate Of(ObjectiveSetting setting)
    {
        setting.NeedDensity(this);
        setting.NeedPaths(this);
        var noise = setting.Noise(setting.Draws);
        var bound = (setting.LogJoint(noise) - setting.Guide.LogDensityAlongPath(noise)).Mean();
        return new(bound, setting.Gradients(bound));
    }

    // With one draw, the doubly reparameterised gradient is that along the path.
    internal override RowEstimate OfRows(RowTerms terms) => new RenyiBound(0, 1, isDoubly: true).OfRows(terms);
}
