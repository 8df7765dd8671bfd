using System.Runtime.InteropServices;
using System.Text;

namespace Elbo.Cli.Output;

/// <summary>Where a command reads its signals and writes its tables, reports and messages.</summary>
internal sealed class Terminal : IDisposable
{
    private const int UsualWidth = 100;
    private const int NarrowestWidth = 40;

    private readonly Stream _outStream;
    private readonly CancellationTokenSource _interrupt = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _finishesWhenInterrupted;

    /// <summary>A terminal over streams.</summary>
    /// <param name="outStream">Standard output as bytes, for tables.</param>
    /// <param name="output">The same as text.</param>
    /// <param name="error">Standard error.</param>
    public Terminal(Stream outStream, TextWriter output, TextWriter error)
    {
        (_outStream, Out, Error) = (outStream, output, error);
    }

    /// <summary>Writes a table to standard output as bytes.</summary>
    public void WriteTable(Action<Stream> write)
    {
        Out.Flush();
        // Not disposed, which would close the terminal's stream.
        var buffered = new BufferedStream(_outStream, 1 << 16);
        write(buffered);
        buffered.Flush();
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Whether standard output is a screen that can be written over.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether standard output takes colours.</summary>
    public bool HasColour { get; init; }

    /// <summary>Whether standard error takes colours.</summary>
    public bool ErrorHasColour { get; init; }

    /// <summary>Columns of characters of standard output.</summary>
    public int Width { get; init; } = UsualWidth;

    /// <summary>Columns of characters of standard error; a log has lines of any length.</summary>
    public int ErrorWidth { get; init; } = int.MaxValue;

    /// <summary>Whether notices are left unsaid.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Asked to stop: by Ctrl-C, or by the system.</summary>
    public CancellationToken Interrupted => _interrupt.Token;

    public static Terminal OfSystem()
    {
        var outStream = Console.OpenStandardOutput();
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var dumb = Environment.GetEnvironmentVariable("TERM") is "dumb";
        var terminal = new Terminal(
            outStream, new StreamWriter(outStream, utf8) { AutoFlush = true }, new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true })
        {
            IsInteractive = !Console.IsOutputRedirected && !dumb,
            HasColour = !Console.IsOutputRedirected && !plain && !dumb,
            ErrorHasColour = !Console.IsErrorRedirected && !plain && !dumb,
            Width = Console.IsOutputRedirected ? UsualWidth : WindowWidth(),
            ErrorWidth = Console.IsErrorRedirected ? int.MaxValue : WindowWidth(),
        };
        terminal._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, terminal.OnSignal));
        terminal._signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, terminal.OnSignal));
        return terminal;
    }

    /// <summary>From now on the first signal only asks to stop; without this it ends the process.</summary>
    public void FinishWhenInterrupted() => _finishesWhenInterrupted = true;

    /// <summary>Asks to stop, as Ctrl-C does.</summary>
    public void Interrupt() => _interrupt.Cancel();

    /// <summary>Says something that the user should know, on standard error.</summary>
    public void Notice(string sentence)
    {
        if (!IsQuiet)
            Error.WriteLine(TextLines.Wrap($"{Ansi.Yellow("note:", ErrorHasColour)} {sentence}", ErrorWidth, "      "));
    }

    /// <summary>Says what went wrong, on standard error.</summary>
    public void Fail(string message) => Error.WriteLine(TextLines.Wrap($"{Ansi.Red("elbo:", ErrorHasColour)} {message}", ErrorWidth, "      "));

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _interrupt.Dispose();
        Out.Flush();
        Error.Flush();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_finishesWhenInterrupted && !_interrupt.IsCancellationRequested)
        {
            _interrupt.Cancel();
            return;
        }

        // The cursor may be hidden while progress is shown. Leaving in this way lets half-written files be removed.
        if (IsInteractive)
            Out.WriteLine(Ansi.ShowCursor);
        Environment.Exit(ExitCode.Interrupted);
    }

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? Math.Max(width, NarrowestWidth) : UsualWidth;
        }
        catch (IOException)
        {
            return UsualWidth;
        }
    }
}
