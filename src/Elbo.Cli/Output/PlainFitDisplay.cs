using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Cli.Commands;
using Elbo.Compute;
using Elbo.Training;

namespace Elbo.Cli.Output;

/// <summary>A fit as lines of text: for logs, pipes and simple terminals.</summary>
internal sealed class PlainFitDisplay(Terminal terminal) : IFitDisplay
{
    // A long run should still be seen at a glance.
    private const int MostLines = 45;

    public void Table(FitTable table)
    {
        foreach (var line in FitText.Table(table, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
        terminal.Out.WriteLine();
    }

    /// <summary>What a row is: a row of a table, or an image.</summary>
    public string Row { get; private set; } = "row";

    public void Images(ImageFit images, VaeOptions options)
    {
        Row = "image";
        foreach (var line in FitText.Images(images, options, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
        terminal.Out.WriteLine();
    }

    public void Notice(string sentence) => terminal.Notice(sentence);

    public FittedModel Train(int epochs, int done, bool heldOut, Func<Action<EpochReport>, FittedModel> train)
    {
        var every = Math.Max(1, (epochs - done + MostLines - 1) / MostLines);
        (EpochReport? last, EpochReport? best, var shown) = (null, null, new HashSet<int>());
        var rows = heldOut ? "held-out" : "training";
        terminal.Out.WriteLine(TextLines.Wrap($"Training; nats per {Row}, of the {rows} {Row}s. IWAE is the importance-weighted bound, + marks a new best.", terminal.Width));
        terminal.Out.WriteLine(Ansi.Bold(" epoch        ELBO  reconstruction        KL        IWAE  active", terminal.HasColour));
        var model = train(epoch =>
        {
            last = epoch;
            best = epoch.IsBest ? epoch : best;
            if (epoch.Epoch == done + 1 || epoch.Epoch % every == 0)
                Show(epoch, epoch.IsBest ? "+" : "");
        });
        if (best is not null && !shown.Contains(best.Epoch))
            Show(best, "best");
        if (last is not null && !shown.Contains(last.Epoch))
            Show(last, "last");
        if (last?.Constraint is { } constraint)
            terminal.Out.WriteLine(TextLines.Wrap(FitText.Of(constraint), terminal.Width));
        terminal.Out.WriteLine();
        return model;

        void Show(EpochReport epoch, string mark)
        {
            shown.Add(epoch.Epoch);
            var bound = epoch.HeldOut;
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{epoch.Epoch,6}{bound.Elbo,12:F3}{bound.Reconstruction,16:F3}{bound.Kl,10:F3}{epoch.ImportanceWeighted.Value,12:F3}{Active(epoch),8}  {mark}").TrimEnd());
        }
    }

    public void Result(FitResult result)
    {
        foreach (var line in FitText.Result(result, terminal.Width, terminal.HasColour))
            terminal.Out.WriteLine(line);
    }

    public void Profile(FunctionProfile profile)
    {
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"A training step, kernel by kernel, the average of {profile.Runs}:");
        terminal.Out.Write(profile);
    }

    private static string Active(EpochReport epoch) => $"{epoch.ActiveLatents}/{epoch.Latents}";
}
