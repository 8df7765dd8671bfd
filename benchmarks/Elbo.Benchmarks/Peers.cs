using System.Diagnostics;

namespace Elbo.Benchmarks;

/// <summary>Other systems, run as their own processes beside ours where they are installed.</summary>
internal static class Peers
{
    /// <summary>What a Python peer of the shared folder prints, or null if it, or Python, is not here.</summary>
    public static string? RunPython(string script, params string[] arguments)
    {
        var path = FindUpwards(Path.Combine("shared", "peers", script));
        if (path is null || !File.Exists("/usr/bin/python3"))
            return null;
        var start = new ProcessStartInfo("/usr/bin/python3", [path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Left to itself, Debian's OpenBLAS does not use AVX-512 on recent AMD cores and runs at half speed.
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }

    /// <summary>A path beside this folder or one above it; null if there is none.</summary>
    public static string? FindUpwards(string relative)
    {
        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, relative);
            if (Path.Exists(path))
                return path;
        }
        return null;
    }
}
