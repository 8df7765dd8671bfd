namespace Elbo.Compute;

/// <summary>The zeros that a convolution puts before and after each spatial axis of its input.</summary>
public readonly record struct Padding
{
    private readonly bool _same;

    private Padding(int before, int after, bool same) => (Before, After, _same) = (before, after, same);

    /// <summary>No zeros: only windows that lie inside the input. The default.</summary>
    public static Padding None { get; }

    /// <summary>
    /// As many zeros as make ⌈inputs/stride⌉ outputs: with stride 1 as many outputs as inputs. An odd zero is put at the end.
    /// </summary>
    public static Padding Same { get; } = new(0, 0, true);

    /// <summary>Zeros before the first element.</summary>
    public int Before { get; }

    /// <summary>Zeros after the last element.</summary>
    public int After { get; }

    /// <summary>As many zeros at either end.</summary>
    public static Padding Zeros(int atEitherEnd) => Zeros(atEitherEnd, atEitherEnd);

    /// <summary>So many zeros before the first element and after the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 0.</exception>
    public static Padding Zeros(int before, int after)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(before);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        return new(before, after, false);
    }

    /// <summary>The zeros before and after so many inputs, for a kernel that spans so many.</summary>
    internal (int Before, int After) For(int inputs, int span, int stride)
    {
        if (!_same)
            return (Before, After);
        var outputs = (inputs + stride - 1) / stride;
        var zeros = Math.Max(0, ((outputs - 1) * stride) + span - inputs);
        return (zeros / 2, zeros - (zeros / 2));
    }

    /// <summary>The number of inputs, among those that give so many outputs, that a transposed convolution makes unless told otherwise.</summary>
    internal int InputsFor(int outputs, int span, int stride) => _same ? outputs * stride : ((outputs - 1) * stride) + span - Before - After;

    /// <summary>As it is written: none, same, or the zeros.</summary>
    public override string ToString() => _same ? "same" : Before == 0 && After == 0 ? "none" : $"{Before} before and {After} after";
}
