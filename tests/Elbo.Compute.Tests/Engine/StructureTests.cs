using Elbo.Compute.Tests.Reference;
using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Engine;

/// <summary>Views, broadcasts and reductions in every position, and outputs that share what they are.</summary>
public class StructureTests
{
    [Fact]
    public void Reductions_over_every_subset_of_axes()
    {
        foreach (var shape in (Shape[])[[7], [1], [5, 6], [1, 37], [37, 1], [3, 4, 21], [2, 1, 3, 5], [2, 3, 2, 2, 3]])
        {
            var experiment = new Experiment();
            var (x, single) = (experiment.Input(shape), experiment.Input(shape, DType.Float32));
            var outputs = new List<Tensor>();
            for (var subset = 1; subset < 1 << shape.Rank; subset++)
            {
                int[] axes = [.. Enumerable.Range(0, shape.Rank).Where(axis => (subset >> axis & 1) != 0)];
                outputs.AddRange([x.Sum(axes), Exp(x).MaxKeeping(axes), (x * x + 1).Mean(axes), single.Sum(axes), (-single).Max(axes)]);
            }
            experiment.Agrees(3e-6, [.. outputs]);
        }
    }

    [Theory]
    [InlineData(70_000, 1, 1)] // one result
    [InlineData(300, 200, 1)] // many results of long rows
    [InlineData(40_000, 3, 1)] // few results, inner axis kept
    [InlineData(3, 40_000, 1)] // few results, inner axis reduced
    [InlineData(40, 1000, 5)]
    [InlineData(6000, 1, 3)] // below the size that is split, but enough work for two threads
    public void Large_reductions_are_the_sum_of_their_parts(int rows, int columns, int depth)
    {
        var experiment = new Experiment();
        var x = experiment.Input([rows, columns, depth]);
        var y = Exp(x * 0.25) * Sin(x) + Cos(x);
        Tensor[] outputs = [y.Sum(), y.Max(), y.Sum(0), y.Sum(1), y.Sum(2), y.Max(0, 2), y.Sum(1, 2), (y - y.MaxKeeping(0)).Sum(0), x.Transpose().Sum(), x.Slice(0, 1, rows - 1).Sum()];
        foreach (var threads in (int[])[1, 2, 3])
            experiment.Agrees(threads, VectorWidths.Best, new(), 1e-9, outputs);
        experiment.Agrees(2, VectorWidth.Scalar, new(), 1e-9, outputs);
    }

    [Fact]
    public void A_full_reduction_over_loops_that_do_not_merge()
    {
        var experiment = new Experiment();
        var x = experiment.Input([8, 1, 6000]);
        var y = experiment.Input([1, 1, 6000]);
        var z = (Exp(x * 0.5) * y + Sin(x)).Sum();
        experiment.Agrees(2, VectorWidths.Best, new(), 1e-9, z);
        experiment.Agrees(3, VectorWidths.Best, new(), 1e-9, z);
    }

    [Fact]
    public void Sums_and_maxima_of_one_value_over_the_same_and_over_other_axes()
    {
        var experiment = new Experiment();
        var x = Tanh(experiment.Input([6, 7, 19]));
        experiment.Agrees(1e-12, x.Sum(2), x.Max(2), x.Sum(0), x.Max(0), x.Sum(0, 2), x.Max(1), x.Sum(), x.Max(), x, x - x.MaxKeeping(2), Softmax(x, 1), LogSoftmax(x), LogSumExp(x, 0, 1));
    }

    [Fact]
    public void Sums_over_an_axis_and_over_it_and_one_of_a_single_element_share_a_loop()
    {
        var experiment = new Experiment();
        var x = experiment.Input([3000, 1]);
        Tensor[] outputs = [Exp(x).SumKeeping(0), Sin(x).SumKeeping(0, 1), x.SumKeeping(1)];
        experiment.Agrees(1e-10, outputs);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile(outputs[..2]);
        Assert.Single(function.Info.Kernels);
    }

    [Fact]
    public void Broadcasts_along_outer_middle_and_inner_axes()
    {
        var experiment = new Experiment();
        var x = experiment.Input([4, 5, 18]);
        Tensor[] others = [experiment.Input([]), experiment.Input([18]), experiment.Input([1]), experiment.Input([5, 1]), experiment.Input([4, 1, 1]), experiment.Input([4, 1, 18]), experiment.Input([1, 5, 1]), experiment.Input([4, 5, 1])];
        experiment.Agrees(1e-13, [.. others.Select(y => x * y + y), .. others.Select(y => (x - y).Sum(1)), .. others.Select(y => Exp(y) + y), .. others.Select(y => y.BroadcastTo(x.Shape).Sum(0, 2))]);
        experiment.Agrees(1e-13, others[3] * others[4] * others[1], (others[3] + others[4]).Max(0), others[7].BroadcastTo([4, 5, 18]).Reshape([20, 18]), others[5].BroadcastTo([4, 5, 18]).MaxKeeping(1).Transpose());
    }

