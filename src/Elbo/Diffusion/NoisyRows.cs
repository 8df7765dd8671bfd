using Elbo.Autoencoders;
using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>What a compiled function is told of the level of noise of a row.</summary>
/// <param name="Level">How much noise.</param>
/// <param name="Place">Where that lies between the first and the last level, from 0 to 1.</param>
/// <param name="Cost">What a squared error of the noise costs in the bound, nats.</param>
/// <param name="LogVarianceRatio">ln β less the logarithm of the variance of q(z_s|z_t, x).</param>
/// <param name="Time">When the schedule comes to it, from 0 to 1.</param>
/// <param name="Earlier">When it comes to the level before.</param>
/// <param name="IsFirst">Whether it is the least noisy level, whose term is −ln p(x|z₁).</param>
/// <param name="SimpleWeight">What its squared error counts in an objective.</param>
/// <param name="BoundWeight">What its term of the bound counts in an objective.</param>
internal readonly record struct Visit(NoiseLevel Level, double Place, double Cost, double LogVarianceRatio, double Time, double Earlier, bool IsFirst, double SimpleWeight, double BoundWeight)
{
    /// <summary>A visit of a level of a chain, as of many that are equally often at each.</summary>
    public static Visit Of(NoiseChain chain, int t, double weight = 1)
    {
        var isFirst = t == 1;
        var step = isFirst ? default : chain.StepTo(t);
        return new(chain[t], chain.Place(chain[t]), isFirst ? 0 : step.Cost, isFirst ? 0 : step.LogVarianceRatio, chain.TimeOf(t), chain.TimeOf(Math.Max(1, t - 1)), isFirst, weight, weight * chain.Count);
    }

    /// <summary>A visit of a time of a schedule, where steps are without end: the cost is ½·dγ/dt (Kingma et al., 2021, eq. 17).</summary>
    public static Visit At(NoiseChain chain, double t)
    {
        var level = chain.Schedule.At(t);
        return new(level, chain.Place(level), 0.5 * chain.Schedule.Slope(t), 0, t, t, false, 1, 1);
    }
}

/// <summary>The levels of noise of a batch of rows, as expressions: [rows, 1] each, or scalars.</summary>
/// <param name="Signal">α.</param>
/// <param name="Noise">σ.</param>
/// <param name="Place">Where the level lies between the first and the last.</param>
/// <param name="Cost">What a squared error of the noise costs in the bound.</param>
/// <param name="LogVarianceRatio">ln β less the logarithm of the variance of q(z_s|z_t, x).</param>
/// <param name="FirstLogDeviation">ln(σ₁/α₁), a scalar.</param>
internal sealed record RowLevels(Tensor Signal, Tensor Noise, Tensor Place, Tensor Cost, Tensor LogVarianceRatio, Tensor FirstLogDeviation)
{
    /// <summary>The levels at times of a schedule that is being learned.</summary>
    public static RowLevels Of(MonotoneNetwork schedule, Tensor time, Tensor earlier)
    {
        var (later, place) = schedule.At(time);
        var (before, _) = schedule.At(earlier);
        return new(Exp(-0.5 * Softplus(later)), Exp(-0.5 * Softplus(-later)), place, 0.5 * Expm1(later - before), Softplus(-before) - Softplus(-later), 0.5 * schedule.First);
    }
}

/// <summary>A batch of rows with noise, as expressions: what a network makes of them, and what that costs.</summary>
internal sealed class NoisyRows
{
    private readonly DiffusionModel _model;
    private readonly (Tensor Input, Func<Visit, double> Value)[] _each;
    private readonly Tensor _firstLogDeviation = Tensor.Input("firstLogDeviation", []);
    private readonly Tensor? _given;

