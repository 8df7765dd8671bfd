using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Likelihoods;

/// <summary>A model p(s|x) of the pattern of holes of a table at work: ln p of each cell's being there or missing, by Φ of a score.</summary>
internal abstract class MaskModel
{
    /// <summary>What is learned of it.</summary>
    public abstract IReadOnlyList<Variable> Variables { get; }

    /// <summary>Whether missing cells are drawn, rather than integrated out.</summary>
    public abstract bool DrawsCells { get; }

    /// <summary>ln p of each cell's being as it is, [draws, rows, columns], and the rows with draws in their holes, of the same shape, where cells are drawn.</summary>
    /// <param name="parameters">Decoder outputs, [draws, rows, parameters].</param>
    /// <param name="values">[rows, columns].</param>
    /// <param name="mask">1 where observed.</param>
    /// <param name="random">Where draws come from; null where there are none.</param>
    public abstract (Tensor LogDensity, Tensor? Completed) Score(Tensor parameters, Tensor values, Tensor mask, RandomDraws? random);

    /// <summary>Whether a cell's own value decides, so that <see cref="MissingProbability"/> is of use.</summary>
    public virtual bool IsOwn(int column) => false;

    /// <summary>The probability that a value of a column is missing.</summary>
    /// <param name="column">The column.</param>
    /// <param name="encoded">The value, in the units of the network.</param>
    public virtual double MissingProbability(int column, double encoded) => 1;

    private protected static double NormalCdf(double x) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x);

    /// <summary>1 for columns that have a model, [1, 1, columns].</summary>
    private protected static Tensor Indicator(IEnumerable<bool> isModelled)
    {
        double[] ones = [.. isModelled.Select(m => m ? 1.0 : 0)];
        return Tensor.FromArray(ones, [1, 1, ones.Length]);
    }
}

/// <summary>
/// Self-masking: Φ(a(x − b) + c) for numbers, a free score for each level. A hole is the mean of that over what the cell could have been given the code: for a normal
/// Φ((a(μ − b) + c)/√(1 + a²σ²)), for a mixture of normals or levels a sum. So ln p(observed, s|z) is exact.
/// </summary>
internal sealed class SelfMaskModel : MaskModel
{
    // A step as sharp as single precision can learn.
    private const double LargestLogSlope = 5;

    private readonly TableObservation _observation;
    private readonly Part?[] _parts;
    private readonly MaskedEnd?[] _ends;

    public SelfMaskModel(TableObservation observation, IReadOnlyList<MaskedColumn> columns)
    {
        _observation = observation;
        var ends = columns.ToDictionary(c => c.Column, c => c.End);
        _ends = [.. observation.Columns.Select(c => ends.GetValueOrDefault(c.Column.Name))];
        _parts = [.. observation.Places.Select((place, i) => Enumerable.Range(place.Start, place.Block.Columns.Count).Any(c => _ends[c] is not null) ? new Part(place.Block, _ends.AsSpan(place.Start, place.Block.Columns.Count), i) : null)];
    }

    public override IReadOnlyList<Variable> Variables => [.. _parts.OfType<Part>().SelectMany(p => p.Variables)];

    public override bool DrawsCells => false;

    public override (Tensor LogDensity, Tensor? Completed) Score(Tensor parameters, Tensor values, Tensor mask, RandomDraws? random)
    {
        var (draws, rows) = (parameters.Shape[0], parameters.Shape[1]);
        var cells = new List<Tensor>();
        foreach (var ((block, start, parameter), part) in _observation.Places.Zip(_parts))
        {
            var count = block.Columns.Count;
            if (part is null)
            {
                cells.Add(Tensor.Full([draws, rows, count], 0, parameters.Type));
                continue;
            }
            var isThere = mask.Slice(1, start, count).Reshape([1, rows, count]) > 0.0;
            var there = part.LogThere(values.Slice(1, start, count).Reshape([1, rows, count]));
            var missing = part.LogMissing(parameters.Slice(2, parameter, block.ParameterCount));
            cells.Add((Where(isThere, there, missing) * Indicator(_ends.AsSpan(start, count).ToArray().Select(e => e is not null))).BroadcastTo([draws, rows, count]));
        }
        return (Tensor.Concatenate(2, [.. cells]), null);
    }

    public override bool IsOwn(int column) => _ends[column] is not null;

    public override double MissingProbability(int column, double encoded)
    {
        var (place, part) = _observation.Places.Zip(_parts).Last(p => p.First.Start <= column);
        return NormalCdf(part!.Score(column - place.Start, encoded));
    }

    /// <summary>The scores of a block of columns.</summary>
    private sealed class Part
    {
        private readonly Likelihood _block;
        private readonly MaskedEnd?[] _ends;
        private readonly int _levels;

        public Part(Likelihood block, ReadOnlySpan<MaskedEnd?> ends, int number)
        {
            (_block, _ends, _levels) = (block, ends.ToArray(), block.LevelWidth);
            var columns = block.Columns.Count;
            Variables = _levels > 0 ? [new($"mask{number}.offset", [columns * _levels])] : [new($"mask{number}.offset", [columns]), new($"mask{number}.slope", [columns]), new($"mask{number}.threshold", [columns])];
        }

        public IReadOnlyList<Variable> Variables { get; }

        private Variable Offset => Variables[0];

