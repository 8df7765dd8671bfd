using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Tables;
using Elbo.Tests.Models;

namespace Elbo.Tests.Objectives;

public sealed class MissingCellTests
{
    private const int Rows = 6;
    private const int Latent = 2;

    [Fact]
    public void What_lies_under_a_missing_cell_changes_neither_bound_nor_gradient()
    {
        using var graph = new MixedGraph();
        var with0 = graph.Run(hidden: 0);
        var with1 = graph.Run(hidden: 1);

        Assert.InRange(with0.Length, 500, 2000);
        Assert.All(with0, v => Assert.True(double.IsFinite(v)));
        Assert.Equal(with0, with1);
        Assert.NotEqual(with0, graph.Run(hidden: 0, observe: true));
    }

    [Fact]
    public void Missing_cells_add_exactly_nothing_and_the_decoder_learns_nothing_from_them()
    {
        using var graph = new MixedGraph();
        graph.Run(hidden: 1);
        for (var row = 0; row < Rows; row++)
        {
            for (var c = 0; c < graph.Columns; c++)
            {
                if (MixedGraph.IsMissing(row, c))
                    Assert.Equal(0, graph.Cells[row * graph.Columns + c]);
                else
                    Assert.NotEqual(0, graph.Cells[row * graph.Columns + c]);
            }
            // Row 0 is missing altogether.
            Assert.Equal(row != 0, graph.ByParameters.AsSpan(row * graph.Parameters, graph.Parameters).ContainsAnyExcept(0f));
        }
    }

    [Fact]
    public void A_row_without_values_has_minus_its_divergence_for_a_bound_and_the_prior_for_a_posterior()
    {
        var random = new RandomNumbers(1, 5);
        double[][] columns = [.. Enumerable.Range(0, 3).Select(_ => new double[600])];
        for (var row = 0; row < 600; row++)
        {
            var z = random.NextNormal();
            for (var c = 0; c < 3; c++)
                columns[c][row] = row % 6 == 0 ? double.NaN : z + 0.3 * random.NextNormal();
        }
        var table = new Table([.. columns.Select((_, c) => new Column($"x{c}", ColumnKind.Real))], [.. columns.Select(c => (ReadOnlyMemory<double>)c)]);
        using var model = TableVae.Fit(table, new() { Latent = 1, Hidden = [16] }, new() { Epochs = 60, WarmUp = 0, LearningRate = 1e-2, Threads = 1 });

        int[] empty = [.. Enumerable.Range(0, 600).Where(row => row % 6 == 0)];
        var evaluation = model.Evaluate(table.SelectRows(empty));
        Assert.Equal(0, evaluation.Bound.Reconstruction);
        Assert.All(evaluation.Bound.Columns, c => Assert.Equal(0, c.Value));
        Assert.Equal(-evaluation.Bound.Kl, evaluation.Bound.Elbo);
        // ln p of nothing is 0, whatever q: the weighted bound finds it, and the bound comes close once q has learned the prior.
        Assert.Equal(0, evaluation.ImportanceWeighted.Value, 0.02);
        Assert.InRange(evaluation.Bound.Kl, 0, 0.05);
    }

    /// <summary>The bound of a block of every family, and its gradient by everything that is learned.</summary>
    private sealed class MixedGraph : IDisposable
    {
        private readonly Cpu _cpu = new(1);
        private readonly LatentNetwork _network;
        private readonly TableObservation _observation;
        private readonly RowInputs _rows = RowInputs.Of(Rows, 9);
        private readonly Tensor _noise = Tensor.Input("noise", [1, Rows, Latent]);
        private readonly Tensor _cells;
        private readonly Tensor[] _gradients;
        private readonly Tensor _byParameters;
        private readonly CompiledFunction _function;

        public MixedGraph()
        {
            ModelledColumn Of(ColumnKind kind, LikelihoodKind family, int levels = 0) =>
                new(new Column($"{family}{levels}", kind, [.. Enumerable.Range(0, levels).Select(l => $"{l}")]), family, 0.5, 1.5, 0, 0, 10);
            (_network, _observation) = TableParts.Of(
                [
                    Of(ColumnKind.Real, LikelihoodKind.Gaussian), Of(ColumnKind.Real, LikelihoodKind.StudentT), Of(ColumnKind.Positive, LikelihoodKind.LogNormal),
                    Of(ColumnKind.Binary, LikelihoodKind.Bernoulli, 2), Of(ColumnKind.Category, LikelihoodKind.Categorical, 4), Of(ColumnKind.Count, LikelihoodKind.Poisson),
                    Of(ColumnKind.Count, LikelihoodKind.NegativeBinomial), Of(ColumnKind.Ordinal, LikelihoodKind.Ordinal, 2), Of(ColumnKind.Ordinal, LikelihoodKind.Ordinal, 5),
                ],
                Latent, [16], decoderScale: 1);
            var code = _network.Infer(_observation.Features(_rows.Values, _rows.Mask), _noise);
            _cells = _observation.LogDensity(code.Parameters, _rows.Values, _rows.Mask);
            var bound = _cells.Sum() - code.Divergence.Sum();
            _gradients = Gradient.Of(bound, [.. _network.Variables.Concat(_observation.Variables).Select(v => v.Value)]);
            _byParameters = Gradient.Of(_cells.Sum(), code.Parameters)[0];
            _function = _cpu.Compile([_cells, _byParameters, bound, .. _gradients]);
            _outputs = [_cells, bound, .. _gradients];
        }

        private readonly Tensor[] _outputs;

        public int Columns => _observation.Columns.Count;

        public int Parameters => _observation.ParameterCount;

        public float[] Cells => _function.Output<float>(_cells).ToArray();

        public float[] ByParameters => _function.Output<float>(_byParameters).ToArray();

        public static bool IsMissing(int row, int column) => row == 0 || (row + column) % 3 == 0;

        /// <summary>Cells, bound and gradients with 1 in every observed cell and another value under the missing ones.</summary>
        public double[] Run(float hidden, bool observe = false)
        {
            var values = _function.Input<float>(_rows.Values);
            var mask = _function.Input<float>(_rows.Mask!);
            for (var i = 0; i < values.Length; i++)
            {
                var isMissing = IsMissing(i / Columns, i % Columns);
                values[i] = isMissing ? hidden : 1;
                mask[i] = isMissing && !observe ? 0 : 1;
            }
            var noise = _function.Input<float>(_noise);
            for (var i = 0; i < noise.Length; i++)
                noise[i] = MathF.Sin(i);
            _function.Run();
            return [.. _outputs.SelectMany(o => _function.Output<float>(o).ToArray()).Select(v => (double)v)];
        }

        public void Dispose()
        {
            _function.Dispose();
            _cpu.Dispose();
            foreach (var variable in _network.Variables)
                variable.Dispose();
        }
    }
}
