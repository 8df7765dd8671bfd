using System.Text.Json.Nodes;
using Elbo.Objectives;
using Elbo.Training;

namespace Elbo.Data;

/// <summary>How a model was trained as JSON. What is usual is left out, so that files of before such an option was known are read as what they are.</summary>
internal static class TrainingJson
{
    // The names that reports give these constraints.
    private static readonly string ReconstructionName = Constraint.Reconstruction(1).Name;
    private static readonly string ErrorName = Constraint.SquaredError(1).Name;

    public static JsonObject Of(TrainingOptions training)
    {
        var json = new JsonObject
        {
            ["epochs"] = training.Epochs,
            ["learningRate"] = JsonNumber.Of(training.LearningRate),
            ["holdOut"] = JsonNumber.Of(training.HoldOut),
            ["patience"] = training.Patience,
            ["warmUp"] = training.WarmUp,
            ["gradientClip"] = JsonNumber.Of(training.GradientClip),
            ["weightDecay"] = JsonNumber.Of(training.WeightDecay),
            ["heldOutSamples"] = training.HeldOutSamples,
        };
        if (training.Batch is { } batch)
            json["batch"] = batch;
        if (training.Decay != RateDecay.None)
            json["decay"] = training.Decay.ToString();
        if (training.AveragedSteps > 0)
            json["averagedSteps"] = training.AveragedSteps;
        if (training.AggressiveEncoder)
            json["aggressiveEncoder"] = true;
        if (training.Objective.Recipe is var recipe && recipe != Objective.Elbo.Recipe)
            json["objective"] = Of(recipe);
        if (Of(training.Budget) is { } budget)
            json["budget"] = budget;
        if (training.Constraint is { } constraint)
            json["constraint"] = new JsonObject { ["name"] = constraint.Name, ["limit"] = JsonNumber.Of(constraint.Limit) };
        return json;
    }

    /// <exception cref="FormatException">Something is missing, is not of the right type, or is out of range.</exception>
    public static TrainingOptions Read(JsonNode? json)
    {
        try
        {
            return new()
            {
                Epochs = RequiredJson.Get<int>(json, "epochs"),
                Batch = JsonNumber.Optional<int>(json, "batch"),
                LearningRate = JsonNumber.Get(json, "learningRate"),
                HoldOut = JsonNumber.Get(json, "holdOut"),
                Patience = RequiredJson.Get<int>(json, "patience"),
                WarmUp = RequiredJson.Get<int>(json, "warmUp"),
                GradientClip = JsonNumber.Get(json, "gradientClip"),
                WeightDecay = JsonNumber.Get(json, "weightDecay"),
                HeldOutSamples = RequiredJson.Get<int>(json, "heldOutSamples"),
                Decay = json?["decay"] is null ? RateDecay.None : PartsJson.Name<RateDecay>(json, "decay"),
                AveragedSteps = JsonNumber.Optional<int>(json, "averagedSteps") ?? 0,
                AggressiveEncoder = JsonNumber.Optional<bool>(json, "aggressiveEncoder") ?? false,
                Objective = json?["objective"] is { } objective ? ReadObjective(objective) : Objective.Elbo,
                Budget = json?["budget"] is { } budget ? ReadBudget(budget) : DivergenceBudget.None,
                Constraint = json?["constraint"] is { } constraint ? ReadConstraint(constraint) : null,
            };
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static JsonObject Of(ObjectiveRecipe recipe) => new()
    {
        ["family"] = recipe.Family.ToString(),
        ["draws"] = recipe.Draws,
        ["order"] = JsonNumber.Of(recipe.Order),
        ["isDoublyReparameterised"] = recipe.IsDoublyReparameterised,
        ["divergenceWeight"] = JsonNumber.Of(recipe.DivergenceWeight),
        ["likelihoodWeight"] = JsonNumber.Of(recipe.LikelihoodWeight),
        ["isByPlace"] = recipe.IsByPlace,
    };

    private static Objective ReadObjective(JsonNode json) => new ObjectiveRecipe(PartsJson.Name<ObjectiveFamily>(json, "family"))
    {
        Draws = PartsJson.InRange(json, "draws", 1, 1 << 20),
        Order = JsonNumber.Get(json, "order"),
        IsDoublyReparameterised = RequiredJson.Get<bool>(json, "isDoublyReparameterised"),
        DivergenceWeight = JsonNumber.Get(json, "divergenceWeight"),
        LikelihoodWeight = JsonNumber.Get(json, "likelihoodWeight"),
        IsByPlace = RequiredJson.Get<bool>(json, "isByPlace"),
    }.Make();

    private static JsonObject? Of(DivergenceBudget budget) => budget switch
    {
        NoBudget => null,
        FreeBitsBudget free => new() { ["family"] = "free-bits", ["nats"] = JsonNumber.Of(free.Nats) },
        CapacityBudget capacity => new() { ["family"] = "capacity", ["nats"] = JsonNumber.Of(capacity.Nats), ["weight"] = JsonNumber.Of(capacity.Weight), ["epochs"] = capacity.Epochs },
        TotalCorrelationBudget correlation => new() { ["family"] = "total-correlation", ["weight"] = JsonNumber.Of(correlation.Weight), ["estimator"] = correlation.Estimator.ToString() },
        DensityRatioBudget ratio => new()
        {
            ["family"] = "density-ratio",
            ["weight"] = JsonNumber.Of(ratio.Weight),
            ["hidden"] = PartsJson.Of(ratio.Hidden),
            ["learningRate"] = JsonNumber.Of(ratio.LearningRate),
        },
        CovarianceBudget covariance => new()
        {
            ["family"] = "covariance",
            ["offDiagonal"] = JsonNumber.Of(covariance.OffDiagonal),
            ["diagonal"] = JsonNumber.Of(covariance.Diagonal),
            ["of"] = covariance.Whose.ToString(),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(budget), budget, "Files hold no such budget."),
    };

    private static DivergenceBudget ReadBudget(JsonNode json) => PartsJson.Family(json) switch
    {
        "free-bits" => DivergenceBudget.FreeBits(JsonNumber.Get(json, "nats")),
        "capacity" => DivergenceBudget.Capacity(JsonNumber.Get(json, "nats"), JsonNumber.Get(json, "weight"), RequiredJson.Get<int>(json, "epochs")),
        "total-correlation" => DivergenceBudget.TotalCorrelation(JsonNumber.Get(json, "weight"), PartsJson.Name<AggregateEstimator>(json, "estimator")),
        "density-ratio" => DivergenceBudget.DensityRatio(JsonNumber.Get(json, "weight"), PartsJson.Sizes(json, "hidden"), JsonNumber.Get(json, "learningRate")),
        "covariance" => DivergenceBudget.Covariance(JsonNumber.Get(json, "offDiagonal"), JsonNumber.Get(json, "diagonal"), PartsJson.Name<CovarianceOf>(json, "of")),
        var family => throw PartsJson.Unknown("a budget", family),
    };

    // Constraints that a program of one's own makes cannot be made again from a file.
    private static Constraint ReadConstraint(JsonNode json)
    {
        var (name, limit) = (RequiredJson.Get<string>(json, "name"), JsonNumber.Get(json, "limit"));
        return name == ReconstructionName ? Constraint.Reconstruction(limit)
            : name == ErrorName ? Constraint.SquaredError(limit)
            : throw PartsJson.Unknown("a constraint", name);
    }
}
