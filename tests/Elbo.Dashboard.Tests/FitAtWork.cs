using Elbo.Cli;
using Elbo.Cli.Output;

namespace Elbo.Dashboard.Tests;

/// <summary>A command that goes on beside the test, until it ends or is asked to stop as by Ctrl-C.</summary>
internal sealed class FitAtWork : IDisposable
{
    private readonly MemoryStream _bytes = new();
    private readonly StringWriter _error = new();
    private readonly StreamWriter _output;
    private readonly Terminal _terminal;
    private readonly Task<int> _work;

    private FitAtWork(string[] arguments)
    {
        _output = new(_bytes);
        _terminal = new(_bytes, _output, _error);
        _work = Task.Run(() => Program.Run(arguments, _terminal));
    }

    public static FitAtWork Begin(params string[] arguments) => new(arguments);

    /// <summary>Waits for the end and makes sure that it was the expected one.</summary>
    public async Task Ends(int code)
    {
        var ended = await _work.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(code == ended, $"exit code {ended}: {_error}");
    }

    public async Task Stop()
    {
        _terminal.Interrupt();
        await Ends(130);
    }

    public void Dispose()
    {
        _terminal.Interrupt();
        _work.Wait(TimeSpan.FromMinutes(1));
        _terminal.Dispose();
        _output.Dispose();
        _error.Dispose();
    }
}
