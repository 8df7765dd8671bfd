using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Elbo.Cli.Output;
using Elbo.Dashboard;
using Elbo.Data;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo dashboard</c>: a page on which fits are watched.</summary>
internal static class DashboardCommand
{
    private const string Description = """
        Watch fits on a page in the browser.

        Shows every run of a folder of runs, live while it goes on: the bound and what it is made of, what each latent number carries, columns, codes of rows, pictures, posteriors, warnings with their
        remedies; and two runs side by side. The page is for this machine only and works without the internet. Ctrl-C ends it; fits go on.

          elbo dashboard                     the runs in ./elbo-runs; prints the page's address
          elbo dashboard --open              opens it as well
          elbo dashboard --runs results/elbo-runs --port 8080
        """;

    public static Command Create(Terminal terminal)
    {
        var runs = Runs();
        var port = OptionOf.Whole("--port", "N", 1, "The port of the page. [default: any that is free]");
        var open = new Option<bool>("--open") { Description = "Open the page in the browser." };
        var command = new DescribedCommand("dashboard", Description) { runs, port, open };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(runs) ?? RunFolder.UsualName, parsed.GetValue(port), parsed.GetValue(open)));
        return command;
    }

    /// <summary>The folder of runs.</summary>
    public static Option<string?> Runs() => new("--runs") { Description = $"The folder of runs. [default: {RunFolder.UsualName}]", HelpName = "DIR" };

    private static int Run(Terminal terminal, string folder, int? port, bool opens)
    {
        if (port > ushort.MaxValue)
            throw new UsageException($"--port is {port}, but ports end at {ushort.MaxValue}.");
        if (File.Exists(folder))
            throw new UsageException($"--runs: {folder} is a file. Name the folder of runs; 'elbo fit' makes {RunFolder.UsualName} beside the model it writes.");
        terminal.FinishWhenInterrupted();
        try
        {
            Serve(terminal, folder, port ?? 0, opens).GetAwaiter().GetResult();
        }
        catch (IOException e) when (port is not null)
        {
            throw new UsageException($"Port {port} cannot be had: {e.Message.TrimEnd('.')}. Name another with --port, or leave it out for one that is free.", e);
        }
        return ExitCode.Done;
    }

    private static async Task Serve(Terminal terminal, string folder, int port, bool opens)
    {
        var server = await DashboardServer.StartAsync(folder, port, terminal.Interrupted).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var count = Directory.Exists(folder) ? RunFolder.All(folder).Count : 0;
            terminal.Out.WriteLine(server.Address);
            terminal.Notice(count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Numbers.Of(count, "run")} in {Path.GetFullPath(folder)}. Ctrl-C ends the page.")
                : $"There are no runs in {Path.GetFullPath(folder)} yet; the page shows them when there are. Ctrl-C ends it.");
            if (opens)
                Open(server.Address, terminal);
            await Task.Delay(Timeout.Infinite, terminal.Interrupted).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private static void Open(Uri address, Terminal terminal)
    {
        try
        {
            using var browser = Process.Start(new ProcessStartInfo(address.ToString()) { UseShellExecute = true });
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            terminal.Notice("No browser could be opened from here; open the address above in one.");
        }
    }
}
