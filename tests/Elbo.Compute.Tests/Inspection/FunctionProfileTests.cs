using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Tests.Inspection;

public sealed class FunctionProfileTests
{
    [Fact]
    public void Matrix_product_counts_two_for_each_multiply_add_and_every_element_once()
    {
        var kernel = Only(Tensor.Input("a", [3, 5, 7], DType.Float64).MatMul(Tensor.Input("b", [3, 7, 11], DType.Float64)));
        Assert.Equal("MatrixProduct", kernel.Name);
        Assert.Equal("[3, 5, 7] x [3, 7, 11] -> [3, 5, 11]", kernel.Shape);
        Assert.Equal(2 * 3 * 5 * 7 * 11, kernel.Flop);
        Assert.Equal(8 * 3 * (5 * 7 + 7 * 11 + 5 * 11), kernel.Bytes);
        Assert.Equal(DType.Float64, kernel.Type);
    }

    [Fact]
    public void Transposed_left_operand_is_summed_over_its_rows() =>
        Assert.Equal(2 * 5 * 7 * 11, Only(Tensor.Input("a", [7, 5]).Transpose([1, 0]).MatMul(Tensor.Input("b", [7, 11]))).Flop);

    [Fact]
    public void Loop_counts_its_arithmetic_and_reads_a_repeated_row_once()
    {
        var (x, row) = (Tensor.Input("x", [6, 10]), Tensor.Input("row", [1, 10]));
        var kernel = Only(Exp((x - row) * 2.0 / row));
        // A difference, a product and a quotient at 1, an exponential at 20, for 60 elements.
        Assert.Equal(60 * (3 + 20), kernel.Flop);
        Assert.Equal(4 * (60 + 10 + 60), kernel.Bytes);
        Assert.Equal("Loop", kernel.Name);
    }

    [Fact]
    public void Reduction_counts_one_for_each_element_it_adds()
    {
        var kernel = Only((Tensor.Input("x", [6, 10]) * Tensor.Input("y", [6, 10])).SumKeeping(1));
        Assert.Equal(60 + 60, kernel.Flop);
        Assert.Equal(4 * (60 + 60 + 6), kernel.Bytes);
        Assert.Equal(["Multiply", "Sum"], kernel.Operations);
    }

    [Fact]
    public void Signs_choices_and_integers_are_no_floating_point_operations()
    {
        var x = Tensor.Input("x", [8]);
        var indices = Tensor.Input("i", [8], DType.Int32);
        Assert.Equal(8, Only(Where(x < 0.0, -x, Abs(x))).Flop);
        Assert.Equal(0, Only(indices + indices * 3).Flop);
    }

    [Fact]
    public void Gather_reads_the_rows_it_picks_and_not_the_table()
    {
        var kernel = Only(Tensor.Input("table", [1000, 4]).Gather(Tensor.Input("rows", [5], DType.Int32)));
        Assert.Equal(0, kernel.Flop);
        Assert.Equal(4 * (5 * 4 + 5 + 5 * 4), kernel.Bytes);
    }

    [Fact]
    public void Two_views_of_a_value_read_no_more_than_all_of_it()
    {
        var x = Tensor.Input("x", [10]);
        Assert.Equal(4 * (10 + 8), Only(x.Slice(0, 0, 8) + x.Slice(0, 2, 8)).Bytes);
    }

    [Fact]
    public void Cholesky_factor_takes_a_third_of_the_cube() =>
        Assert.Equal(6.0 * 6 * 6 / 3, Only(Tensor.Input("a", [6, 6], DType.Float64).Cholesky()).Flop);

    [Fact]
    public void Profile_names_the_nodes_by_their_numbers_in_the_last_dump()
    {
        GraphSnapshot? last = null;
        using var weights = new Variable("w", [3, 3]);
        var y = Tanh(Tensor.Input("x", [3, 3]).MatMul(weights)).Named("activity");
        using var cpu = new Cpu(2);
        using var function = cpu.Compile([y, y.Sum()], [new(weights, weights.Value * 0.5)], new() { OnPhase = s => last = s });
        var profile = function.Profile(3);
        var text = last!.ToText();
        Assert.Equal("fuse", last.Phase);
        foreach (var kernel in profile.Kernels.Select(k => k.Kernel))
        {
            foreach (var (number, operation) in kernel.Nodes.Zip(kernel.Operations))
                Assert.Matches($"%{number} = {operation}\\b", text);
        }
        Assert.Contains(profile.Kernels, k => k.Kernel.Labels.Contains("activity"));
        Assert.Equal(3, profile.Runs);
    }

    [Fact]
    public void Shares_add_up_and_speeds_are_work_over_time()
    {
        var x = Tensor.Input("x", [64, 64]);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([x.MatMul(x), Exp(x).Sum()]);
        var profile = function.Profile(5, new PeakSpeed(100, 50));
        Assert.Equal(1, profile.Kernels.Sum(k => k.Share), 1e-9);
        Assert.Equal(function.Info.Kernels, profile.Kernels.Select(k => k.Kernel));
        foreach (var time in profile.Kernels)
        {
            Assert.Equal(time.Kernel.Flop, time.GigaflopsPerSecond * 1e9 * time.Microseconds * 1e-6, 1e-3 * time.Kernel.Flop);
            Assert.Equal(time.GigaflopsPerSecond / 100, time.ShareOfPeak!.Value, 1e-9);
        }
        Assert.All(function.Profile(1).Kernels, k => Assert.Null(k.ShareOfPeak));
    }

    [Fact]
    public void Text_has_a_line_for_each_kernel_and_aligned_columns()
    {
        var x = Tensor.Input("x", [64, 64]);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([x.MatMul(x).Named("square"), Exp(x).Sum()]);
        var lines = function.Profile(2).ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(function.Info.Kernels.Count + 2, lines.Length);
        Assert.DoesNotContain("of peak", lines[0], StringComparison.Ordinal);
        // Numbers end where their heading ends.
        var end = lines[0].IndexOf("GFLOP/s", StringComparison.Ordinal) + "GFLOP/s".Length;
        Assert.All(lines[1..], line => Assert.True(char.IsAsciiDigit(line[end - 1]) && line[end] == ' ', line));
        Assert.Contains("\"square\"", function.Profile(1).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Profile_takes_at_least_one_run()
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([Exp(Tensor.Input("x", [2]))]);
        Assert.Throws<ArgumentOutOfRangeException>(() => function.Profile(0));
    }

    private static KernelInfo Only(Tensor output)
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([output]);
        return Assert.Single(function.Info.Kernels);
    }
}
