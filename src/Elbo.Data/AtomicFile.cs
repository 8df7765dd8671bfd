using System.Collections.Concurrent;

namespace Elbo.Data;

/// <summary>A file that appears whole or not at all. It is written beside its target under another name, flushed to the disk and
/// then renamed over the target; disposed before <see cref="Commit"/>, it leaves the target as it was and nothing behind.</summary>
public sealed class AtomicFile : IDisposable
{
    // A process that is ended in the middle of writing, as by Ctrl-C, runs no finally block but does raise ProcessExit.
    private static readonly ConcurrentDictionary<string, byte> Unfinished = RemovedAtExit();

    private readonly string _path;
    private readonly string _target;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly bool _isDurable;
    private bool _finished;

    /// <summary>Begins writing.</summary>
    /// <param name="path">The file that will be made or replaced. Its directory must exist.</param>
    /// <param name="isDurable">Whether it is to be on the disk, and not only with the system, when it appears: so that it survives a loss of power.</param>
    /// <exception cref="DataException">The directory does not exist or cannot be written to, or the path is a
    /// directory or a device.</exception>
    public AtomicFile(string path, bool isDurable = true)
    {
        (_path, _isDurable) = (path, isDurable);
        // A link is followed, so that what it points to is replaced and not the link. Devices must never be renamed over.
        var linked = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true) : null;
        _target = linked?.FullName ?? Path.GetFullPath(path);
        if (IsDevice(_target))
            throw new DataException(path, "is not an ordinary file", "Name a file to write");
        var directory = Path.GetDirectoryName(_target);
        if (Directory.Exists(_target))
            throw new DataException(path, "is a directory, not a file", "Name a file to write");
        if (directory is null || !Directory.Exists(directory))
            throw new DataException(path, $"cannot be written: there is no directory '{directory}'", "Make the directory first");

        // In the same directory, because a rename is atomic only within one file system.
        _temporary = Path.Combine(directory, $".{Path.GetFileName(_target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            Unfinished[_temporary] = 0;
            _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unfinished.TryRemove(_temporary, out _);
            throw NotWritten(path, e);
        }
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _stream;

    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file to make or replace. Its directory must exist.</param>
    /// <param name="write">Writes the content; when it throws, the target stays as it was.</param>
    /// <param name="isDurable">As in the constructor.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write, bool isDurable = true)
    {
        using var file = new AtomicFile(path, isDurable);
        try
        {
            write(file.Stream);
        }
        catch (IOException e)
        {
            throw NotWritten(path, e);
        }

        file.Commit();
    }

    /// <summary>Puts what was written in the target's place.</summary>
    /// <exception cref="DataException">The target cannot be replaced.</exception>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        try
        {
            _stream.Flush(flushToDisk: _isDurable);
            _stream.Dispose();
            File.Move(_temporary, _target, overwrite: true);
            _finished = true;
            Unfinished.TryRemove(_temporary, out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(_path, e);
        }
    }

    /// <summary>Ends writing; without a <see cref="Commit"/> before it, what was written is thrown away.</summary>
    public void Dispose()
    {
        if (_finished)
            return;
        _finished = true;
        _stream.Dispose();
        File.Delete(_temporary);
        Unfinished.TryRemove(_temporary, out _);
    }

    private static ConcurrentDictionary<string, byte> RemovedAtExit()
    {
        var files = new ConcurrentDictionary<string, byte>(StringComparer.Ordinal);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (var file in files.Keys)
            {
                try
                {
                    File.Delete(file);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Nobody is left to be told.
                }
            }
        };
        return files;
    }

    private static bool IsDevice(string path) =>
        path.StartsWith("/proc/", StringComparison.Ordinal)
        || (path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal));

    private static DataException NotWritten(string path, Exception cause) =>
        new(path, $"cannot be written: {cause.Message.TrimEnd('.')}", innerException: cause);
}
