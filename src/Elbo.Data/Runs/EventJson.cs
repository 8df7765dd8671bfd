using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Diagnostics;
using Elbo.Objectives;
using Elbo.Recording;

namespace Elbo.Data;

/// <summary>Events of a fit as JSON, and what the last one of a run says of those before. What is not finite is null, as JSON has no word for it.</summary>
internal sealed class EventJson
{
    // What was warned of, as a model may be judged again with more effort.
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private FitOutcome _outcome = FitOutcome.Stopped;
    private string? _message;
    private int? _epoch;
    private int? _bestEpoch;
    private double? _elbo;

    public IEnumerable<(string Type, JsonObject Body)> Of(FitEvent value)
    {
        switch (value)
        {
            case FitStarted started:
                (_outcome, _message) = (FitOutcome.Stopped, null);
                _epoch = started.EpochsDone > 0 ? started.EpochsDone : null;
                yield return (RecordedEventType.Started, Of(started));
                break;
            case StepsTaken steps:
                yield return (RecordedEventType.Step, Of(steps));
                break;
            case EpochEnded(var report, var isHeldOut):
                _epoch = report.Epoch;
                if (report.IsBest)
                    (_bestEpoch, _elbo) = (report.Epoch, report.HeldOut.Elbo);
                yield return (RecordedEventType.Epoch, Of(report, isHeldOut));
                if (report.Constraint is { } constraint)
                    yield return (RecordedEventType.Constraint, Of(constraint, report.Epoch));
                foreach (var notice in report.Notices)
                    yield return (RecordedEventType.Notice, new() { ["text"] = notice, ["epoch"] = report.Epoch });
                break;
            case DiffusionEpochEnded(var report):
                _epoch = report.Epoch;
                if (report.IsBest)
                    _bestEpoch = report.Epoch;
                yield return (RecordedEventType.Epoch, new() { ["epoch"] = report.Epoch, ["training"] = Number(report.Training), ["heldOut"] = Number(report.HeldOut), ["isBest"] = report.IsBest });
                foreach (var notice in report.Notices)
                    yield return (RecordedEventType.Notice, new() { ["text"] = notice, ["epoch"] = report.Epoch });
                break;
            case SweepEnded sweep:
                (_epoch, _elbo) = (sweep.Sweep, sweep.Elbo);
                yield return (RecordedEventType.Epoch, new() { ["epoch"] = sweep.Sweep, ["start"] = sweep.Start, ["elbo"] = Number(sweep.Elbo) });
                break;
            case FitNotice notice:
                yield return (RecordedEventType.Notice, new() { ["text"] = notice.Text, ["epoch"] = notice.Epoch });
                break;
            case FitWarning warning:
                yield return (RecordedEventType.Warning, Of(warning));
                break;
            case LevelsJudged(var bound, var epoch):
                _elbo = bound.Elbo.Value;
                yield return (RecordedEventType.Levels, Of(bound, epoch));
                break;
            case FitJudged judged:
                (_elbo, _bestEpoch) = (judged.Evaluation.Bound.Elbo, judged.BestEpoch ?? _bestEpoch);
                foreach (var warning in CertificateJson.WarningsOf(judged).Where(IsNew))
                    yield return (RecordedEventType.Warning, Of(warning));
                break;
            case FitCertified certified:
                _elbo = certified.Certificate.Elbo.Value;
                foreach (var warning in CertificateJson.WarningsOf(certified.Certificate).Where(IsNew))
                    yield return (RecordedEventType.Warning, Of(warning));
                break;
            case FitEnded ended:
                (_outcome, _message) = (ended.Outcome, ended.Message);
                break;
        }
    }

    /// <summary>The last event of a sitting.</summary>
    public JsonObject End(double seconds) => new()
    {
        ["outcome"] = _outcome.ToString().ToLowerInvariant(),
        ["message"] = _message,
        ["epoch"] = _epoch,
        ["bestEpoch"] = _bestEpoch,
        ["elbo"] = _elbo is { } elbo ? Number(elbo) : null,
        ["seconds"] = Math.Round(seconds, 3),
    };

    public static JsonObject Of(TableMade table, string file) => new()
    {
        ["kind"] = table.Kind,
        ["title"] = table.Title,
        ["file"] = file,
        ["epoch"] = table.Epoch,
        ["rows"] = table.Rows,
        ["columns"] = new JsonArray([.. table.Columns.Select(c => (JsonNode?)c.Name)]),
    };

    public static JsonObject Of(ImagesMade made, string file, (int Width, int Height) size) => new()
    {
        ["kind"] = made.Kind,
        ["title"] = made.Title,
        ["file"] = file,
        ["epoch"] = made.Epoch,
        ["images"] = made.Images.Count,
        ["across"] = made.Across,
        ["imageWidth"] = made.Images.Width,
        ["imageHeight"] = made.Images.Height,
        ["width"] = size.Width,
        ["height"] = size.Height,
    };

