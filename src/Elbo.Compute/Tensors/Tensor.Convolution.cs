using System.Collections.Immutable;

namespace Elbo.Compute;

// Convolutions over one or two spatial axes. Channels are the last axis, so that what a window reads is contiguous.
public sealed partial class Tensor
{
    /// <summary>
    /// Slides a kernel over the spatial axes: [batch, length, channels] or [batch, height, width, channels] becomes
    /// [batch, outputs along each axis, output channels]. As in all networks the kernel is not flipped. Along each axis there are
    /// ⌊(inputs + padding − dilation·(taps − 1) − 1)/stride⌋ + 1 outputs.
    /// </summary>
    /// <param name="weights">The kernel: [taps along each axis, channels, output channels].</param>
    /// <param name="stride">Steps from one window to the next.</param>
    /// <param name="padding">Zeros around the input.</param>
    /// <param name="dilation">Steps from one tap of the kernel to the next.</param>
    /// <exception cref="ShapeException">Ranks, channels or types do not fit, or the kernel is larger than the padded input.</exception>
    public Tensor Convolve(Tensor weights, int stride = 1, Padding padding = default, int dilation = 1)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var axes = Math.Max(0, Rank - 2);
        return Convolve(weights, Repeated(stride, axes), Repeated(padding, axes), Repeated(dilation, axes));
    }

    /// <inheritdoc cref="Convolve(Tensor, int, Padding, int)"/>
    /// <param name="weights">The kernel: [taps along each axis, channels, output channels].</param>
    /// <param name="strides">Steps from one window to the next, along each axis.</param>
    /// <param name="paddings">Zeros around the input, along each axis.</param>
    /// <param name="dilations">Steps from one tap of the kernel to the next, along each axis.</param>
    public Tensor Convolve(Tensor weights, ReadOnlySpan<int> strides, ReadOnlySpan<Padding> paddings, ReadOnlySpan<int> dilations)
    {
        ArgumentNullException.ThrowIfNull(weights);
        CheckConvolution("Convolve", weights, strides, paddings.Length, dilations, "[taps along each axis, channels, output channels]");
        if (weights.Shape[-2] != Shape[-1])
            throw ConvolutionMistake("Convolve", weights, $"the input has {Shape[-1]} channels (its last axis) and the kernel reads {weights.Shape[-2]} (its last axis but one)");
        var axes = ImmutableArray.CreateBuilder<WindowAxis>();
        for (var axis = 0; axis < strides.Length; axis++)
            axes.Add(ConvolutionAxis("Convolve", weights, axis, Shape[axis + 1], strides[axis], paddings[axis], dilations[axis]));
        return Convolve(this, weights, new Windows(axes.ToImmutable()));
    }

    /// <summary>
    /// The transpose of <see cref="Convolve(Tensor, int, Padding, int)"/> with the same kernel, stride, padding and dilation, as a linear
    /// map from its outputs to its inputs: each element of this tensor adds a kernel's worth to the result, which is about stride
    /// times as large. For a kernel of [taps, channels, output channels] it takes output channels to channels.
    /// </summary>
    /// <param name="weights">The kernel: [taps along each axis, channels of the result, channels of this tensor].</param>
    /// <param name="stride">Steps in the result from one element of this tensor to the next.</param>
    /// <param name="padding">Zeros that the convolution would put around its input: so much is cut off the result. With
    /// <see cref="Padding.Same"/> the result is exactly stride times as large.</param>
    /// <param name="dilation">Steps from one tap of the kernel to the next.</param>
    /// <param name="size">The spatial sizes of the result, where a stride leaves several that the convolution takes to those of this
    /// tensor; the smallest unless given.</param>
    /// <exception cref="ShapeException">Ranks, channels or types do not fit, or the convolution would not take
    /// <paramref name="size"/> to the size of this tensor.</exception>
    public Tensor ConvolveTransposed(Tensor weights, int stride = 1, Padding padding = default, int dilation = 1, ReadOnlySpan<int> size = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        const string Name = "ConvolveTransposed";
        var count = Math.Max(0, Rank - 2);
        CheckConvolution(Name, weights, Repeated(stride, count), count, Repeated(dilation, count), "[taps along each axis, channels of the result, channels of this tensor]");
        if (weights.Shape[-1] != Shape[-1])
            throw ConvolutionMistake(Name, weights, $"the input has {Shape[-1]} channels (its last axis) and the kernel takes {weights.Shape[-1]} (its last axis)");
        if (!size.IsEmpty && size.Length != count)
            throw ConvolutionMistake(Name, weights, $"{size.Length} sizes were given for the {count} spatial axes of the result");
        var axes = ImmutableArray.CreateBuilder<WindowAxis>();
        for (var axis = 0; axis < count; axis++)
        {
            var outputs = Shape[axis + 1];
            var inputs = size.IsEmpty ? padding.InputsFor(outputs, Span(weights.Shape[axis], dilation), stride) : size[axis];
            if (inputs < 1)
                throw ConvolutionMistake(Name, weights, $"a padding of {padding} cuts off all of axis {axis + 1} of the result; pad less");
            var swept = ConvolutionAxis(Name, weights, axis, inputs, stride, padding, dilation);
            if (swept.Outputs != outputs)
                throw ConvolutionMistake(Name, weights, $"a convolution with stride {stride}, padding {padding} and dilation {dilation} takes size {inputs} to {swept.Outputs}, not to the {outputs} of axis {axis + 1}; choose another size");
            axes.Add(swept);
        }
        return Convolve(this, weights.Transpose(), new Windows(axes.ToImmutable()).Adjoint);
    }

    /// <summary>Each window of the inputs times the weights.</summary>
    internal static Tensor Convolve(Tensor inputs, Tensor weights, Windows windows)
    {
        // Windows of one point are a plain product.
        if (windows.ArePoints)
            return inputs.MatMul(weights.Reshape([weights.Shape[-2], weights.Shape[-1]]));
        var shape = Shape.Create([inputs.Shape[0], .. windows.Axes.Select(axis => axis.Outputs), weights.Shape[-1]]);
        return new(new Operation.Convolution(windows), [inputs, weights], shape, inputs.Type);
    }

    /// <summary>The sums over all windows of their elements times those of the outputs: [taps, channels of the inputs, of the outputs].</summary>
    internal static Tensor Correlate(Tensor inputs, Tensor outputs, Windows windows)
    {
        var shape = WeightShape(windows, inputs, outputs);
        if (windows.ArePoints)
        {
            var places = inputs.Shape.Elements / inputs.Shape[-1];
            return inputs.Reshape([places, inputs.Shape[-1]]).MatMul(outputs.Reshape([places, outputs.Shape[-1]]), transposeLeft: true).Reshape(shape);
        }
        // Either side may be the one that is read in windows. Spread ones are mostly zeros.
        if (windows.AreSpread)
            return Correlate(outputs, inputs, windows.Adjoint).Transpose();
        return new(new Operation.Correlation(windows), [inputs, outputs], shape, inputs.Type);
    }

    /// <summary>The shape of weights between inputs and outputs.</summary>
    internal static Shape WeightShape(Windows windows, Tensor inputs, Tensor outputs) =>
        Shape.Create([.. windows.Axes.Select(axis => axis.Taps), inputs.Shape[-1], outputs.Shape[-1]]);

    private WindowAxis ConvolutionAxis(string operation, Tensor weights, int axis, int inputs, int stride, Padding padding, int dilation)
    {
        var taps = weights.Shape[axis];
        var span = Span(taps, dilation);
        var (before, after) = padding.For(inputs, span, stride);
        var room = (long)inputs + before + after - span;
        if (room < 0)
            throw ConvolutionMistake(operation, weights, $"a kernel of {taps} taps, {dilation} apart, spans {span} and does not fit into axis {axis + 1} of size {inputs} with padding {padding}; pad more, with Padding.Same, or take a smaller kernel");
        return new(inputs, (int)(room / stride) + 1, taps, stride, dilation, -before, 1);
    }

    private void CheckConvolution(string operation, Tensor weights, ReadOnlySpan<int> strides, int paddings, ReadOnlySpan<int> dilations, string layout)
    {
        if (Rank is not (3 or 4))
            throw ConvolutionMistake(operation, weights, "the input must be [batch, length, channels] or [batch, height, width, channels]; give it a batch or channel axis of size one, with Reshape");
        if (weights.Rank != Rank)
            throw ConvolutionMistake(operation, weights, $"for this input the kernel must have {Rank} axes: {layout}");
        if (Type != weights.Type || !Type.IsFloat())
            throw ConvolutionMistake(operation, weights, "both must be floats of one type; convert one, with Convert");
        if (strides.Length != Rank - 2 || paddings != Rank - 2 || dilations.Length != Rank - 2)
            throw ConvolutionMistake(operation, weights, $"strides, paddings and dilations are needed for {Rank - 2} spatial axes; {strides.Length}, {paddings} and {dilations.Length} were given");
        if (strides.ContainsAnyExceptInRange(1, int.MaxValue) || dilations.ContainsAnyExceptInRange(1, int.MaxValue))
            throw ConvolutionMistake(operation, weights, "strides and dilations must be at least 1");
    }

    private ShapeException ConvolutionMistake(string operation, Tensor weights, string reason) =>
        new($"{operation} of {Type}{Shape} with a kernel of {weights.Type}{weights.Shape}: {reason}.");

    private static int Span(int taps, int dilation) => ((taps - 1) * dilation) + 1;

    private static T[] Repeated<T>(T value, int times) => [.. Enumerable.Repeat(value, times)];
}
