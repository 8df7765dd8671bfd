using Elbo.Compute;

namespace Elbo.Models;

/// <summary>A missing cell while its row is filled: weighted expectations, and weighted draws where an interval is wanted or no expectation is known.</summary>
internal sealed class MissingCell
{
    // Draws of a number over all codes.
    private const int UsualDraws = 2048;

    private readonly double[] _statistics;
    private readonly RandomNumbers _random;
    private readonly double[] _values;
    private readonly double[] _logWeights;
    private readonly double[] _tilts;
    private int _count;

    public MissingCell(CellPlace place, ImputationRequest request, RandomNumbers random)
    {
        (Place, _random) = (place, random);
        _statistics = new double[place.Block.StatisticCount(place.InBlock)];
        var isNumber = !place.Column.Column.HasLevels;
        var each = place.IsDrawn ? 1 : Math.Max(1, UsualDraws / request.Samples);
        var isDrawn = isNumber && (request.Interval is not null || place.IsTilted || place.IsDrawn);
        (_values, _logWeights, _tilts) = (new double[isDrawn ? each * request.Samples : 0], new double[isDrawn ? each * request.Samples : 0], new double[each]);
    }

    public CellPlace Place { get; }

    private bool IsNumber => !Place.Column.Column.HasLevels;

    /// <summary>Multiplies all that was added.</summary>
    public void Scale(double factor)
    {
        for (var k = 0; k < _statistics.Length; k++)
            _statistics[k] *= factor;
    }

    /// <summary>Adds a code.</summary>
    /// <param name="weight">Its weight, relative to others.</param>
    /// <param name="logWeight">The logarithm of its weight, absolute.</param>
    /// <param name="parameters">Outputs of the decoder for it.</param>
    /// <param name="completed">The row with its holes drawn; empty where they are not.</param>
    public void Add(double weight, double logWeight, ReadOnlySpan<float> parameters, ReadOnlySpan<float> completed)
    {
        if (!IsNumber)
            Place.AddLevels(parameters, weight, _statistics);
        else if (!Place.IsTilted && !Place.IsDrawn)
            Place.Block.AddExpectation(Place.InBlock, Place.Outputs(parameters), weight, _statistics);
        if (_values.Length == 0)
            return;
        var sum = 0.0;
        for (var i = 0; i < _tilts.Length; i++)
        {
            var value = Place.IsDrawn ? Place.Drawn(completed) : Place.Block.Draw(Place.InBlock, Place.Outputs(parameters), _random);
            _values[_count + i] = value;
            sum += _tilts[i] = Math.Max(Place.MissingProbability(value), double.Epsilon);
        }
        var mean = 0.0;
        for (var i = 0; i < _tilts.Length; i++)
        {
            _logWeights[_count + i] = logWeight + Math.Log(_tilts[i] / sum);
            mean += _values[_count + i] * _tilts[i] / sum;
        }
        _count += _tilts.Length;
        if (Place.IsTilted || Place.IsDrawn)
            _statistics[0] += weight * mean;
    }

    /// <summary>What is said of the cell, once weights add up to one.</summary>
    /// <param name="draws">A value of each multiple imputation.</param>
    /// <param name="interval">The probability of the interval of levels; null for none.</param>
    /// <param name="ofNumbers">That of numbers.</param>
    public FilledCell Filled(double[] draws, double? interval, double? ofNumbers)
    {
        var column = Place.Column;
        // What the model says of holes may lie beyond all that was seen.
        var point = IsNumber && (Place.IsTilted || Place.IsDrawn) ? column.Nearest(_statistics[0]) : Place.Block.Point(Place.InBlock, _statistics);
        if (IsNumber)
            return new(point, draws, ofNumbers is { } level ? OfDraws((1 - level) / 2) : null, null);
        var isOrdered = column.Column.Kind == Tables.ColumnKind.Ordinal;
        return new(point, draws, isOrdered && interval is { } probability ? OfLevels((1 - probability) / 2) : null, _statistics);
    }

    /// <summary>The least probability of the intervals that hold a value; null for levels, and where nothing was drawn.</summary>
    public double? Reach(double truth)
    {
        if (!IsNumber || _values.Length == 0)
            return null;
        var max = _logWeights.Max();
        var (below, above, all) = (0.0, 0.0, 0.0);
        for (var i = 0; i < _values.Length; i++)
        {
            var weight = Math.Exp(_logWeights[i] - max);
            all += weight;
            below += _values[i] <= truth ? weight : 0;
            above += _values[i] >= truth ? weight : 0;
        }
        return Math.Clamp(1 - (2 * Math.Min(below, above) / all), 0, 1);
    }

    private (double Lower, double Upper) OfDraws(double tail)
    {
        var max = _logWeights.Max();
        var weights = Array.ConvertAll(_logWeights, w => Math.Exp(w - max));
        Array.Sort(_values, weights);
        return Quantiles(weights, tail, i => _values[i]);
    }

    private (double Lower, double Upper) OfLevels(double tail) => Quantiles(_statistics, tail, i => i);

    // The least value with at least the tail at or below it, and the greatest with at least the tail at or above it.
    private static (double Lower, double Upper) Quantiles(double[] weights, double tail, Func<int, double> value)
    {
        var mass = tail * weights.Sum();
        var (lower, upper) = (0, weights.Length - 1);
        for (var sum = weights[0]; sum < mass && lower < weights.Length - 1; sum += weights[lower])
            lower++;
        for (var sum = weights[^1]; sum < mass && upper > 0; sum += weights[upper])
            upper--;
        return (value(lower), value(Math.Max(lower, upper)));
    }
}
