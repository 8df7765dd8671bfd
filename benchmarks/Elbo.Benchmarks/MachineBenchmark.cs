namespace Elbo.Benchmarks;

/// <summary>What the machine can do at most: the yardsticks of everything else.</summary>
internal static class MachineBenchmark
{
    public const string Remaining =
        "These are the roofs. The peak is a loop of multiply-adds on registers alone. A read sums what it reads; a copy and a triad (a = b + s·c) "
        + "count what the program reads and writes, not what the cache fetches in order to overwrite it.";

    public static IEnumerable<Measurement> Run()
    {
        foreach (var isDouble in (bool[])[false, true])
        {
            var type = isDouble ? "f64" : "f32";
            var one = PeakLoop.Gigaflops(isDouble);
            yield return new($"multiply-add peak, {type}, 1 thread", one, "GFLOP/s");
            var two = PeakLoop.Gigaflops(isDouble, threads: 2);
            yield return new($"multiply-add peak, {type}, 2 threads", two, "GFLOP/s", null, two / one);
        }
        foreach (var (level, bytes) in Bandwidth.Levels())
        {
            foreach (var threads in (int[])[1, 2])
            {
                foreach (var pattern in Enum.GetValues<AccessPattern>())
                {
                    var speed = Bandwidth.GigabytesPerSecond(pattern, bytes, threads);
                    yield return new(Bandwidth.Name(pattern, level, threads), speed, "GB/s");
                }
            }
        }
        yield return new("fork and join, 2 threads", PeakLoop.ForkNanoseconds(2), "ns");
    }
}
