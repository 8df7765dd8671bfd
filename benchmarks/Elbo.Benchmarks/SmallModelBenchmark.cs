using Elbo.Compute;

namespace Elbo.Benchmarks;

/// <summary>A gradient step of two Bayesian models that people run by the thousand: f64, one draw, mean-field.</summary>
internal static class SmallModelBenchmark
{
    /// <summary>The steps, to be profiled.</summary>
    public static IEnumerable<ProfiledFunction> Functions()
    {
        var schools = new EightSchools();
        yield return new("eight schools, a step", 1, schools.Function, schools);
        var logistic = new LogisticRegression();
        yield return new("logistic regression 10,000 x 50, a step", 1, logistic.Function, logistic);
    }

    public static IEnumerable<Measurement> Run()
    {
        using (var schools = new EightSchools())
        {
            var seconds = Stopclock.SecondsEach(schools.Function.Run);
            yield return Measurement.AtMost("eight schools, a step", 1e6 * seconds, "us", 0.8) with { Work = WorkOf(schools.Function, seconds, 1, "eight schools step, f64") };
        }
        foreach (var threads in (int[])[1, 2])
        {
            using var logistic = new LogisticRegression(threads);
            var seconds = Stopclock.SecondsEach(logistic.Function.Run);
            var work = WorkOf(logistic.Function, seconds, threads, "logistic regression step, f64");
            yield return Measurement.AtMost($"logistic regression 10,000 x 50, a step, threads {threads}", 1e6 * seconds, "us", 90) with { Work = work };
        }
    }

    private static Work WorkOf(CompiledFunction function, double seconds, int threads, string label)
    {
        var kernels = function.Info.Kernels;
        return new(kernels.Sum(k => k.Flop), kernels.Sum(k => k.Bytes), seconds, threads, label);
    }
}
