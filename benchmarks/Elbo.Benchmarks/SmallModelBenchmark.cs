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
            yield return Measurement.AtMost("eight schools, a step", 1e6 * Stopclock.SecondsEach(schools.Function.Run), "us", 0.8);
        }
        foreach (var threads in (int[])[1, 2])
        {
            using var logistic = new LogisticRegression(threads);
            var microseconds = 1e6 * Stopclock.SecondsEach(logistic.Function.Run);
            yield return Measurement.AtMost($"logistic regression 10,000 x 50, a step, threads {threads}", microseconds, "us", 90);
        }
    }
}
