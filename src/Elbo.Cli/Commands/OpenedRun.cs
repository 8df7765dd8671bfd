using Elbo.Cli.Output;
using Elbo.Dashboard;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary>A fit that a command was told by the name of its run, by its folder, or by its model.</summary>
internal static class OpenedRun
{
    public const string Latest = "latest";

    /// <summary>The record of a run; of a model's file the record of its fit, where one lies beside it, and otherwise what the file keeps.</summary>
    /// <param name="folder">The folder of runs; null for the usual one.</param>
    /// <param name="name">The run or model.</param>
    /// <param name="terminal">Where to say what was taken.</param>
    public static RunSource Open(string? folder, string name, Terminal terminal)
    {
        if (!File.Exists(name))
            return RunSource.Of(RunFolder.Find(folder ?? RunFolder.UsualName, name));
        var path = Path.GetFullPath(name);
        if (RunFolder.All(folder ?? RunFolder.Beside(path)).FirstOrDefault(r => r.Info?.Model == path) is { } run)
            return RunSource.Of(run);
        var source = RunSource.Of(name);
        terminal.Notice($"{name} has no record of its fit beside it, so only what the model keeps is shown.");
        return source;
    }
}