    /// <summary>The bounds of an autoencoder and their terms, nats per row.</summary>
    public static void AddBounds(JsonObject json, Bound bound, ImportanceWeightedBound weighted, int active, int latents, bool ofHeldOutRows)
    {
        json["rows"] = ofHeldOutRows ? "held-out" : "training";
        json["rowCount"] = bound.Rows;
        json["elbo"] = Number(bound.Elbo);
        json["elboStandardError"] = Number(bound.StandardError);
        json["reconstruction"] = Number(bound.Reconstruction);
        json["kl"] = Number(bound.Kl);
        json["importanceWeighted"] = Number(weighted.Value);
        json["importanceWeightedSamples"] = weighted.Samples;
        json["importanceWeightedStandardError"] = Number(weighted.StandardError);
        json["gap"] = Number(weighted.Value - bound.Elbo);
        json["activeLatents"] = active;
        json["latentCount"] = latents;
        json["columns"] = Terms(bound.Columns);
        json["latents"] = Terms(bound.Latents);
    }

    /// <summary>An estimate and its error.</summary>
    public static JsonObject Of(Estimate estimate) => new() { ["value"] = Number(estimate.Value), ["standardError"] = Number(estimate.StandardError) };

    public static JsonArray Terms(IEnumerable<Term> terms) => new([.. terms.Select(t => (JsonNode?)new JsonObject { ["name"] = t.Name, ["nats"] = Number(t.Value) })]);

    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonNode? Number(double? value) => value is { } number ? Number(number) : null;

    private bool IsNew(FitWarning warning) => _warned.Add(warning.About);

    private static JsonObject Of(FitWarning warning) => new() { ["about"] = warning.About, ["text"] = warning.Text, ["remedy"] = warning.Remedy };

    private static JsonObject Of(FitStarted started) => new()
    {
        ["kind"] = started.Kind,
        ["time"] = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        ["resumed"] = started.EpochsDone > 0,
        ["epoch"] = started.EpochsDone,
        ["epochs"] = started.Epochs,
        ["trainingRows"] = started.TrainingRows,
        ["heldOutRows"] = started.HeldOutRows,
    };

    private static JsonObject Of(StepsTaken steps)
    {
        var json = OfBound(steps);
        if (steps.Loss is { } loss)
            json["loss"] = Number(loss);
        return json;
    }

    private static JsonObject OfBound(StepsTaken steps) => new()
    {
        ["step"] = steps.Step,
        ["count"] = steps.Count,
        ["elbo"] = Number(steps.Elbo),
        ["epoch"] = Number(steps.Epoch),
        ["kl"] = Number(steps.Kl),
        ["gradientNorm"] = Number(steps.GradientNorm),
        ["rate"] = Number(steps.Rate),
        ["klWeight"] = Number(steps.KlWeight),
    };

    private static JsonObject Of(Training.EpochReport report, bool isHeldOut)
    {
        var json = new JsonObject
        {
            ["epoch"] = report.Epoch,
            ["trainingElbo"] = Number(report.TrainingElbo),
            ["klWeight"] = Number(report.KlWeight),
            ["isBest"] = report.IsBest,
        };
        AddBounds(json, report.HeldOut, report.ImportanceWeighted, report.ActiveLatents, report.Latents, isHeldOut);
        return json;
    }

    public static JsonObject Of(ConstraintReport constraint, int? epoch) => new()
    {
        ["epoch"] = epoch,
        ["name"] = constraint.Name,
        ["value"] = Number(constraint.Value),
        ["limit"] = Number(constraint.Limit),
        ["multiplier"] = Number(constraint.Multiplier),
        ["holds"] = constraint.Doubt is null,
    };

    private static JsonObject Of(Diffusion.DiffusionBound bound, int? epoch) => new()
    {
        ["epoch"] = epoch,
        ["prior"] = Of(bound.Prior),
        ["steps"] = Of(bound.Steps),
        ["reconstruction"] = Of(bound.Reconstruction),
        ["total"] = Of(bound.Total),
        ["bitsPerNumber"] = bound.IsDiscrete ? Of(bound.BitsPerNumber) : null,
        ["levels"] = new JsonArray([.. bound.Levels.Select(l => (JsonNode?)new JsonObject
        {
            ["level"] = l.Level,
            ["nats"] = Number(l.Term.Value),
            ["standardError"] = Number(l.Term.StandardError),
            ["squaredError"] = Number(l.SquaredError.Value),
            ["cost"] = Number(l.Cost),
        })]),
    };
}
