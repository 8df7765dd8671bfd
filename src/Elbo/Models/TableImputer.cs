using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Models;

/// <summary>What is wanted of an imputation.</summary>
/// <param name="Draws">Multiple imputations.</param>
/// <param name="Samples">Draws of the code for each row.</param>
/// <param name="Seed">Of all draws.</param>
/// <param name="Interval">The probability of intervals; null for none.</param>
internal sealed record ImputationRequest(int Draws, int Samples, ulong Seed, double? Interval)
{
    /// <summary>The probability that the model is to give to intervals of numbers.</summary>
    public double? IntervalOfNumbers { get; init; } = Interval;

    /// <summary>The true values of cells, by row and column, where only cells are to be filled of which they are known.</summary>
    public Func<int, string, double?>? Truth { get; init; }
}

/// <summary>
/// Fills missing cells by self-normalised importance sampling from q(z|x): weights p(x, s, z)/q(z|x) turn draws of the approximate posterior into draws of the exact one
/// (Mattei and Frellsen, 2019; with a model of the holes s, Ipsen, Mattei and Frellsen, 2021).
/// </summary>
internal static class TableImputer
{
    public static TableImputation Impute(TableObservation observation, CodeSampler posterior, Table table, ImputationRequest request, TableLabel? label = null)
    {
        var encoded = EncodedTable.Of(table, observation.Columns);
        var labels = label is null ? null : TableLabel.LabelsOf(table, label.Column);
        IRows data = labels is null ? encoded : new LabelledRows(encoded, labels);
        var cells = new Dictionary<(int, string), FilledCell>();
        int[] rows = [.. Enumerable.Range(0, table.RowCount).Where(row => encoded.Mask(row).Contains(0f) || (labels is not null && labels[row] is null))];
        var calls = Math.Max(1, (request.Samples + posterior.Samples - 1) / posterior.Samples);
        for (var start = 0; start < rows.Length; start += posterior.Rows)
        {
            var batch = rows.AsSpan(start, Math.Min(posterior.Rows, rows.Length - start));
            var fills = new RowFill[batch.Length];
            for (var i = 0; i < fills.Length; i++)
                fills[i] = new RowFill(observation, encoded.Mask(batch[i]), request with { Samples = calls * posterior.Draws }, batch[i], labels is null || labels[batch[i]] is not null ? null : label);
            for (var call = 0; call < calls; call++)
            {
                posterior.Run(data, batch, start / posterior.Rows * calls + call, start / posterior.Rows);
                for (var draw = 0; draw < posterior.Draws; draw++)
                {
                    for (var i = 0; i < fills.Length; i++)
                        fills[i].Add(posterior.LogWeights[draw * posterior.Rows + i], posterior.Parameters(draw, i), posterior.Completed(draw, i), draw);
                }
            }
            for (var i = 0; i < fills.Length; i++)
                fills[i].Finish(batch[i], cells);
        }
        return new(cells, request.Draws, request.Interval);
    }

    /// <summary>Walks all columns with their place among the decoder's outputs.</summary>
    public static void ForCells(TableObservation observation, Action<Likelihood, int, int, int> action)
    {
        foreach (var (block, start, parameter) in observation.Places)
        {
            for (var column = 0; column < block.Columns.Count; column++)
                action(block, column, parameter, start + column);
        }
    }

    /// <summary>One row being filled: what is known of each missing cell, and for each imputation the draw of the code it has settled on so far.</summary>
    private sealed class RowFill
    {
        private readonly List<MissingCell> _missing = [];
        private readonly ImputationRequest _request;
        private readonly RandomNumbers _random;
        private readonly (float[] Parameters, float[] Completed, int Class)[] _chosen;
        private readonly TableLabel? _label;
        private readonly double[] _classes;
        private double _max = double.NegativeInfinity;
        private double _total;

        /// <param name="observation">The columns.</param>
        /// <param name="mask">1 where a cell is observed.</param>
        /// <param name="request">What is wanted.</param>
        /// <param name="row">The row.</param>
        /// <param name="label">The label where it is missing, whose classes codes go through; null otherwise.</param>
        public RowFill(TableObservation observation, ReadOnlySpan<float> mask, ImputationRequest request, int row, TableLabel? label)
        {
            (_request, _label, _classes) = (request, label, new double[label?.Column.Levels.Count ?? 0]);
            _random = new(request.Seed, ((ulong)RandomUse.Cells << 40) + (uint)row);
            // Draws for intervals come from elsewhere, so that fills are the same with them and without.
            var predictions = new RandomNumbers(request.Seed, ((ulong)RandomUse.Predictions << 40) + (uint)row);
            var isMissing = mask.ToArray().Select(m => m == 0).ToArray();
            ForCells(observation, (block, column, parameter, c) =>
            {
                if (!isMissing[c])
                    return;
                var place = new CellPlace(observation.Holes, block, column, parameter, c);
                if (request.Truth is null || request.Truth(row, place.Column.Column.Name) is not null)
                    _missing.Add(new(place, request, predictions));
            });
            _chosen = new (float[], float[], int)[request.Draws];
        }

        // Weights are relative to the greatest so far. Each imputation keeps one code, replaced by a new one with the probability
        // that the new one's share of all weight so far gives it: in the end each code is kept with its share of the whole.
        public void Add(double logWeight, ReadOnlySpan<float> parameters, ReadOnlySpan<float> completed, int code)
        {
            if (logWeight > _max)
            {
                var shrink = Math.Exp(_max - logWeight);
                _total *= shrink;
                foreach (var cell in _missing)
                    cell.Scale(shrink);
                for (var k = 0; k < _classes.Length; k++)
                    _classes[k] *= shrink;
                _max = logWeight;
            }
            var weight = Math.Exp(logWeight - _max);
            _total += weight;
            var ofClass = _classes.Length > 0 ? code % _classes.Length : 0;
            if (_classes.Length > 0)
                _classes[ofClass] += weight;
            foreach (var cell in _missing)
                cell.Add(weight, logWeight, parameters, completed);
            for (var draw = 0; draw < _chosen.Length; draw++)
            {
                if (_chosen[draw].Parameters is null || _random.NextUniform() * _total < weight)
                    _chosen[draw] = (parameters.ToArray(), completed.ToArray(), ofClass);
            }
        }

        public void Finish(int row, Dictionary<(int, string), FilledCell> cells)
        {
            if (_label is not null)
                cells[(row, _label.Column.Name)] = new(Array.IndexOf(_classes, _classes.Max()), [.. _chosen.Select(code => (double)code.Class)], null, Array.ConvertAll(_classes, c => c / _total));
            foreach (var cell in _missing)
            {
                cell.Scale(1 / _total);
                double[] draws = [.. _chosen.Select(code => cell.Place.Draw(code.Parameters, code.Completed, _random))];
                var name = cell.Place.Column.Column.Name;
                double? reach = _request.Truth?.Invoke(row, name) is { } truth ? cell.Reach(truth) : null;
                cells[(row, name)] = cell.Filled(draws, _request.Interval, _request.IntervalOfNumbers) with { Reach = reach };
            }
        }
    }
}
