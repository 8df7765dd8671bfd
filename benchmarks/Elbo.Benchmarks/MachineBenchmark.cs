namespace Elbo.Benchmarks;

/// <summary>What the machine can do at most: the yardsticks of everything else.</summary>
internal static class MachineBenchmark
{
    public const string Remaining =
        "These are the roofs. The peak is a loop of multiply-adds on registers alone. A read sums what it reads; a copy and a triad (a = b + s·c) "
        + "count what the program reads and writes, not what the cache fetches in order to overwrite it.";

    /// <summary>What is said of a machine that others are using.</summary>
    public const string Disturbed = "DISTURBED: other work takes a core, and figures on two threads say little";

    /// <summary>Below this, somebody else has one of the two cores, and no figure on two threads says anything.</summary>
    private const double QuietScaling = 1.9;

    public static IEnumerable<Measurement> Run()
    {
        foreach (var isDouble in (bool[])[false, true])
        {
            var type = isDouble ? "f64" : "f32";
            var one = PeakLoop.Gigaflops(isDouble);
            var kind = isDouble ? Roof.Float64 : Roof.Float32;
            yield return new($"multiply-add peak, {type}, 1 thread", one, "GFLOP/s") { Roof = (kind, type, 1) };
            var two = PeakLoop.Gigaflops(isDouble, threads: 2);
            yield return new($"multiply-add peak, {type}, 2 threads", two, "GFLOP/s", null, two / one)
            {
                Roof = (kind, type, 2),
                Note = two < QuietScaling * one ? Disturbed : null,
            };
        }
        foreach (var (level, bytes) in Bandwidth.Levels())
        {
            foreach (var threads in (int[])[1, 2])
            {
                foreach (var pattern in Enum.GetValues<AccessPattern>())
                {
                    var speed = Bandwidth.GigabytesPerSecond(pattern, bytes, threads);
                    yield return new(Bandwidth.Name(pattern, level, threads), speed, "GB/s") { Roof = (Roof.Bandwidth, level, threads) };
                }
            }
        }
        yield return new("fork and join, 2 threads", PeakLoop.ForkNanoseconds(2), "ns");
    }
}
