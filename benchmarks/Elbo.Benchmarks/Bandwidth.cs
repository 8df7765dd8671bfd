using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Elbo.Compute.Kernels;

namespace Elbo.Benchmarks;

/// <summary>How memory is walked.</summary>
internal enum AccessPattern
{
    /// <summary>The sum of an array.</summary>
    Read,

    /// <summary>One array into another.</summary>
    Copy,

    /// <summary>a = b + s·c.</summary>
    Triad,
}

/// <summary>Bytes a second between the core and each level of memory.</summary>
internal static class Bandwidth
{
    private const double SecondsPerTrial = 0.01;
    private const int Trials = 9;

    /// <summary>The levels of memory, with a working set for each that it holds and the level before it does not.</summary>
    public static IEnumerable<(string Level, long Bytes)> Levels()
    {
        var l1 = CacheBytes(1) ?? 32L << 10;
        var l2 = CacheBytes(2) ?? 1L << 20;
        var l3 = CacheBytes(3) ?? 32L << 20;
        yield return ("L1", l1 / 2);
        yield return ("L2", l2 / 2);
        yield return ("L3", Math.Max(2 * l2 + (l2 / 2), l3 / 4));
        yield return ("memory", Math.Max(256L << 20, 4 * l3));
    }

    /// <summary>How a figure is called.</summary>
    public static string Name(AccessPattern pattern, string level, int threads) =>
        $"{pattern.ToString().ToLowerInvariant()}, {level}, {threads} {(threads == 1 ? "thread" : "threads")}";

    /// <summary>10⁹ bytes a second, of all threads together, over a working set of so many bytes each (in memory: so many together).</summary>
    public static double GigabytesPerSecond(AccessPattern pattern, long bytes, int threads)
    {
        var each = bytes > 64 << 20 ? bytes / threads : bytes;
        using var team = new WorkerTeam(threads);
        using var walk = new Walk(pattern, each, threads);
        team.Run(walk, threads);
        while (Seconds(walk, team) < SecondsPerTrial)
            walk.Rounds *= 2;
        var best = Enumerable.Range(0, Trials).Min(_ => Seconds(walk, team));
        return 1e-9 * walk.BytesPerRound * walk.Rounds * threads / best;
    }

    private static double Seconds(Walk walk, WorkerTeam team) => Stopclock.SecondsOnce(() => team.Run(walk, team.Threads));

    // Linux tells; elsewhere usual sizes are assumed.
    private static long? CacheBytes(int level)
    {
        const string Root = "/sys/devices/system/cpu/cpu0/cache";
        if (!Directory.Exists(Root))
            return null;
        foreach (var folder in Directory.EnumerateDirectories(Root, "index*"))
        {
            if (Text(folder, "level") == level.ToString(CultureInfo.InvariantCulture) && Text(folder, "type") != "Instruction" && Text(folder, "size") is [.. var digits, 'K'])
                return long.Parse(digits, CultureInfo.InvariantCulture) << 10;
        }
        return null;
    }

    private static string Text(string folder, string file) => Path.Combine(folder, file) is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    // Every worker walks arrays of its own.
    private sealed unsafe class Walk : IParallelBody, IDisposable
    {
        private readonly AccessPattern _pattern;
        private readonly int _count;
        private readonly NativeBuffer[] _arrays;
        private float _keep;

        public Walk(AccessPattern pattern, long bytes, int threads)
        {
            _pattern = pattern;
            Streams = pattern switch { AccessPattern.Read => 1, AccessPattern.Copy => 2, _ => 3 };
            // Whole groups of four vectors, the step of the loops below.
            _count = (int)(bytes / Streams / 256 * 64);
            _arrays = [.. Enumerable.Range(0, threads * Streams).Select(_ => new NativeBuffer(_count * sizeof(float)))];
            foreach (var array in _arrays)
                array.Span<float>().Fill(1);
        }

        public long Rounds { get; set; } = 1;

        public long BytesPerRound => (long)_count * sizeof(float) * Streams;

        private int Streams { get; }

        public void Run(int firstTask, int endTask, int worker)
        {
            for (var task = firstTask; task < endTask; task++)
            {
                for (var round = 0L; round < Rounds; round++)
                    Once(task * Streams);
            }
        }

        private void Once(int first)
        {
            var a = (float*)_arrays[first].Pointer;
            switch (_pattern)
            {
                case AccessPattern.Read:
                    _keep = Sum(a, _count);
                    break;
                case AccessPattern.Copy:
                    Copy((float*)_arrays[first + 1].Pointer, a, _count);
                    break;
                default:
                    Triad(a, (float*)_arrays[first + 1].Pointer, (float*)_arrays[first + 2].Pointer, _keep, _count);
                    break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Sum(float* a, int count)
        {
            var (s0, s1, s2, s3) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
            for (var i = 0; i < count; i += 64)
            {
                s0 += Vector512.Load(a + i);
                s1 += Vector512.Load(a + i + 16);
                s2 += Vector512.Load(a + i + 32);
                s3 += Vector512.Load(a + i + 48);
            }
            return Vector512.Sum(s0 + s1 + (s2 + s3));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Copy(float* from, float* to, int count)
        {
            for (var i = 0; i < count; i += 64)
            {
                Vector512.Store(Vector512.Load(from + i), to + i);
                Vector512.Store(Vector512.Load(from + i + 16), to + i + 16);
                Vector512.Store(Vector512.Load(from + i + 32), to + i + 32);
                Vector512.Store(Vector512.Load(from + i + 48), to + i + 48);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Triad(float* a, float* b, float* c, float factor, int count)
        {
            var s = Vector512.Create(factor);
            for (var i = 0; i < count; i += 64)
            {
                Vector512.Store(Vector512.MultiplyAddEstimate(s, Vector512.Load(c + i), Vector512.Load(b + i)), a + i);
                Vector512.Store(Vector512.MultiplyAddEstimate(s, Vector512.Load(c + i + 16), Vector512.Load(b + i + 16)), a + i + 16);
                Vector512.Store(Vector512.MultiplyAddEstimate(s, Vector512.Load(c + i + 32), Vector512.Load(b + i + 32)), a + i + 32);
                Vector512.Store(Vector512.MultiplyAddEstimate(s, Vector512.Load(c + i + 48), Vector512.Load(b + i + 48)), a + i + 48);
            }
        }

        public void Dispose()
        {
            foreach (var array in _arrays)
                array.Dispose();
        }
    }
}
