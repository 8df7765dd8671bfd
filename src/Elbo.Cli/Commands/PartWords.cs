using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Likelihoods;
using Elbo.Networks;
using Elbo.Objectives;

namespace Elbo.Cli.Commands;

/// <summary>The names of parts of a model on the command line, such as mixture:20.</summary>
internal static class PartWords
{
    /// <summary>A prior; null for text that is none.</summary>
    public static CodePrior? Prior(string text) => Split(text) switch
    {
        ("standard", null) => CodePrior.StandardNormal,
        ("mixture", var components) => CodePrior.Mixture(components ?? 10),
        ("vamp", var inputs) => CodePrior.Vamp(inputs ?? 500),
        ("flow", var layers) => CodePrior.Flow(layers ?? 6),
        _ => null,
    };

    /// <summary>The name of a prior.</summary>
    public static string Of(CodePrior prior) => prior switch
    {
        StandardNormalPrior => "standard",
        MixturePrior mixture => With("mixture", mixture.Components),
        VampPrior vamp => With("vamp", vamp.PseudoInputs),
        FlowPrior flow => With("flow", flow.Layers),
        _ => prior.ToString(),
    };

    /// <summary>A posterior; null for text that is none.</summary>
    public static CodePosterior? Posterior(string text) => Split(text) switch
    {
        ("diagonal", null) => CodePosterior.Diagonal,
        ("full", null) => CodePosterior.FullCovariance,
        ("flow", var layers) => CodePosterior.Flow(layers ?? 4),
        _ => null,
    };

    /// <summary>The name of a posterior.</summary>
    public static string Of(CodePosterior posterior) => posterior switch
    {
        DiagonalPosterior => "diagonal",
        FullCovariancePosterior => "full",
        FlowPosterior flow => With("flow", flow.Layers),
        _ => posterior.ToString(),
    };

    /// <summary>The likelihood of images; null for text that is none.</summary>
    public static PixelLikelihood? Pixels(string text) => text.ToLowerInvariant() switch
    {
        "bernoulli" => PixelLikelihood.Bernoulli,
        "continuous-bernoulli" => PixelLikelihood.ContinuousBernoulli,
        "discretised-logistic" or "discretized-logistic" => PixelLikelihood.DiscretisedLogistic,
        "gaussian" => PixelLikelihood.Gaussian,
        _ => null,
    };

    /// <summary>The name of the likelihood of images.</summary>
    public static string Of(PixelLikelihood likelihood) => likelihood switch
    {
        PixelLikelihood.Bernoulli => "bernoulli",
        PixelLikelihood.ContinuousBernoulli => "continuous-bernoulli",
        PixelLikelihood.DiscretisedLogistic => "discretised-logistic",
        _ => "gaussian",
    };

    /// <summary>Networks in words.</summary>
    public static string Of(Architecture architecture) => architecture switch
    {
        FullyConnectedArchitecture { Hidden.Count: 0 } => "no hidden layers",
        FullyConnectedArchitecture mlp => $"hidden layers of {string.Join(" and ", mlp.Hidden)} units",
        ConvolutionalArchitecture c => $"convolutions of {string.Join(", ", c.Channels)} channels and a layer of {c.Hidden} units",
        BroadcastArchitecture b => $"convolutions of {string.Join(", ", b.Channels)} channels, a layer of {b.Hidden} units, and a decoder of layers of {string.Join(", ", b.Units)} units at each place",
        _ => architecture.ToString(),
    };

    /// <summary>A hierarchy in words.</summary>
    public static string Of(Hierarchy hierarchy) => hierarchy switch
    {
        FullyConnectedHierarchy mlp => $"latent layers of {string.Join(", ", mlp.Latents)} numbers, {(mlp.Hidden.Count == 0 ? "no hidden layers" : $"hidden layers of {string.Join(" and ", mlp.Hidden)} units")}",
        ResidualLadder ladder => $"latent layers of {string.Join(", ", ladder.Scales.SelectMany(s => s.Latents).Append(ladder.Top))} numbers along convolutions of {string.Join(", ", ladder.Scales.Select(s => s.Channels))} channels{(ladder.Posterior is FullCovariancePosterior ? ", all correlations in q" : "")}",
        _ => hierarchy.ToString(),
    };

    /// <summary>A constraint such as squared-error=0.01; null for text that is none.</summary>
    public static Constraint? Constraint(string text)
    {
        var parts = text.Split('=', 2);
        if (parts.Length != 2 || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) || !double.IsFinite(limit))
            return null;
        return parts[0] switch
        {
            "reconstruction" => Objectives.Constraint.Reconstruction(limit),
            "squared-error" when limit > 0 => Objectives.Constraint.SquaredError(limit),
            _ => null,
        };
    }

    private static string With(string name, int size) => string.Create(CultureInfo.InvariantCulture, $"{name}:{size}");

    private static (string Name, int? Size) Split(string text)
    {
        var parts = text.ToLowerInvariant().Split(':', 2);
        if (parts.Length == 1)
            return (parts[0], null);
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? (parts[0], size) : ("", null);
    }
}