        private Variable LogSlope => Variables[1];

        private Variable Threshold => Variables[2];

        /// <summary>ln p of cells that are there.</summary>
        public Tensor LogThere(Tensor values)
        {
            if (_levels == 0)
                return LogNormalCdf(-(Slope * (values - Threshold.Value) + Offset.Value));
            var shape = Shape.Create([.. values.Shape, _levels]);
            var isLevel = values.Reshape(Shape.Create([.. values.Shape, 1])).BroadcastTo(shape).EqualTo(Tensor.Iota(shape, shape.Rank - 1, values.Type));
            return Where(isLevel, LogNormalCdf(-Offsets).BroadcastTo(shape), Tensor.Scalar(0, values.Type)).Sum(-1);
        }

        /// <summary>ln p of holes, given the code.</summary>
        public Tensor LogMissing(Tensor parameters)
        {
            if (_levels > 0)
                return LogSumExp(_block.LogLevels(parameters) + LogNormalCdf(Offsets), -1);
            var spread = _block.Spread(parameters);
            var slope = Slope;
            var score = slope * (spread.Location - Threshold.Value) + Offset.Value;
            var columns = _block.Columns.Count;
            var scaled = Square(slope).Reshape([1, 1, columns, 1]) * Square(spread.Scales);
            var each = LogNormalCdf(score.Reshape(Shape.Create([.. score.Shape, 1])) / Sqrt(1.0 + scaled));
            return spread.LogWeights is { } weights ? LogSumExp(each + weights, -1) : each.Sum(-1);
        }

        public double Score(int column, double value)
        {
            if (_levels > 0)
                return Offset.AsSpan<float>()[column * _levels + (int)value];
            var v = Math.Clamp(LogSlope.AsSpan<float>()[column], -LargestLogSlope, LargestLogSlope);
            var slope = _ends[column] switch { MaskedEnd.High => Math.Exp(v), MaskedEnd.Low => -Math.Exp(v), _ => Math.Sinh(v) };
            return slope * (value - Threshold.AsSpan<float>()[column]) + Offset.AsSpan<float>()[column];
        }

        private Tensor Offsets => Offset.Value.Reshape([1, 1, _block.Columns.Count, _levels]);

        // The slope of a known sign is an exponential; of an unknown one the odd half of two, which is nearly the number itself about 0, and as quick to become sharp.
        private Tensor Slope
        {
            get
            {
                var v = Clamp(LogSlope.Value, -LargestLogSlope, LargestLogSlope);
                var (up, down) = (Exp(v), Exp(-v));
                Tensor Constant(Func<MaskedEnd?, double> of) => Tensor.FromArray([.. _ends.Select(of)], [_ends.Length]);
                return up * Constant(e => e switch { MaskedEnd.High => 1, MaskedEnd.Low => -1, _ => 0.5 }) - down * Constant(e => e is MaskedEnd.High or MaskedEnd.Low ? 0 : 0.5);
            }
        }
    }
}

/// <summary>Holes by all values of a row: Φ of a linear function or a network of the row, with draws in the place of what is missing (Ipsen, Mattei and Frellsen, 2021).</summary>
internal sealed class JointMaskModel : MaskModel
{
    private readonly TableObservation _observation;
    private readonly Mlp _network;
    private readonly bool[] _isModelled;

    public JointMaskModel(TableObservation observation, IReadOnlyList<string> columns, int? hidden, ulong seed)
    {
        _observation = observation;
        _isModelled = [.. observation.Columns.Select(c => columns.Contains(c.Column.Name))];
        var inputs = observation.FeatureCount - observation.Size;
        _network = new("mask", hidden is { } units ? [inputs, units, observation.Size] : [inputs, observation.Size], Activation.Tanh, new(seed, (ulong)Autoencoders.RandomUse.MaskWeights), outputScale: 0);
    }

    public override IReadOnlyList<Variable> Variables => [.. _network.Variables];

    public override bool DrawsCells => true;

    public override (Tensor LogDensity, Tensor? Completed) Score(Tensor parameters, Tensor values, Tensor mask, RandomDraws? random)
    {
        var (draws, rows, size) = (parameters.Shape[0], parameters.Shape[1], _observation.Size);
        var parts = new List<Tensor>();
        foreach (var (block, start, parameter) in _observation.Places)
        {
            var count = block.Columns.Count;
            var known = values.Slice(1, start, count).Reshape([1, rows, count]).BroadcastTo([draws, rows, count]);
            var isThere = mask.Slice(1, start, count).Reshape([1, rows, count]).BroadcastTo([draws, rows, count]) > 0.0;
            var isDrawn = Enumerable.Range(start, count).Any(c => _isModelled[c]);
            parts.Add(isDrawn ? Where(isThere, known, block.DrawNumbers(parameters.Slice(2, parameter, block.ParameterCount), random!)) : known);
        }
        var completed = Tensor.Concatenate(2, [.. parts]);
        var flat = completed.Reshape([draws * rows, size]);
        var score = _network.Apply(_observation.ValueFeatures(flat, Tensor.Full(flat.Shape, 1, flat.Type))).Reshape([draws, rows, size]);
        var isObserved = mask.Reshape([1, rows, size]) > 0.0;
        return (LogNormalCdf(Where(isObserved, -score, score)) * Indicator(_isModelled), completed);
    }
}
