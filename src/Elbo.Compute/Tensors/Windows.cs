using System.Collections.Immutable;

namespace Elbo.Compute;

/// <summary>
/// Where the windows of a convolution lie along one axis: output o reads with tap t the input at
/// (o·<paramref name="Stride"/> + t·<paramref name="Dilation"/> + <paramref name="Offset"/>) / <paramref name="Spread"/>, and zero where
/// that is not a whole number or lies outside. Read the other way, from inputs to outputs, this is the same formula with its parts
/// exchanged, so that one geometry serves a convolution, its derivatives and its transpose.
/// </summary>
/// <param name="Inputs">Elements along the axis of what is read.</param>
/// <param name="Outputs">Windows along the axis.</param>
/// <param name="Taps">Elements of a window.</param>
/// <param name="Stride">Steps from one window to the next.</param>
/// <param name="Dilation">Steps from one tap to the next, perhaps backwards.</param>
/// <param name="Offset">Where the first tap of the first window lies: below 0 in the padding.</param>
/// <param name="Spread">Steps from one input to the next, with zeros between.</param>
internal readonly record struct WindowAxis(int Inputs, int Outputs, int Taps, int Stride, int Dilation, int Offset, int Spread)
{
    /// <summary>An axis along which nothing is swept.</summary>
    public static WindowAxis Unit { get; } = new(1, 1, 1, 1, 1, 0, 1);

    /// <summary>How many pairs of a window and a tap meet an input, rather than padding or the zeros between inputs.</summary>
    public long Meetings
    {
        get
        {
            var count = 0L;
            for (var tap = 0; tap < Taps; tap++)
            {
                for (var output = 0; output < Outputs; output++)
                {
                    var place = (output * Stride) + (tap * Dilation) + Offset;
                    if (place >= 0 && place % Spread == 0 && place / Spread < Inputs)
                        count++;
                }
            }
            return count;
        }
    }

    /// <summary>The windows of outputs that read an input: exactly where windows of inputs are read by an output.</summary>
    public WindowAxis Adjoint => new(Outputs, Inputs, Taps, Spread, -Dilation, -Offset, Stride);
}

/// <summary>Where windows lie along each spatial axis, outermost first.</summary>
internal sealed record Windows(ImmutableArray<WindowAxis> Axes)
{
    /// <summary>Windows over the outputs, for whoever asks which of them read an input.</summary>
    public Windows Adjoint => new([.. Axes.Select(axis => axis.Adjoint)]);

    /// <summary>Whether every window reads exactly the input at its own place.</summary>
    public bool ArePoints => Axes.All(axis => axis == new WindowAxis(axis.Inputs, axis.Inputs, 1, 1, axis.Dilation, 0, 1));

    /// <summary>Whether the inputs are spread out, with zeros between them.</summary>
    public bool AreSpread => Axes.Any(axis => axis.Spread > 1);

    /// <summary>As in <c>[3, 3] taps, strides [2, 2], from [-1, -1]</c>, with what else is not one.</summary>
    public override string ToString() =>
        $"{List(a => a.Taps)} taps{Unless(1, "strides", a => a.Stride)}{Unless(1, "dilations", a => a.Dilation)}{Unless(0, "from", a => a.Offset)}{Unless(1, "spread by", a => a.Spread)}";

    public bool Equals(Windows? other) => other is not null && Axes.AsSpan().SequenceEqual(other.Axes.AsSpan());

    public override int GetHashCode() => Axes.Aggregate(31, HashCode.Combine);

    private string Unless(int usual, string name, Func<WindowAxis, int> part) => Axes.All(axis => part(axis) == usual) ? "" : $", {name} {List(part)}";

    private string List(Func<WindowAxis, int> part) => $"[{string.Join(", ", Axes.Select(part))}]";
}
