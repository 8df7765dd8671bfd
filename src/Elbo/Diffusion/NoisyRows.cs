using Elbo.Autoencoders;
using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diffusion;

/// <summary>What a compiled function is told of the level of noise of a row.</summary>
/// <param name="Level">How much noise.</param>
/// <param name="Place">Where that lies between the first and the last level, from 0 to 1.</param>
/// <param name="Cost">What a squared error of the noise costs in the bound, nats.</param>
/// <param name="LogVarianceRatio">ln β less the logarithm of the variance of q(z_s|z_t, x).</param>
/// <param name="IsFirst">Whether it is the least noisy level, whose term is −ln p(x|z₁).</param>
/// <param name="SimpleWeight">What its squared error counts in an objective.</param>
/// <param name="BoundWeight">What its term of the bound counts in an objective.</param>
internal readonly record struct Visit(NoiseLevel Level, double Place, double Cost, double LogVarianceRatio, bool IsFirst, double SimpleWeight, double BoundWeight)
{
    /// <summary>A visit of a level of a chain, as of many that are equally often at each.</summary>
    public static Visit Of(NoiseChain chain, int t, double weight = 1)
    {
        var isFirst = t == 1;
        var step = isFirst ? default : chain.StepTo(t);
        return new(chain[t], chain.Place(chain[t]), isFirst ? 0 : step.Cost, isFirst ? 0 : step.LogVarianceRatio, isFirst, weight, weight * chain.Count);
    }

    /// <summary>A visit of a time of a schedule, where steps are without end: the cost is ½·dγ/dt (Kingma et al., 2021, eq. 17).</summary>
    public static Visit At(NoiseChain chain, double t)
    {
        var level = chain.Schedule.At(t);
        return new(level, chain.Place(level), 0.5 * chain.Schedule.Slope(t), 0, false, 1, 1);
    }
}

/// <summary>A batch of rows with noise, as expressions: what a network makes of them, and what that costs.</summary>
internal sealed class NoisyRows
{
    private readonly Tensor _signal;
    private readonly Tensor _noise;
    private readonly Tensor _place;
    private readonly Tensor _cost;
    private readonly Tensor _logRatio;
    private readonly Tensor _first;
    private readonly Tensor _simple;
    private readonly Tensor _boundWeight;
    private readonly Tensor _logDeviation = Tensor.Input("logDeviation", []);
    private readonly double _firstLogDeviation;
    private readonly Tensor[] _each;

    public NoisyRows(DiffusionModel model, int rows)
    {
        Rows = RowInputs.Of(rows, model.Size, hasMissing: false);
        Classes = model.Classes > 0 ? Tensor.Input("classes", [rows, model.Classes]) : null;
        Tensor Each(string name) => Tensor.Input(name, [rows, 1]);
        (_signal, _noise, _place, _cost, _logRatio, _first, _simple, _boundWeight) =
            (Each("signal"), Each("noise"), Each("place"), Each("cost"), Each("logRatio"), Each("first"), Each("simple"), Each("boundWeight"));
        _each = [_signal, _noise, _place, _cost, _logRatio, _first, _simple, _boundWeight];
        _firstLogDeviation = 0.5 * model.Chain[1].LogNoise;
        var (size, options) = (model.Size, model.Options);
        var data = model.Readout.Embed(Rows.Values);
        var noise = Rows.Random.Normal([rows, size], DiffusionSites.Noise);
        var noisy = _signal * data + _noise * noise;
        var said = new Denoised(model, noisy, _signal, _noise, _place, Classes);
        // The error of the noise, without the difference of two large numbers.
        var error = Square(options.Prediction switch
        {
            Prediction.Noise => noise - said.Output,
            Prediction.Data => (said.Output - data) * (_signal / _noise),
            _ => _signal * (_signal * noise - _noise * data - said.Output),
        });
        SquaredError = error.Sum(1);
        var charged = options.Objective.BoundTrainsVariances ? StopGradient(error) : error;
        var steps = said.LogRatio(_logRatio) is { } excess
            ? (0.5 * (excess + Expm1(-excess)) + _cost * Exp(-excess) * charged).Sum(1)
            : (_cost * charged).Sum(1);
        var reading = -model.Readout.LogDensity(said.Data, Rows.Values, _logDeviation).Sum(1);
        if (options.Objective.BoundTrainsVariances)
            reading = StopGradient(reading);
        Term = Where(_first.Reshape([rows]) > 0.0, reading, steps);
        var each = Tensor.Scalar(0);
        if (options.Objective.SimpleShare > 0)
            each += options.Objective.SimpleShare * (_simple.Reshape([rows]) * SquaredError);
        if (options.Objective.BoundShare > 0)
            each += options.Objective.BoundShare * (_boundWeight.Reshape([rows]) * Term);
        Loss = each / size;
    }

    public RowInputs Rows { get; }

    public Tensor? Classes { get; }

    /// <summary>‖ε − ε̂‖², [rows].</summary>
    public Tensor SquaredError { get; }

    /// <summary>The term of the negative bound that belongs to the level, nats: [rows].</summary>
    public Tensor Term { get; }

    /// <summary>What is minimised, a number of a row: [rows].</summary>
    public Tensor Loss { get; }

    /// <summary>Puts rows and their levels into a function; rows that it has more room for count nothing.</summary>
    public void Fill(CompiledFunction function, IRows data, ReadOnlySpan<int> rows, ReadOnlySpan<int> classes, ReadOnlySpan<Visit> visits, int step)
    {
        Rows.Fill(function, data, rows, step, step);
        if (Classes is not null)
            DiffusionModel.PutClasses(function.Input<float>(Classes), classes, Classes.Shape[1]);
        if (function.Reads(_logDeviation))
            function.Input<float>(_logDeviation)[0] = (float)_firstLogDeviation;
        for (var e = 0; e < _each.Length; e++)
        {
            if (!function.Reads(_each[e]))
                continue;
            var input = function.Input<float>(_each[e]);
            for (var i = 0; i < input.Length; i++)
                input[i] = i < rows.Length ? Number(visits[i], e) : e is 0 or 1 ? 0.7071f : 0;
        }
    }

    private static float Number(Visit visit, int which) => (float)(which switch
    {
        0 => visit.Level.Signal,
        1 => visit.Level.Noise,
        2 => visit.Place,
        3 => visit.Cost,
        4 => visit.LogVarianceRatio,
        5 => visit.IsFirst ? 1 : 0,
        6 => visit.SimpleWeight,
        _ => visit.BoundWeight,
    });
}

/// <summary>What a network makes of noisy rows, as expressions.</summary>
internal sealed class Denoised
{
    // A variance that is e^15 times another is as good as any.
    private const double LargestLogRatio = 15;

    private readonly ReverseVariance _variance;
    private readonly Tensor? _told;

    public Denoised(DiffusionModel model, Tensor noisy, Tensor signal, Tensor noise, Tensor place, Tensor? classes)
    {
        var (options, size) = (model.Options, model.Size);
        var all = model.Network.Apply(noisy, place, classes);
        Output = options.LearnsVariances ? all.Slice(1, 0, size) : all;
        (_variance, _told) = (options.Variance, options.LearnsVariances ? all.Slice(1, size, size) : null);
        (Noise, Data) = options.Prediction switch
        {
            Prediction.Noise => (Output, (noisy - noise * Output) / signal),
            Prediction.Data => ((noisy - signal * Output) / noise, Output),
            _ => (noise * noisy + signal * Output, signal * noisy - noise * Output),
        };
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
