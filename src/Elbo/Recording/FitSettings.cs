using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Diffusion;
using Elbo.Inference;
using Elbo.Models;
using Elbo.Networks;
using Elbo.Training;

namespace Elbo.Recording;

/// <summary>Options of fits in words.</summary>
internal static class FitSettings
{
    /// <summary>How a bound is maximised.</summary>
    public static IEnumerable<FitSetting> Of(TrainingOptions training)
    {
        yield return new("epochs", Text(training.Epochs));
        yield return new("batch", training.Batch is { } batch ? Text(batch) : "by the rows");
        yield return new("learning rate", Text(training.LearningRate));
        if (training.Decay != RateDecay.None)
            yield return new("decay", training.Decay.ToString().ToLowerInvariant());
        yield return new("objective", training.Objective.Name);
        if (training.Budget.Remark is { } remark)
            yield return new("budget", remark);
        if (training.Constraint is { } constraint)
            yield return new("constraint", $"{constraint.Name} at most {Text(constraint.Limit)}");
        if (training.AveragedSteps > 0)
            yield return new("averaged steps", Text(training.AveragedSteps));
        yield return new("held out", Text(training.HoldOut));
        yield return new("patience", Text(training.Patience));
        yield return new("warm-up", Text(training.WarmUp));
        if (training.AggressiveEncoder)
            yield return new("encoder in the lead", "yes");
        yield return new("weight decay", Text(training.WeightDecay));
    }

    /// <summary>An autoencoder of images.</summary>
    public static IEnumerable<FitSetting> Of(VaeDescription description)
    {
        var (shape, options) = (description.Shape, description.Options);
        yield return new("images", $"{shape.Height} x {shape.Width} x {shape.Channels}");
        if (options.Hierarchy is { } hierarchy)
            yield return new("latent layers", Of(hierarchy));
        else
        {
            yield return new("latent", Text(options.Latent));
            yield return new("networks", Of(options.Architecture));
            yield return new("prior", Of(options.Prior));
            yield return new("posterior", Of(options.Posterior));
        }
        yield return new("likelihood", $"{options.Likelihood}");
        yield return new("binarisation", $"{options.Binarisation}");
        if (options.Label is { } label)
            yield return new("label", $"{label.Classes.Count} classes");
    }

    /// <summary>An autoencoder of a table.</summary>
    public static IEnumerable<FitSetting> Of(TableVaeDescription description)
    {
        yield return new("columns", Text(description.Columns.Count));
        yield return new("latent", Text(description.Latent));
        yield return new("networks", Of(Architecture.FullyConnected(description.Hidden, description.Activation)));
        yield return new("prior", Of(description.Prior));
        yield return new("posterior", Of(description.Posterior));
        yield return new("likelihoods", string.Join(", ", description.Columns.Select(c => $"{c.Column.Name}: {c.Likelihood}")));
        if (description.Label is { } label)
            yield return new("label", label.Column.Name);
    }

    /// <summary>An autoencoder of parts.</summary>
    public static IEnumerable<FitSetting> Of(Vae model) =>
        [new("latent", Text(model.Network.Latent)), new("numbers", Text(model.Observation.Size)), new("networks", model.Network.GetType().Name), new("likelihood", model.Observation.GetType().Name)];

    /// <summary>A diffusion model.</summary>
    public static IEnumerable<FitSetting> Of(DiffusionModel model)
    {
        var options = model.Options;
        yield return new("rows", $"{model.Shape.Height} x {model.Shape.Width} x {model.Shape.Channels}");
        yield return new("levels", Text(options.Levels));
        yield return new("schedule", options.Schedule.GetType().Name);
        yield return new("prediction", options.Prediction.ToString());
        yield return new("objective", options.Objective.ToString());
        yield return new("network", model.Network.GetType().Name);
        if (model.Classes > 0)
            yield return new("classes", Text(model.Classes));
    }

    /// <summary>A fit of a model as a program.</summary>
    public static IEnumerable<FitSetting> Of(FitOptions options, Guides.Guide guide) =>
        [new("guide", $"{guide}"), new("objective", $"{options.Objective}"), new("draws", Text(options.Draws)), new("optimiser", $"{options.Optimiser}")];

    /// <summary>A fit in closed form.</summary>
    public static IReadOnlyList<FitSetting> Of(Conjugate.CoordinateOptions options) =>
        [new("starts", options.Starts is { } starts ? Text(starts) : "by the model"), new("estimation", options.Estimation.ToString()), options.Batch is { } batch ? new("batch", Text(batch)) : new("most sweeps", Text(options.Sweeps))];

    /// <summary>A classifier of texts.</summary>
    public static IReadOnlyList<FitSetting> Of(Texts.TextClassifierOptions options, int texts, int labelled, int classes) =>
        [new("texts", Text(texts)), new("labelled", Text(labelled)), new("classes", Text(classes)), new("views", string.Join(", ", options.Views.Select(v => v.Name))), new("most sweeps", Text(options.Sweeps))];

    private static string Of(Hierarchy hierarchy) => hierarchy switch
    {
        FullyConnectedHierarchy mlp => $"{string.Join(", ", mlp.Latents)} by layers of {string.Join(", ", mlp.Hidden)}",
        ResidualLadder ladder => $"{string.Join(", ", ladder.Scales.SelectMany(s => s.Latents).Append(ladder.Top))} by a ladder of convolutions{(ladder.Posterior is FullCovariancePosterior ? ", full covariance" : "")}",
        _ => hierarchy.GetType().Name,
    };

    private static string Of(Architecture architecture) => architecture switch
    {
        FullyConnectedArchitecture mlp => $"layers of {string.Join(", ", mlp.Hidden)}, {mlp.Activation}",
        ConvolutionalArchitecture c => $"convolutions of {string.Join(", ", c.Channels)}, a layer of {c.Hidden}, {c.Activation}",
        BroadcastArchitecture b => $"convolutions of {string.Join(", ", b.Channels)}, a layer of {b.Hidden}, at each place layers of {string.Join(", ", b.Units)}, {b.Activation}",
        _ => architecture.GetType().Name,
    };

    private static string Of(CodePrior prior) => prior switch
    {
        MixturePrior mixture => $"mixture of {mixture.Components}",
        VampPrior vamp => $"mixture of {vamp.PseudoInputs} posteriors",
        FlowPrior flow => $"flow of {flow.Layers}",
        _ => "standard normal",
    };

    private static string Of(CodePosterior posterior) => posterior switch
    {
        FullCovariancePosterior => "full covariance",
        FlowPosterior flow => $"flow of {flow.Layers}",
        _ => "diagonal",
    };

    private static string Text(double value) => value.ToString("G", CultureInfo.InvariantCulture);
}
