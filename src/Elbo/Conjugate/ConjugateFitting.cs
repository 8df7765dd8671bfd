using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Inference;
using Elbo.Programs;
using Elbo.Recording;

namespace Elbo.Conjugate;

/// <summary>From a model to its fit: several starts of coordinate ascent, the best kept and made the guide of a program.</summary>
internal sealed class ConjugateFitting(ExpectedLogJoint joint, CoordinateOptions options)
{
    /// <summary>The model as a program.</summary>
    public required Model Program { get; init; }

    /// <summary>The guide of the factors where they stand.</summary>
    public required Func<Guide> Guide { get; init; }

    /// <summary>How many starts where nothing is said.</summary>
    public int Starts { get; init; } = 1;

    /// <summary>Numbers in the largest tensor of a draw.</summary>
    public long DrawSize { get; init; } = 1;

    public string? SummedOut { get; init; }

    public (string Labels, int Count)? Symmetry { get; init; }

    /// <summary>A constant of the bound: what units change in densities.</summary>
    public double LogUnits { get; init; }

    public ConjugateFit Run() => RecordedFit.Of(options.Recorder, "model", options.Seed, FitSettings.Of(options), Fit);

    private ConjugateFit Fit()
    {
        var cpu = new Cpu(options.Threads);
        var starts = Ascend(cpu);
        var trace = Program.Trace([], RandomDraws.Of(options.Seed));
        var space = UnconstrainedSpace.Of(trace, Program.Type);
        var guide = Guide();
        // Neither a program nor a known point begins from a normal.
        var nowhere = new Lazy<GaussianStart>(() => new(new double[space.Dimension], [.. Enumerable.Repeat(1.0, space.Dimension)], null));
        return new()
        {
            Program = Program,
            Guide = guide,
            Space = space,
            State = guide.Begin(new(Program, trace, space, nowhere, cpu, options.Seed)),
            Parameters = new PointParameters(trace, cpu),
            Cpu = cpu,
            Seed = options.Seed,
            Starts = starts,
            Method = options.Estimation != Estimation.Distributions ? "expectation-maximisation" : options.Batch is null ? "coordinate ascent" : "stochastic variational inference",
            SummedOut = SummedOut,
            // One conjugate factor of all unknowns leaves nothing out.
            IsExact = joint.Factors.Count == 1 && SummedOut is null && options.Estimation == Estimation.Distributions && options.Batch is null,
            Symmetry = Symmetry,
            DrawSize = DrawSize,
        };
    }

    private List<Ascended> Ascend(Cpu cpu)
    {
        using var ascent = new CoordinateAscent(joint, options, cpu);
        var (ends, best, failure) = (new List<Ascended>(), (double[][][]?)null, (ModelException?)null);
        for (var start = 0; start < (options.Starts ?? Starts); start++)
        {
            try
            {
                var end = ascent.Run(start);
                if (ends.Count == 0 || end.Bound > ends.Max(e => e.Bound))
                    best = [.. joint.Factors.Select(f => f.Read())];
                ends.Add(end);
            }
            catch (ModelException notANumber)
            {
                // One start may fail where others do not.
                failure = notANumber;
            }
        }
        if (best is null)
            throw failure!;
        foreach (var (factor, natural) in joint.Factors.Zip(best))
            factor.Write(natural);
        joint.Order();
        ascent.Bound();
        return [.. ends.OrderByDescending(e => e.Bound).Select(e => e with { Bound = e.Bound + LogUnits, History = [.. e.History.Select(b => b + LogUnits)] })];
    }
}
