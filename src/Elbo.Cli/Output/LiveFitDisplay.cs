using System.Diagnostics;
using System.Globalization;
using Elbo.Autoencoders;
using Elbo.Cli.Commands;
using Elbo.Compute;
using Elbo.Objectives;
using Elbo.Training;
using Spectre.Console;

namespace Elbo.Cli.Output;

/// <summary>A fit on a screen: a progress bar with the terms of the ELBO as they change.</summary>
internal sealed class LiveFitDisplay(Terminal terminal) : IFitDisplay
{
    private static readonly TimeSpan BetweenFrames = TimeSpan.FromMilliseconds(80);

    // What is typed while training goes on, as ^C, stands behind the last line: it must not break the line.
    private const int RoomForTyping = 3;

    private readonly PlainFitDisplay _plain = new(terminal);
    private readonly List<double> _elbos = [];
    private IAnsiConsole? _console;
    private ConstraintReport? _constraint;

    public void Table(FitTable table) => _plain.Table(table);

    public void Images(ImageFit images, VaeOptions options) => _plain.Images(images, options);

    public void Notice(string sentence)
    {
        if (_console is null)
            _plain.Notice(sentence);
        else
            _console.WriteLine($"note: {sentence}");
    }

    public void Result(FitResult result) => _plain.Result(result);

    public void Profile(FunctionProfile profile) => _plain.Profile(profile);

    public FittedModel Train(int epochs, int done, bool heldOut, Func<Action<EpochReport>, FittedModel> train)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = terminal.HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new TerminalOutput(terminal),
        });
        var rows = heldOut ? "held-out" : "training";
        terminal.Out.WriteLine();
        try
        {
            return _console.Live(new Rows(new Text("Compiling the training step …"), new Text(" "), new Text(" "), new Text(" "))).Start(live =>
            {
                live.Refresh();
                var clock = Stopwatch.StartNew();
                var (drawn, begun, best) = (TimeSpan.Zero, TimeSpan.Zero, (EpochReport?)null);
                EpochReport? last = null;
                var model = train(epoch =>
                {
                    last = epoch;
                    _constraint = epoch.Constraint;
                    best = epoch.IsBest ? epoch : best;
                    _elbos.Add(epoch.HeldOut.Elbo);
                    if (_elbos.Count == 1)
                        begun = clock.Elapsed;
                    if (_elbos.Count > 1 && clock.Elapsed - drawn < BetweenFrames)
                        return;
                    drawn = clock.Elapsed;
                    live.UpdateTarget(Frame(epoch, best, epochs, rows, clock.Elapsed, begun));
                });
                if (last is not null)
                    live.UpdateTarget(Frame(last, best, epochs, rows, clock.Elapsed, begun));
                return model;
            });
        }
        finally
        {
            _console = null;
            terminal.Out.WriteLine();
            if (_constraint is { } constraint)
                terminal.Out.WriteLine(TextLines.Wrap(FitText.Of(constraint), terminal.Width));
        }
    }

    private int Width => terminal.Width - RoomForTyping;

    private Rows Frame(EpochReport epoch, EpochReport? best, int epochs, string rows, TimeSpan elapsed, TimeSpan begun)
    {
        var bound = epoch.HeldOut;
        // The first epoch compiles too, so it says little about the rest.
        var pace = _elbos.Count > 1 && elapsed > begun ? (_elbos.Count - 1) / (elapsed - begun).TotalSeconds : 0;
        var paceText = pace > 0 ? ", " + pace.ToString(pace < 10 ? "F1" : "F0", CultureInfo.InvariantCulture) + " epochs/s" : "";
        var count = $" epoch {epoch.Epoch} of at most {epochs}, {Numbers.Duration(elapsed.TotalSeconds)}{paceText}";
        var room = Math.Clamp(Width - count.Length, 8, 40);
        var filled = (int)Math.Round(room * Math.Min(1.0, epoch.Epoch / (double)epochs));
        var warmUp = epoch.KlWeight < 1 ? string.Create(CultureInfo.InvariantCulture, $", warm-up {epoch.KlWeight:P0}") : "";
        var constraint = epoch.Constraint is { } c ? string.Create(CultureInfo.InvariantCulture, $", {c.Name} {c.Value:G4} of {c.Limit:G4}") : "";
        var bestText = best is null ? "" : $"best {Numbers.Nats(best.HeldOut.Elbo)} in epoch {best.Epoch} ";
        return new Rows(
            Line((new string('━', filled), Color.Green), (new string('─', room - filled), Color.Grey), (count, null)),
            Line(("ELBO ", null), (Numbers.Nats(bound.Elbo), Color.Green), ($" = reconstruction {Numbers.Nats(bound.Reconstruction)} - KL {Numbers.Nats(bound.Kl)}", null)),
            Line(($"IWAE {Numbers.Nats(epoch.ImportanceWeighted.Value)}, {epoch.ActiveLatents} of {epoch.Latents} dimensions active, nats per {_plain.Row} of {rows} {_plain.Row}s{warmUp}{constraint}", null)),
            Line((bestText, null), (Sparkline.Of(_elbos, Math.Clamp(Width - bestText.Length, 8, 40)), Color.Green)));
    }

    private static Paragraph Line(params ReadOnlySpan<(string Text, Color? Colour)> parts)
    {
        var line = new Paragraph { Overflow = Overflow.Ellipsis };
        foreach (var (text, colour) in parts)
            line.Append(text, colour is { } c ? new Style(c) : null);
        return line;
    }

    private sealed class TerminalOutput(Terminal terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => terminal.Out;

        public bool IsTerminal => true;

        public int Width => terminal.Width - RoomForTyping;

        public int Height => 24;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