    /// <param name="model">The model.</param>
    /// <param name="rows">Rows of a batch.</param>
    /// <param name="learnsSchedule">Whether levels are what the schedule's own network makes of times, so that it can be learned; otherwise they are given.</param>
    public NoisyRows(DiffusionModel model, int rows, bool learnsSchedule = false)
    {
        _model = model;
        Rows = RowInputs.Of(rows, model.Size, model.Readout.AllowsMissing, model.Classes);
        var each = new List<(Tensor, Func<Visit, double>)>();
        Tensor Each(string name, Func<Visit, double> value)
        {
            var input = Tensor.Input(name, [rows, 1]);
            each.Add((input, value));
            return input;
        }
        var levels = learnsSchedule && model.ScheduleNetwork is { } schedule
            ? RowLevels.Of(schedule, Each("time", v => v.Time), Each("earlier", v => v.Earlier))
            : new(Each("signal", v => v.Level.Signal), Each("noise", v => v.Level.Noise), Each("place", v => v.Place), Each("cost", v => v.Cost), Each("logRatio", v => v.LogVarianceRatio), _firstLogDeviation);
        var first = Each("first", v => v.IsFirst ? 1 : 0).Reshape([rows]);
        var simple = Each("simple", v => v.SimpleWeight).Reshape([rows]);
        var bound = Each("bound", v => v.BoundWeight).Reshape([rows]);
        _each = [.. each];

        var (width, options) = (model.Width, model.Options);
        var values = Rows.Observed(model.Readout.Observe);
        var data = model.Readout.Embed(values, Rows.Mask);
        var noise = Rows.Random.Normal([rows, width], DiffusionSites.Noise);
        var noisy = levels.Signal * data + levels.Noise * noise;
        // What is missing has neither signal nor noise, what is given is as it is, and neither has a part in any term.
        _given = Rows.Mask is null ? null : Tensor.Input("given", [rows, model.Size]);
        var sought = Rows.Mask is { } mask ? mask * (1.0 - _given!) : null;
        var counted = sought is null ? null : model.Readout.Repeat(sought);
        Tensor OfWhatCounts(Tensor each) => counted is null ? each : each * counted;
        if (sought is not null)
            noisy = noisy * counted! + data * model.Readout.Repeat(Rows.Mask! * _given!);
        var said = new Denoised(model, noisy, levels.Signal, levels.Noise, levels.Place, Rows.Labels, sought is null ? null : Tensor.Concatenate(1, sought, Rows.Mask! * _given!));
        // The error of the noise, without the difference of two large numbers.
        Tensor OfData(Tensor seen) => (seen - data) * (levels.Signal / levels.Noise);
        var away = options.Prediction switch
        {
            Prediction.Noise => noise - said.Output,
            Prediction.Data => OfData(said.Output),
            _ => levels.Signal * (levels.Signal * noise - levels.Noise * data - said.Output),
        };
        if (model.Readout.IsMeanOfValues is { Count: > 0 } few)
            away = Where(Tensor.FromArray([.. few.Select(f => f ? 1.0 : 0)], [1, width]) > 0.0, OfData(said.Data), away);
        var error = OfWhatCounts(Square(away));
        SquaredError = error.Sum(1);
        var charged = options.Objective.BoundTrainsVariances ? StopGradient(error) : error;
        var steps = said.LogRatio(levels.LogVarianceRatio) is { } excess
            ? (OfWhatCounts(0.5 * (excess + Expm1(-excess))) + levels.Cost * Exp(-excess) * charged).Sum(1)
            : (levels.Cost * charged).Sum(1);
        var ofCells = model.Readout.LogDensity(said.Data, values, levels.FirstLogDeviation);
        var reading = -(sought is not null ? Where(sought > 0.0, ofCells, Tensor.Scalar(0)) : ofCells).Sum(1);
        if (options.Objective.BoundTrainsVariances)
            reading = StopGradient(reading);
        Term = Where(first > 0.0, reading, steps);
        var loss = Tensor.Scalar(0);
        if (options.Objective.SimpleShare > 0)
            loss += options.Objective.SimpleShare * (simple * SquaredError);
        if (options.Objective.BoundShare > 0)
            loss += options.Objective.BoundShare * (bound * Term);
        // The last level is learned by what it costs that something of the data is left there.
        if (learnsSchedule && model.ScheduleNetwork is { Last: var last })
            loss += options.Objective.BoundShare * (Where(bound > 0.0, Tensor.Scalar(1), Tensor.Scalar(0)) * OfWhatCounts(PriorTerm(data, last)).Sum(1));
        Loss = loss / width;
    }

    public RowInputs Rows { get; }

    /// <summary>‖ε − ε̂‖², [rows].</summary>
    public Tensor SquaredError { get; }

    /// <summary>The term of the negative bound that belongs to the level, nats: [rows].</summary>
    public Tensor Term { get; }

    /// <summary>What is minimised, a number of a row: [rows].</summary>
    public Tensor Loss { get; }

