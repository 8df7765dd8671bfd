using System.CommandLine;
using Elbo.Data;
using Elbo.Recording;

namespace Elbo.Cli.Commands;

/// <summary>
/// Records a fit of the command line, from the moment that it begins: before, while data are read, there is nothing to record. A fit that goes on goes on in its run.
/// </summary>
/// <param name="folder">The folder of runs.</param>
/// <param name="options">What is known of the run before.</param>
internal sealed class RunRecord(string folder, RunOptions options) : IProgress<FitEvent>, IDisposable
{
    private readonly List<FitEvent> _waiting = [];
    private RunWriter? _run;
    private (int Epoch, string Name, double Value)? _from;

    /// <summary>The folder of the run; null before it begins.</summary>
    public string? Path => _run is null ? null : System.IO.Path.Combine(folder, _run.Id);

    /// <summary>Why the record is not whole; null where it is.</summary>
    public string? Trouble => _run?.Trouble;

    /// <summary>The record that was asked for; null for none.</summary>
    public static RunRecord? Of(ParseResult parsed, FitOptions options, string data, string model) => parsed.GetValue(options.NoRecord) ? null
        : new(parsed.GetValue(options.Runs) ?? RunFolder.Beside(model), new() { Data = data, Model = model, Command = ["elbo", .. parsed.Tokens.Select(t => t.Value)] });

    /// <summary>The fit goes on from here.</summary>
    /// <param name="epoch">The last epoch of the model's file.</param>
    /// <param name="name">What the record calls a figure of it.</param>
    /// <param name="value">That figure.</param>
    public void GoOnFrom(int epoch, string name, double value) => _from = (epoch, name, value);

    public void Report(FitEvent value)
    {
        if (_run is null && value is not FitStarted)
        {
            _waiting.Add(value);
            return;
        }

        _run ??= Open();
        _run.Report(value);
        foreach (var before in _waiting)
            _run.Report(before);
        _waiting.Clear();
    }

    /// <summary>A fit and its record, which ends with it however it ends.</summary>
    /// <param name="record">Null for none.</param>
    /// <param name="notice">Says why the record is not whole.</param>
    /// <param name="fit">Fits, and returns the exit code.</param>
    /// <returns>What <paramref name="fit"/> returned.</returns>
    public static int Around(RunRecord? record, Action<string> notice, Func<int> fit)
    {
        using (record)
        {
            try
            {
                return fit();
            }
            catch (Exception e)
            {
                record?.Fail(e);
                throw;
            }
            finally
            {
                if (record?.Trouble is { } trouble)
                    notice(trouble);
            }
        }
    }

    // If the fit had begun.
    private void Fail(Exception e)
    {
        if (_run is not null)
            Report(new FitEnded(e is OperationCanceledException ? FitOutcome.Stopped : FitOutcome.Failed) { Message = e.Message });
    }

    public void Dispose() => _run?.Dispose();

    private RunWriter Open()
    {
        if (_from is not null && RunFolder.All(folder).FirstOrDefault(IsOfThisFit) is { } before)
            return RunWriter.Resume(before);
        return RunWriter.Begin(folder, System.IO.Path.GetFileNameWithoutExtension(options.Model!), options);
    }

    // The last epoch of the model's file was recorded before the file was saved, to the last bit.
    private bool IsOfThisFit(RunReader run) =>
        run.Info?.Model == System.IO.Path.GetFullPath(options.Model!) && run.State != RunState.Running && _from is var (epoch, name, value)
        && RunHistory.Standing(run.Events()).Any(e => e.Type == RecordedEventType.Epoch && e.Number("epoch") == epoch && e.Number(name) == value);
}