    [Fact]
    public void Slices_with_offsets_and_columns()
    {
        var experiment = new Experiment();
        var x = experiment.Input([9, 40]);
        Tensor[] parts = [x.Slice(0, 2, 3), x.Slice(1, 3, 33), x.Slice(1, 7, 1), x.Slice([1, 5], [7, 20]), x.Slice(1, 39, 1).Reshape([9]), x.Slice(0, 8, 1), x.Slice([8, 39], [1, 1]), x.Transpose().Slice(0, 5, 30), x.Slice(1, 1, 17).Slice(1, 1, 16)];
        experiment.Agrees(1e-12, [.. parts, .. parts.Select(p => p * 2 + 1), .. parts.Select(p => p.Sum()), .. parts.Select(p => p.Sum(0)), .. parts.Select(p => p.Max(-1))]);
        experiment.Agrees(1e-12, parts[1].MatMul(parts[1], false, true), parts[3].MatMul(parts[2].Slice(0, 1, 7), true), parts[2].MatMul(parts[5]));
    }

    [Fact]
    public void Transposes_into_functions_reductions_and_products()
    {
        var experiment = new Experiment();
        var x = experiment.Input([4, 6, 10]);
        var y = experiment.Input([10, 6, 4]);
        var t = x.Transpose(2, 1, 0);
        experiment.Agrees(1e-11, t, t + y, Exp(t).Sum(0), t.Sum(0), t.Sum(2), t.Max(1), t.Reshape([60, 4]).MatMul(y.Reshape([60, 4]), true), x.Transpose(1, 0, 2), x.Transpose(1, 0, 2).Sum(1),
            t.Slice(0, 2, 3), t.Transpose(2, 1, 0) * x, t.CumulativeSum(0), t.Pad([1, 0, 2], [0, 3, 1]), Tensor.Concatenate(1, t, y, t.Slice(1, 1, 2)));
    }

    [Fact]
    public void Reshapes_of_what_is_not_dense()
    {
        var experiment = new Experiment();
        var x = experiment.Input([4, 6, 10]);
        experiment.Agrees(1e-12, x.Slice(2, 1, 5).Reshape([120]), x.Slice(0, 1, 2).Reshape([12, 10]), x.Transpose(0, 2, 1).Reshape([40, 6]), x.SumKeeping(1).BroadcastTo([4, 6, 10]).Reshape([24, 10]),
            x.Slice(1, 2, 1).Reshape([4, 10]), Tensor.Full([4, 6], 2, DType.Float64).Reshape([24]) + x.Sum(2).Reshape([24]), x.Reshape([240]).Slice(0, 7, 200).Reshape([20, 10]).Sum(1));
    }

    [Fact]
    public void Concatenations_and_paddings_of_views_and_constants()
    {
        var experiment = new Experiment();
        var x = experiment.Input([3, 4]);
        var column = experiment.Input([3, 1]);
        var constant = Tensor.Full([3, 2], -1.5, DType.Float64);
        experiment.Agrees(0, Tensor.Concatenate(1, x, column.BroadcastTo([3, 2]), constant, x.Slice(1, 1, 2)), Tensor.Concatenate(0, x, x), constant.Pad([1, 1], [0, 2]), x.Slice(1, 2, 1).Pad([0, 3], [2, 0]),
            Tensor.Concatenate(-1, x < 0.0, column.BroadcastTo([3, 3]) < 0.0), Tensor.Concatenate(0, experiment.Indices([3], 9), experiment.Indices([4], 9)), (x < 0.5).Pad([1, 0], [0, 1]));
    }

    [Fact]
    public void Ranks_from_zero_to_five()
    {
        for (var rank = 0; rank <= 5; rank++)
        {
            var experiment = new Experiment(rank);
            var shape = Shape.Create([.. Enumerable.Range(2, rank).Select(axis => axis == 3 ? 1 : axis)]);
            var (x, y) = (experiment.Input(shape), experiment.Input(shape));
            experiment.Agrees(1e-12, x + y, Exp(x), (x * y).Sum(), x.Max(), x.Reshape([x.Shape.Elements]), x.Transpose([.. Enumerable.Range(0, rank).Reverse()]) * 2, x.Reshape([1, x.Shape.Elements]).Sum(1));
        }
    }

    [Fact]
    public void Outputs_that_are_inputs_constants_views_or_each_other()
    {
        var experiment = new Experiment();
        var x = experiment.Input([3, 4]);
        var y = Exp(x);
        experiment.Agrees(1e-13, x, y, y, x.Transpose(), y.Slice(0, 1, 1), y.Reshape([12]), y.Transpose(), Tensor.Scalar(2), Tensor.Full([2, 2], 3), Tensor.Iota([3, 2], 1), x.Slice(1, 1, 2), Exp(x), x.Named("again"), x.SumKeeping(0).BroadcastTo([3, 4]));
    }

    [Fact]
    public void A_function_of_nothing_runs()
    {
        using var cpu = new Cpu(1);
        using var nothing = cpu.Compile([]);
        nothing.Run();
        Assert.Empty(nothing.Info.Kernels);
        var constant = Exp(Tensor.Full([5], 1, DType.Float64)).Sum();
        using var function = cpu.Compile([constant]);
        function.Run();
        Assert.Equal(5 * Math.E, function.Scalar(constant), 1e-13);
    }

    [Fact]
    public void An_input_that_rewriting_removes_may_still_be_written()
    {
        var x = Tensor.Input("x", [3], DType.Float64);
        var y = Tensor.Input("y", [3], DType.Float64);
        var chosen = Where(Tensor.Full([3], 1, DType.Bool), x, y);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([chosen]);
        new double[] { 1, 2, 3 }.CopyTo(function.Input<double>(x));
        function.Input<double>(y).Fill(double.NaN);
        function.Run();
        Assert.Equal([1, 2, 3], function.Output<double>(chosen).ToArray());
    }
}
