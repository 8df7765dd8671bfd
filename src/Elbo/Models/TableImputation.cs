using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Models;

/// <summary>Values for the missing cells of a table.</summary>
public sealed class TableImputation
{
    private readonly Dictionary<(int Row, string Column), (double Point, double[] Draws)> _cells;

    internal TableImputation(Dictionary<(int Row, string Column), (double Point, double[] Draws)> cells, int draws)
    {
        _cells = cells;
        Draws = draws;
    }

    /// <summary>How many missing cells have values.</summary>
    public int Count => _cells.Count;

    /// <summary>How many multiple imputations were drawn.</summary>
    public int Draws { get; }

    /// <summary>The best single value of a missing cell: the posterior mean of a number (for log-normal counts that of the median), the most probable level. Null if the cell was observed, or is of a column the model does not know.</summary>
    public double? Point(int row, string column) => _cells.TryGetValue((row, column), out var cell) ? cell.Point : null;

    /// <summary>A value of a missing cell in one of the multiple imputations, from 0; null as for <see cref="Point"/>. Within a row the cells of a draw belong together.</summary>
    public double? Draw(int row, string column, int draw) => _cells.TryGetValue((row, column), out var cell) ? cell.Draws[draw] : null;
}

/// <summary>Fills missing cells by self-normalised importance sampling from q(z|x): weights p(x, z)/q(z|x) turn draws of the approximate posterior into draws of the exact one.</summary>
internal static class TableImputer
{
    public static TableImputation Impute(TableObservation observation, CodeSampler posterior, Table table, int draws, int samples, ulong seed, TableLabel? label = null)
    {
        var encoded = EncodedTable.Of(table, observation.Columns);
        var labels = label is null ? null : TableLabel.LabelsOf(table, label.Column);
        IRows data = labels is null ? encoded : new LabelledRows(encoded, labels);
        var cells = new Dictionary<(int, string), (double, double[])>();
        int[] rows = [.. Enumerable.Range(0, table.RowCount).Where(row => encoded.Mask(row).Contains(0f) || (labels is not null && labels[row] is null))];
        var calls = Math.Max(1, (samples + posterior.Samples - 1) / posterior.Samples);
        for (var start = 0; start < rows.Length; start += posterior.Rows)
        {
            var batch = rows.AsSpan(start, Math.Min(posterior.Rows, rows.Length - start));
            var fills = new RowFill[batch.Length];
            for (var i = 0; i < fills.Length; i++)
                fills[i] = new RowFill(observation, encoded.Mask(batch[i]), draws, new RandomNumbers(seed, ((ulong)RandomUse.Cells << 40) + (uint)batch[i]), labels is null || labels[batch[i]] is not null ? null : label);
            for (var call = 0; call < calls; call++)
            {
                posterior.Run(data, batch, start / posterior.Rows * calls + call, start / posterior.Rows);
                for (var draw = 0; draw < posterior.Draws; draw++)
                {
                    for (var i = 0; i < fills.Length; i++)
                        fills[i].Add(posterior.LogWeights[draw * posterior.Rows + i], posterior.Parameters(draw, i), draw);
                }
            }
            for (var i = 0; i < fills.Length; i++)
                fills[i].Finish(batch[i], cells);
        }
        return new(cells, draws);
    }

    /// <summary>Walks all columns with their place among the decoder's outputs.</summary>
    public static void ForCells(TableObservation observation, Action<Likelihood, int, int, int> action)
    {
        var (parameter, c) = (0, 0);
        foreach (var block in observation.Blocks)
        {
            for (var column = 0; column < block.Columns.Count; column++)
                action(block, column, parameter, c++);
            parameter += block.ParameterCount;
        }
    }

    /// <summary>One row being filled: weighted expectations, and for each imputation the draw of the code it has settled on so far.</summary>
    private sealed class RowFill
    {
        private readonly List<(Likelihood Block, int Column, int Parameter, double[] Statistics)> _missing = [];
        private readonly RandomNumbers _random;
        private readonly float[][] _chosen;
        private readonly TableLabel? _label;
        private readonly double[] _classes;
        private readonly int[] _chosenClasses;
        private double _max = double.NegativeInfinity;
        private double _total;

        /// <param name="observation">The columns.</param>
        /// <param name="mask">1 where a cell is observed.</param>
        /// <param name="draws">Imputations.</param>
        /// <param name="random">Of draws.</param>
        /// <param name="label">The label where it is missing, whose classes codes go through; null otherwise.</param>
        public RowFill(TableObservation observation, ReadOnlySpan<float> mask, int draws, RandomNumbers random, TableLabel? label)
        {
            (_label, _classes, _chosenClasses) = (label, new double[label?.Column.Levels.Count ?? 0], new int[draws]);
            var missing = mask.ToArray();
            ForCells(observation, (block, column, parameter, c) =>
            {
                if (missing[c] == 0)
                    _missing.Add((block, column, parameter, new double[block.StatisticCount(column)]));
            });
            _random = random;
            _chosen = new float[draws][];
        }

        // Weights are relative to the greatest so far. Each imputation keeps one code, replaced by a new one with the probability
        // that the new one's share of all weight so far gives it: in the end each code is kept with its share of the whole.
        public void Add(double logWeight, ReadOnlySpan<float> parameters, int code)
        {
            if (logWeight > _max)
            {
                var shrink = Math.Exp(_max - logWeight);
                _total *= shrink;
                foreach (var (_, _, _, statistics) in _missing)
                {
                    for (var k = 0; k < statistics.Length; k++)
                        statistics[k] *= shrink;
                }
                for (var k = 0; k < _classes.Length; k++)
                    _classes[k] *= shrink;
                _max = logWeight;
            }
            var weight = Math.Exp(logWeight - _max);
            _total += weight;
            var ofClass = _classes.Length > 0 ? code % _classes.Length : 0;
            if (_classes.Length > 0)
                _classes[ofClass] += weight;
            foreach (var (block, column, parameter, statistics) in _missing)
                block.AddExpectation(column, parameters.Slice(parameter, block.ParameterCount), weight, statistics);
            for (var draw = 0; draw < _chosen.Length; draw++)
            {
                if (_chosen[draw] is null || _random.NextUniform() * _total < weight)
                {
                    parameters.CopyTo(_chosen[draw] ??= new float[parameters.Length]);
                    _chosenClasses[draw] = ofClass;
                }
            }
        }

        public void Finish(int row, Dictionary<(int, string), (double, double[])> cells)
        {
            if (_label is not null)
                cells[(row, _label.Column.Name)] = (Array.IndexOf(_classes, _classes.Max()), [.. _chosenClasses.Select(k => (double)k)]);
            foreach (var (block, column, parameter, statistics) in _missing)
            {
                for (var k = 0; k < statistics.Length; k++)
                    statistics[k] /= _total;
                double[] draws = [.. _chosen.Select(p => block.Draw(column, p.AsSpan(parameter, block.ParameterCount), _random))];
                cells[(row, block.Columns[column].Column.Name)] = (block.Point(column, statistics), draws);
            }
        }
    }
}
