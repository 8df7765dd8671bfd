using System.Diagnostics;

namespace Elbo.Benchmarks;

/// <summary>Other systems, run as their own processes beside ours where they are installed.</summary>
internal static class Peers
{
    // Debian's own, for which its packages of the peers are made.
    private const string Python = "/usr/bin/python3";
    private const string Rscript = "/usr/bin/Rscript";

    /// <summary>Whether peers are left out.</summary>
    public static bool AreLeftOut { get; set; }

    /// <summary>What a Python peer, of the shared folder or beside the benchmarks, prints, or null if it, or Python, or what it imports, is not here: <see cref="WhyNot"/> says what.</summary>
    public static string? RunPython(string script, params string[] arguments) => Run(Python, script, arguments);

    /// <summary>What an R peer of the shared folder prints, or null if it, or R, or what it loads, is not here: <see cref="WhyNot"/> says what.</summary>
    public static string? RunR(string script, params string[] arguments) => Run(Rscript, script, arguments);

    /// <summary>Why a peer said nothing.</summary>
    public static string WhyNot(string script)
    {
        var (program, packages) = script.EndsWith(".R", StringComparison.Ordinal) ? (Rscript, "r-cran-rstan") : (Python, "python3-torch, python3-numpy, python3-sklearn");
        return AreLeftOut ? "peers are left out"
            : Script(script) is null ? $"not measured: there is no shared/peers/{script} or benchmarks/peers/{script} in this folder or above"
            : !File.Exists(program) ? $"not installed: {program}"
            : $"not installed, or it failed: {program} {script} (Debian packages {packages})";
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

    // Scripts of our own lie beside the benchmarks.
    private static string? Script(string name) => FindUpwards(Path.Combine("shared", "peers", name)) ?? FindUpwards(Path.Combine("benchmarks", "peers", name));

    private static string? Run(string program, string script, string[] arguments)
    {
        if (AreLeftOut || Script(script) is not { } path || !File.Exists(program))
            return null;
        var start = new ProcessStartInfo(program, [path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Left to itself, Debian's OpenBLAS does not use AVX-512 on recent AMD cores and runs at half speed.
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            start.Environment["OPENBLAS_CORETYPE"] = "SkylakeX";
        using var process = Process.Start(start)!;
        // Both at once: whoever fills the one while the other is read would wait for ever.
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.Wait();
        return process.ExitCode == 0 ? output : null;
    }
}
