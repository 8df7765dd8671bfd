using Elbo.Compute.Kernels;

namespace Elbo.Compute.Tests.Convolutions;

/// <summary>Kernels read and write nothing beside their operands: the memory around these is full of NaN, and stays so.</summary>
public unsafe class ConvolutionKernelTests
{
    private const int Guard = 64;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(7, 33)]
    [InlineData(16, 32)]
    public void No_element_beside_the_operands_is_read_or_written(int channels, int outputs)
    {
        var axis = new WindowAxis(9, 9, 3, 1, 1, -1, 1);
        var strided = new WindowAxis(9, 5, 4, 2, 1, -1, 1);
        using var team = new WorkerTeam(2);
        foreach (var width in Enum.GetValues<VectorWidth>().Where(w => w <= VectorWidths.Best))
        {
            Check(new(false, 2, axis, axis, channels, outputs), width, team);
            Check(new(false, 2, strided, axis, channels, outputs), width, team);
            Check(new(false, 2, axis, strided.Adjoint, channels, outputs), width, team);
        }
    }

    private static void Check(ConvolutionShape shape, VectorWidth width, WorkerTeam team)
    {
        var cache = new KernelCache();
        var inputs = Guarded(shape.Batch * shape.Rows.Inputs * shape.Columns.Inputs * shape.Channels);
        var weights = Guarded(shape.Taps * shape.Channels * shape.Outputs);
        var outputs = Guarded(shape.Batch * shape.Rows.Outputs * shape.Columns.Outputs * shape.Outputs);
        fixed (float* x = inputs, w = weights, y = outputs)
        {
            var convolution = new ConvolutionPlan(shape, width, cache);
            using var workspace = Filled(convolution.WorkspaceBytes(2));
            convolution.Run(x + Guard, w + Guard, y + Guard, workspace.Pointer, team);
            IsWhole(outputs);
            if (shape.Rows.Spread > 1 || shape.Columns.Spread > 1)
                return;
            var correlation = new CorrelationPlan(shape, width, cache);
            using var more = Filled(correlation.WorkspaceBytes(2));
            correlation.Run(x + Guard, y + Guard, w + Guard, more.Pointer, team);
            IsWhole(weights);
        }
    }

    private static NativeBuffer Filled(long bytes)
    {
        var buffer = new NativeBuffer(bytes);
        buffer.Span<byte>().Fill(0xFF);
        return buffer;
    }

    private static float[] Guarded(int count)
    {
        var elements = new float[count + (2 * Guard)];
        Array.Fill(elements, float.NaN);
        elements.AsSpan(Guard, count).Fill(0.5f);
        return elements;
    }

    private static void IsWhole(float[] elements)
    {
        Assert.All(elements[..Guard].Concat(elements[^Guard..]), x => Assert.True(float.IsNaN(x)));
        Assert.All(elements[Guard..^Guard], x => Assert.False(float.IsNaN(x)));
    }
}
