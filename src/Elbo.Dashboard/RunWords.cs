using System.Globalization;
using Elbo.Data;

namespace Elbo.Dashboard;

/// <summary>How a fit goes, in a sentence for people who have never seen one, and a second with the numbers.</summary>
/// <param name="Tone">"good", "calm", "watch" or "bad".</param>
/// <param name="Text">The sentence.</param>
/// <param name="Detail">What it rests on.</param>
internal sealed record Verdict(string Tone, string Text, string Detail);

/// <summary>The words of the page about runs.</summary>
internal static class RunWords
{
    /// <summary>Nats per row below which a latent number is as good as unused.</summary>
    public const double NextToNothing = 0.01;

    // Epochs without a better one from which on that is worth saying.
    private const int LongRest = 10;

    /// <summary>A kind of model, for people.</summary>
    public static string KindName(string? kind) => kind switch
    {
        "table-vae" => "table, autoencoder",
        "image-vae" => "images, autoencoder",
        "vae" => "autoencoder",
        "diffusion" => "diffusion model",
        "topics" => "texts, topics",
        "text-classifier" => "texts, classifier",
        "model" => "Bayesian model",
        null => "",
        _ => kind,
    };

    /// <summary>The word for the state of a run.</summary>
    public static string StateName(RunState state) => state switch
    {
        RunState.Running => "running",
        RunState.Finished => "finished",
        RunState.Stopped => "stopped",
        RunState.Failed => "failed",
        RunState.Lost => "lost",
        _ => "broken",
    };

    /// <summary>The latent numbers that have collapsed, each with the epoch since which it carries next to nothing.</summary>
    public static IReadOnlyList<(string Name, int Since)> Collapsed(RunDigest history)
    {
        var collapsed = new List<(string, int)>();
        for (var i = 0; i < history.Latents.Count; i++)
        {
            int? since = null;
            for (var e = history.Epochs.Count - 1; e >= 0 && i < history.Epochs[e].OfLatents.Length && history.Epochs[e].OfLatents[i] < NextToNothing; e--)
                since = history.Epochs[e].Epoch;
            if (since is { } epoch)
                collapsed.Add((history.Latents[i], epoch));
        }
        return collapsed;
    }

    /// <summary>How the fit goes.</summary>
    public static Verdict Verdict(RunDigest history, RunState state, RunNumbers now, IReadOnlyList<RunSentence> warnings)
    {
        switch (state)
        {
            case RunState.Failed:
                return new("bad", "The fit ended by an error.", history.Ended?.Text("message") ?? "The record does not say by which.");
            case RunState.Unknown:
                return new("bad", "The record of this run cannot be read.", "What can be read of it is shown below.");
            case RunState.Lost:
                return new("bad", "The fit ended without a word.", "Its process was killed, or the machine was. All it had recorded until then is here; elbo fit … --resume goes on from the last saved epoch.");
            case RunState.Running:
                return Running(history, now);
        }

        var figures = Figures(history, now);
        if (warnings.Count > 0)
            return new("watch", warnings.Count == 1 ? "Done, with one reason for doubt." : $"Done, with {warnings.Count} reasons for doubt.", $"{(warnings.Count == 1 ? "It stands below, with what to do about it." : "They stand below, with what to do about them.")} {figures}".TrimEnd());
        if (state == RunState.Stopped)
            return new("calm", history.Epochs.Count > 0 ? $"Stopped after {Turn(history)} {Count(history.Epochs[^1].Epoch)}." : "Stopped before its end.", $"It can go on where it was: --resume. {figures}".TrimEnd());
        return new("good", history.Certificate is null ? "Done." : "Done, and nothing was found to be wrong.", figures);
    }

    private static Verdict Running(RunDigest history, RunNumbers now)
    {
        if (history.Epochs.Count == 0)
            return history.Steps.Count == 0 ? new("calm", "Getting ready.", "The data are read, and the model is compiled.") : RunningBySteps(history);
        var (last, best) = (history.Epochs[^1], history.Best);
        if (history.Latents.Count > 0 && last.Epoch > LongRest && Collapsed(history).Count == history.Latents.Count)
            return new("watch", "So far the code says nothing about a row.", $"All {history.Latents.Count} latent numbers carry next to nothing. If that stays so, try a longer warm-up (--warm-up 50) or another learning rate.");
        if (double.IsFinite(last.KlWeight) && last.KlWeight < 1)
            return new("calm", "Warming up.", $"The KL counts {last.KlWeight.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal)} so far, so that the code learns to say something before it has to pay for it in full.");
        var rest = best is null ? 0 : last.Epoch - best.Epoch;
        if (rest >= LongRest)
            return new("calm", $"Nothing better for {rest} {Turn(history)}s.", $"The best so far is {Turn(history)} {Count(best!.Epoch)}. If none is better for long enough, the fit ends by itself and keeps that one.");
        return now.Change is { } change && change > 0
            ? new("good", "It is learning.", $"The bound rose by {Nats(change)} nats in the last {now.ChangeOver} {Turn(history)}s. {Latents(history)}".TrimEnd())
            : new("calm", "It is running.", Latents(history));
    }

    private static Verdict RunningBySteps(RunDigest history)
    {
        var (early, late) = (history.Steps.Between(history.LastStep / 2, history.LastStep * 0.75, 1), history.Steps.Between(history.LastStep * 0.75, history.LastStep, 1));
        var rises = early.X.Length > 0 && late.X.Length > 0 && late.Mean[0] > early.Mean[0];
        return rises ? new("good", "It is learning.", $"The bound rose by {Nats(late.Mean[0] - early.Mean[0])} nats over the last quarter of its {Count(history.LastStep)} steps.")
            : new("calm", "It is coming to rest.", $"The bound has hardly risen of late; {Count(history.LastStep)} steps so far.");
    }

    private static string Figures(RunDigest history, RunNumbers now)
    {
        var elbo = double.IsFinite(now.Elbo) ? $"The ELBO is {Nats(now.Elbo)}{(double.IsFinite(now.Error) ? $" ± {Nats(now.Error)}" : "")} nats{(IsTotal(history.Kind) ? "" : " per row")}" : "";
        var best = history.Best is { } b && !history.IsSweeping ? $"{(elbo.Length > 0 ? ", at the best epoch, " : "The best epoch is ")}{Count(b.Epoch)} of {Count(history.Epochs[^1].Epoch)}" : "";
        return elbo.Length + best.Length == 0 ? "" : $"{elbo}{best}. {Latents(history)}".TrimEnd();
    }

    private static string Latents(RunDigest history)
    {
        if (history.Latents.Count == 0)
            return "";
        var used = Math.Min(history.Latents.Count - Collapsed(history).Count, history.Epochs[^1].Active is var active && double.IsFinite(active) ? (int)active : int.MaxValue);
        return used == 0 ? $"None of the {history.Latents.Count} latent numbers tells anything." : used == history.Latents.Count ? $"All {used} latent numbers are in use." : $"{used} of {history.Latents.Count} latent numbers {(used == 1 ? "is" : "are")} in use.";
    }

    /// <summary>Whether bounds of this kind of model are of all data together.</summary>
    public static bool IsTotal(string? kind) => kind is "model" or "topics" or "text-classifier";

    /// <summary>The word for what a fit goes on by.</summary>
    public static string Turn(RunDigest history) => history.IsSweeping ? "sweep" : "epoch";

    private static string Nats(double value) => value.ToString(Math.Abs(value) >= 1000 ? "N1" : Math.Abs(value) >= 100 ? "N2" : "N3", CultureInfo.InvariantCulture).Replace('-', '−');

    private static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
