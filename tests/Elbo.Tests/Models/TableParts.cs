using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;

namespace Elbo.Tests.Models;

/// <summary>The parts of a model of a table, without the model.</summary>
internal static class TableParts
{
    public static (LatentNetwork Network, TableObservation Observation) Of(IReadOnlyList<ModelledColumn> columns, int latent, IReadOnlyList<int> hidden, double decoderScale = 0.1)
    {
        var observation = new TableObservation(columns);
        var setting = new LatentSetting(RowShape.Vector(observation.Size), observation.FeatureCount, observation.ParameterCount, new(1, 1));
        return (new EncoderDecoder(setting, latent, Architecture.FullyConnected(hidden), CodePosterior.Diagonal, CodePrior.StandardNormal, decoderScale), observation);
    }
}