    /// <summary>Puts rows and their levels into a function; rows that it has more room for count nothing.</summary>
    public void Fill(CompiledFunction function, IRows data, ReadOnlySpan<int> rows, ReadOnlySpan<Visit> visits, int step)
    {
        Rows.Fill(function, data, rows, step, step);
        if (_given is not null)
            function.Input<float>(_given).Clear();
        if (function.Reads(_firstLogDeviation))
            function.Input<float>(_firstLogDeviation)[0] = (float)(0.5 * _model.Chain[1].LogNoise);
        var none = Visit.Of(_model.Chain, 1, weight: 0) with { IsFirst = false };
        foreach (var (input, value) in _each)
        {
            if (!function.Reads(input))
                continue;
            var numbers = function.Input<float>(input);
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = (float)value(i < rows.Length ? visits[i] : none);
        }
    }

    // Shares of rows whose class is hidden, so that the model knows rows of any class too (Ho and Salimans, 2022); some of whose cells are, so that it knows rows with holes; and some
    // of whose cells are given, so that it knows the others given them.
    private const double HiddenClasses = 0.1;
    private const double HiddenCells = 0.1;
    private const double GivenCells = 0.5;

    /// <summary>Hides classes and cells of some of the rows, and gives cells of others.</summary>
    public void Vary(CompiledFunction function, int rows, RandomNumbers random)
    {
        for (var i = 0; i < rows; i++)
        {
            if (Rows.Labels is not null && random.NextUniform() < HiddenClasses)
                function.Input<float>(Rows.Labels).Slice(i * _model.Classes, _model.Classes).Clear();
            if (Rows.Mask is null)
                continue;
            var cells = (i * _model.Size)..((i + 1) * _model.Size);
            var u = random.NextUniform();
            if (u < HiddenCells)
                Put(function.Input<float>(Rows.Mask)[cells], 0, random);
            else if (u < HiddenCells + GivenCells)
                Put(function.Input<float>(_given!)[cells], 1, random);
        }
    }

    // Into as many cells as may be, from none to all.
    private static void Put(Span<float> cells, float value, RandomNumbers random)
    {
        var share = random.NextUniform();
        foreach (ref var cell in cells)
        {
            if (random.NextUniform() < share)
                cell = value;
        }
    }

    // KL(N(αx, σ²)‖N(0, 1)) = ½(α²x² + σ² − 1 − ln σ²), each number.
    private static Tensor PriorTerm(Tensor data, Tensor logNoise)
    {
        var (signal, logVariance) = (Sigmoid(-logNoise), -Softplus(-logNoise));
        return 0.5 * (signal * data * data - signal - logVariance);
    }
}

/// <summary>What a network makes of noisy rows, as expressions.</summary>
internal sealed class Denoised
{
    // A variance that is e^15 times another is as good as any.
    private const double LargestLogRatio = 15;

    private readonly ReverseVariance _variance;
    private readonly Tensor? _told;

    public Denoised(DiffusionModel model, Tensor noisy, Tensor signal, Tensor noise, Tensor place, Tensor? labels, Tensor? told)
    {
        var (options, width) = (model.Options, model.Width);
        var all = model.Network.Apply(told is null ? noisy : Tensor.Concatenate(1, noisy, told), place, labels);
        Output = options.LearnsVariances ? all.Slice(1, 0, width) : all;
        (_variance, _told) = (options.Variance, options.LearnsVariances ? all.Slice(1, width, width) : null);
        (Noise, Data) = options.Prediction switch
        {
            Prediction.Noise => (Output, (noisy - noise * Output) / signal),
            Prediction.Data => ((noisy - signal * Output) / noise, Output),
            _ => (noise * noisy + signal * Output, signal * noisy - noise * Output),
        };
        if (model.Readout.IsMeanOfValues.Count == 0)
            return;
        Data = model.Readout.Seen(Output, Data, noisy, signal, noise);
        Noise = (noisy - signal * Data) / noise;
    }

    /// <summary>What the network says of each number.</summary>
    public Tensor Output { get; }

    /// <summary>The noise that this means.</summary>
    public Tensor Noise { get; }

    /// <summary>The data that this means.</summary>
    public Tensor Data { get; }

    /// <summary>The logarithm of the variance of a step back, relative to that of q(z_s|z_t, x), for each number; null where they are the same.</summary>
    /// <param name="logRatio">ln β relative to it.</param>
    public Tensor? LogRatio(Tensor logRatio) => _variance switch
    {
        ReverseVariance.Posterior => null,
        ReverseVariance.Step => logRatio,
        ReverseVariance.Interpolated => Sigmoid(_told!) * logRatio,
        _ => Clamp(_told!, -LargestLogRatio, LargestLogRatio),
    };
}

/// <summary>Sites of random draws in compiled functions.</summary>
internal static class DiffusionSites
{
    public const int Noise = 1;
}
