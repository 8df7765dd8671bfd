namespace Elbo.Compute.Kernels;

/// <summary>
/// Everything that decides how a convolution over two axes is computed. Inputs are [batch, rows, columns, channels], outputs
/// [batch, rows, columns, outputs], weights [taps, taps, channels, outputs], all dense.
/// </summary>
/// <param name="IsDouble">f64 rather than f32.</param>
/// <param name="Batch">How many images.</param>
/// <param name="Rows">Windows along the outer axis.</param>
/// <param name="Columns">Windows along the inner axis.</param>
/// <param name="Channels">Channels of the inputs.</param>
/// <param name="Outputs">Channels of the outputs.</param>
internal readonly record struct ConvolutionShape(bool IsDouble, int Batch, WindowAxis Rows, WindowAxis Columns, int Channels, int Outputs)
{
    /// <summary>The size of an element in bytes.</summary>
    public int ElementBytes => IsDouble ? 8 : 4;

    /// <summary>The taps of the kernel.</summary>
    public int Taps => Rows.Taps * Columns.Taps;

    /// <summary>Bytes from one pixel of the inputs to the next.</summary>
    public nint InputPixel => (nint)Channels * ElementBytes;

    /// <summary>Bytes from one pixel of the outputs to the next.</summary>
    public nint OutputPixel => (nint)Outputs * ElementBytes;

    /// <summary>Multiply-adds, those with zeros left out.</summary>
    public double Work => (double)Batch * Rows.Meetings * Columns.Meetings * Channels * Outputs;

    /// <summary>The convolution of a node: one over a single axis has a second one of size one.</summary>
    public static ConvolutionShape Of(Windows windows, Tensor inputs, Tensor outputs)
    {
        var rows = windows.Axes.Length == 2 ? windows.Axes[0] : WindowAxis.Unit;
        return new(inputs.Type == DType.Float64, inputs.Shape[0], rows, windows.Axes[^1], inputs.Shape[-1], outputs.Shape[-1]);
    }
}
