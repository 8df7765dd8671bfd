using System.Text.Json.Nodes;
using Elbo.Autoencoders;
using Elbo.Cli.Commands;
using Elbo.Compute;
using Elbo.Data;
using Elbo.Training;

namespace Elbo.Cli.Output;

/// <summary>A fit as JSON objects, one a line, each with its event: columns or images, notice, epoch, result.</summary>
internal sealed class JsonFitDisplay(Terminal terminal) : IFitDisplay
{
    public void Table(FitTable table)
    {
        var likelihoods = table.Columns.ToDictionary(c => c.Column.Name, c => LikelihoodWords.Of(c.Likelihood), StringComparer.Ordinal);
        Say("columns", new JsonObject
        {
            ["file"] = table.Data,
            ["rows"] = table.Read.Table.RowCount,
            ["columns"] = new JsonArray([.. table.Read.Columns.Select(c => (JsonNode?)new JsonObject
            {
                ["name"] = c.Name,
                ["kind"] = ColumnRequest.NameOf(c.Kind),
                ["likelihood"] = likelihoods.GetValueOrDefault(c.Name),
                ["missing"] = c.MissingCount,
                ["why"] = c.Why,
                ["leftOut"] = c.LeftOut,
            })]),
        });
    }

    public void Images(ImageFit images, VaeOptions options) => Say("images", new JsonObject
    {
        ["file"] = images.Data,
        ["format"] = images.Read.Format,
        ["images"] = images.Read.Images.Count,
        ["validation"] = images.Validation?.Images.Count,
        ["height"] = images.Read.Images.Height,
        ["width"] = images.Read.Images.Width,
        ["channels"] = images.Read.Images.Channels,
        ["likelihood"] = options.Likelihood is { } likelihood ? PartWords.Of(likelihood) : null,
        ["binarise"] = options.Binarisation?.ToString().ToLowerInvariant(),
    });

    public void Notice(string sentence) => Say("notice", new JsonObject { ["message"] = sentence });

    public FittedModel Train(int epochs, int done, bool heldOut, Func<Action<EpochReport>, FittedModel> train) => train(epoch =>
    {
        var json = new JsonObject
        {
            ["epoch"] = epoch.Epoch,
            ["of"] = epochs,
            ["rows"] = JsonText.Rows(heldOut),
            ["trainingElbo"] = JsonText.Number(epoch.TrainingElbo),
            ["klWeight"] = JsonText.Number(epoch.KlWeight),
            ["isBest"] = epoch.IsBest,
        };
        JsonText.AddBounds(json, new Evaluation(epoch.HeldOut, epoch.ImportanceWeighted, epoch.ActiveLatents) { Latents = epoch.Latents });
        if (epoch.Constraint is { } constraint)
        {
            json["constraint"] = new JsonObject
            {
                ["name"] = constraint.Name,
                ["value"] = JsonText.Number(constraint.Value),
                ["limit"] = JsonText.Number(constraint.Limit),
                ["multiplier"] = JsonText.Number(constraint.Multiplier),
            };
        }

        Say("epoch", json);
    });

    public void Result(FitResult result)
    {
        var (report, state) = (result.File.Report!, result.File.State!);
        var json = new JsonObject
        {
            ["model"] = result.Path,
            ["trainingRows"] = result.TrainingRows,
            ["heldOutRows"] = result.HeldOutRows,
            ["epochs"] = state.Epoch,
            ["bestEpoch"] = state.BestEpoch,
            ["stoppedEarly"] = state.IsFinished,
            ["seconds"] = JsonText.Number(report.Seconds),
            ["rows"] = JsonText.Rows(report.OfHeldOutRows),
        };
        JsonText.AddBounds(json, report.Evaluation);
        json["collapse"] = report.Evaluation.Collapse;
        json["weighted"] = result.File.Training.Weighted;
        json["run"] = result.Run;
        if (result.Assumption is { } assumption)
            json["missing"] = assumption;
        if (result.File.Calibration is { } calibration)
            json["calibration"] = JsonText.Of(calibration);
        if ((result.File as TableModelFile)?.Intervals is { } intervals)
            json["intervals"] = JsonText.Of(intervals);
        terminal.Out.WriteLine(JsonText.Line("result", json));
    }

    public void Profile(FunctionProfile profile) => Say("profile", new JsonObject
    {
        ["runs"] = profile.Runs,
        ["microseconds"] = JsonText.Number(profile.Microseconds),
        ["kernels"] = new JsonArray([.. profile.Kernels.Select(k => (JsonNode?)new JsonObject
        {
            ["kernel"] = k.Kernel.Name,
            ["shape"] = k.Kernel.Shape,
            ["nodes"] = new JsonArray([.. k.Kernel.Nodes.Select(n => (JsonNode?)n)]),
            ["operations"] = new JsonArray([.. k.Kernel.Operations.Select(o => (JsonNode?)o)]),
            ["flop"] = JsonText.Number(k.Kernel.Flop),
            ["bytes"] = JsonText.Number(k.Kernel.Bytes),
            ["microseconds"] = JsonText.Number(k.Microseconds),
            ["share"] = JsonText.Number(k.Share),
        })]),
    });

    private void Say(string @event, JsonObject json)
    {
        if (!terminal.IsQuiet)
            terminal.Out.WriteLine(JsonText.Line(@event, json));
    }
}
