using Elbo.Compute;
using Elbo.Likelihoods;

namespace Elbo.Autoencoders;

/// <summary>Inputs that every function over rows has.</summary>
/// <param name="Values">[rows, numbers], as they lie in the data.</param>
/// <param name="Mask">1 where observed; null where nothing is missing.</param>
/// <param name="Seed">Of all draws.</param>
/// <param name="Step">Tells draws for the same rows from each other.</param>
/// <param name="Look">Tells the times that rows are looked at from each other: what is drawn of the data themselves changes with it alone.</param>
internal sealed record RowInputs(Tensor Values, Tensor? Mask, Tensor Seed, Tensor Step, Tensor Look)
{
    /// <summary>1 at the label of a row, zeros where it has none: [rows, classes]; null where the model has no label.</summary>
    public Tensor? Labels { get; init; }

    public static RowInputs Of(int rows, int numbers, bool hasMissing = true, int classes = 0) => new(
        Tensor.Input("values", [rows, numbers]), hasMissing ? Tensor.Input("mask", [rows, numbers]) : null,
        Tensor.Input("seed", [2], DType.Int32), Tensor.Input("step", [], DType.Int32), Tensor.Input("look", [], DType.Int32))
    {
        Labels = classes > 0 ? Tensor.Input("labels", [rows, classes]) : null,
    };

    public RandomSource Random => new(Seed, Step);

    /// <summary>What the rows are taken for.</summary>
    public Tensor Observed(Observation observation) => Observed(observation.Observe);

    /// <summary>What the rows are taken for, by something that may make uniform draws for it.</summary>
    public Tensor Observed(Func<Tensor, Func<Shape, Tensor>, Tensor> observe) => observe(Values, shape => new RandomSource(Seed, Look).Uniform(shape, Sites.Binarisation));

    /// <summary>What the encoder sees of rows: their features, and behind them their labels where the model has one.</summary>
    /// <param name="observation">What is observed.</param>
    /// <param name="observed">What the rows are taken for.</param>
    public Tensor Features(Observation observation, Tensor observed)
    {
        var features = observation.Features(observed, Mask);
        return Labels is null ? features : Tensor.Concatenate(1, features, Labels);
    }

    /// <summary>Puts rows into a function.</summary>
    public void Fill(CompiledFunction function, IRows data, ReadOnlySpan<int> rows, int step, int look)
    {
        data.Fill(rows, function.Input<float>(Values), Mask is null ? [] : function.Input<float>(Mask));
        if (Labels is not null)
            FillLabels(function.Input<float>(Labels), Labels.Shape[1], data, rows);
        SetSteps(function, step, look);
    }

    private static void FillLabels(Span<float> labels, int classes, IRows data, ReadOnlySpan<int> rows)
    {
        labels.Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            if (data.LabelOf(rows[i]) is not { } label)
                continue;
            if (label >= classes)
                throw new ArgumentException($"The label of row {rows[i]} is {label}, and the model has {classes} classes, from 0 to {classes - 1}.", nameof(data));
            labels[i * classes + label] = 1;
        }
    }

    /// <summary>Says which draws are to be made.</summary>
    public void SetSteps(CompiledFunction function, int step, int look)
    {
        if (function.Reads(Step))
            function.Input<int>(Step)[0] = step;
        if (function.Reads(Look))
            function.Input<int>(Look)[0] = look;
    }

    public static void SetSeed(CompiledFunction function, Tensor input, ulong seed)
    {
        if (!function.Reads(input))
            return;
        var words = function.Input<int>(input);
        (words[0], words[1]) = ((int)seed, (int)(seed >> 32));
    }
}

/// <summary>Uses of random numbers, so that no two share a stream.</summary>
internal enum RandomUse
{
    Weights = 1,
    HoldOut,
    Order,
    Cells,
    Samples,
    FirstRows,
    EncoderRows,
    SamplesFromCodes,
    LabelledOrder,
    LabelFolds,
    DensityRatio,
    MaskWeights,
    Predictions,
    Levels,
    SampledLabels,
    HiddenCells,
}

/// <summary>Sites of random draws in compiled functions.</summary>
internal static class Sites
{
    public const int TrainingNoise = 1;
    public const int BoundNoise = 2;
    public const int PosteriorNoise = 3;
    public const int PriorNoise = 4;
    public const int Binarisation = 5;

    /// <summary>The first of several: what is missing of a row, where it is drawn.</summary>
    public const int MissingCells = 100;
}
