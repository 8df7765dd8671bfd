using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elbo.Data;

/// <summary>
/// Tells a live writer of a run from one that was killed: it holds a lock, which the system lets go with the process, and for readers on other machines, which may not see
/// the lock, it touches a file every few seconds.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);
    private const int Tries = 25;

    private readonly string _folder;
    private readonly FileStream _lock;

    private RunLock(string folder, FileStream stream) => (_folder, _lock) = (folder, stream);

    /// <summary>The lock of a run.</summary>
    /// <exception cref="DataException">Another process writes it.</exception>
    public static RunLock Take(string folder)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return new(folder, new FileStream(Path.Combine(folder, RunFolder.LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            // A reader holds it for a moment to see whether it can be had.
            catch (IOException) when (tried < Tries)
            {
                Thread.Sleep(BetweenTries);
            }
            catch (IOException e)
            {
                throw new DataException(folder, "is being written by another process", "Wait until its fit ends, or record another run", innerException: e);
            }
        }
    }

    /// <summary>Says that the writer is alive.</summary>
    public void Beat() =>
        File.WriteAllText(Path.Combine(_folder, RunFolder.AliveFile), new JsonObject { ["machine"] = Environment.MachineName, ["process"] = Environment.ProcessId }.ToJsonString());

    /// <summary>Whether somebody writes the run.</summary>
    public static bool IsAlive(string folder)
    {
        try
        {
            using (new FileStream(Path.Combine(folder, RunFolder.LockFile), FileMode.Open, FileAccess.Read, FileShare.Read))
            {
                // It can be had, so nobody of this machine has it.
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        return IsAliveElsewhere(Path.Combine(folder, RunFolder.AliveFile));
    }

    private static bool IsAliveElsewhere(string alive)
    {
        try
        {
            return (JsonNode.Parse(File.ReadAllText(alive))?["machine"] as JsonValue)?.ToString() is { } machine && machine != Environment.MachineName
                && DateTime.UtcNow - File.GetLastWriteTimeUtc(alive) < LongestSilence;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    public void Dispose() => _lock.Dispose();
}
