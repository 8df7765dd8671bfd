using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Elbo.Compute.Kernels;

/// <summary>
/// The outputs whose windows hold the same taps. All of them, unless the inputs are spread: then outputs at a distance of the
/// spread read inputs with the same taps and zeros with the others, which nobody needs to multiply (the sub-kernels of Shi et al.
/// 2016, "Is the deconvolution layer the same as a convolutional layer?"). A window is packed tap by tap, in the order in which its
/// inputs lie in memory, and so is a matrix of windows: one row for each output of the phase, image by image.
/// </summary>
internal sealed unsafe class WindowPhase
{
    private readonly ConvolutionShape _shape;
    private readonly PhaseAxis _rows;
    private readonly PhaseAxis _columns;
    private readonly TapRun[] _runs;
    private readonly int[] _taps;

    private WindowPhase(ConvolutionShape shape, int row, int column)
    {
        _shape = shape;
        _rows = PhaseAxis.Of(shape.Rows, row);
        _columns = PhaseAxis.Of(shape.Columns, column);
        var rows = Taps(shape.Rows, row);
        var columns = Taps(shape.Columns, column);
        _taps = [.. rows.SelectMany(r => columns.Select(c => (r.Tap * shape.Columns.Taps) + c.Tap))];
        var runs = new List<TapRun>();
        foreach (var (_, inputRow) in rows)
        {
            for (var c = 0; c < columns.Length; c++)
            {
                if (c > 0 && columns[c].Input == columns[c - 1].Input + 1)
                    runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
                else
                    runs.Add(new(inputRow, columns[c].Input, runs.Count == 0 ? 0 : runs[^1].First + runs[^1].Count, 1));
            }
        }
        _runs = [.. runs];
    }

    /// <summary>The outputs of the phase in all images: rows of the matrix of windows.</summary>
    public int Windows => _shape.Batch * _rows.Count * _columns.Count;

    /// <summary>Columns of the matrix of windows.</summary>
    public int Depth => _taps.Length * _shape.Channels;

    /// <summary>Taps by their number in the kernel, in the order in which windows are packed.</summary>
    public ReadOnlySpan<int> PackedTaps => _taps;

    /// <summary>The phases of a convolution: together they hold every output once, and every tap.</summary>
    public static WindowPhase[] Of(ConvolutionShape shape)
    {
        var phases =
            from row in Enumerable.Range(0, Math.Min(shape.Rows.Spread, shape.Rows.Outputs))
            from column in Enumerable.Range(0, Math.Min(shape.Columns.Spread, shape.Columns.Outputs))
            select new WindowPhase(shape, row, column);
        return [.. phases];
    }

    /// <summary>Copies columns <paramref name="from"/> to <paramref name="to"/> of some rows of the matrix of windows, zeros included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(byte* inputs, int first, int count, int from, int to, byte* target, nint stride)
    {
        foreach (ref readonly var run in _runs.AsSpan())
        {
            var start = run.First * _shape.Channels;
            var (begin, end) = (Math.Max(from, start), Math.Min(to, start + (run.Count * _shape.Channels)));
            if (begin < end)
                PackRun(run, inputs, first, count, begin - start, end - start, target + ((nint)(begin - from) * _shape.ElementBytes), stride);
        }
    }

    /// <summary>Copies rows of outputs, in the order of the matrix of windows, to where they lie.</summary>
    public void Unpack(byte* source, nint stride, int first, int count, byte* outputs)
    {
        var (image, row, column) = Locate(first);
        while (count > 0)
        {
            var columns = Math.Min(count, _columns.Count - column);
            var line = (((nint)image * _shape.Rows.Outputs) + _rows.First + (row * _rows.Step)) * _shape.Columns.Outputs;
            var target = outputs + ((line + _columns.First + (column * _columns.Step)) * _shape.OutputPixel);
            PanelPacking.Copy(source, stride, target, _columns.Step * _shape.OutputPixel, (int)_shape.OutputPixel, columns);
            source += columns * stride;
            count -= columns;
            (image, row, column) = row + 1 == _rows.Count ? (image + 1, 0, 0) : (image, row + 1, 0);
        }
    }

    private (int Image, int Row, int Column) Locate(int window)
    {
        var (line, column) = Math.DivRem(window, _columns.Count);
        var (image, row) = Math.DivRem(line, _rows.Count);
        return (image, row, column);
    }

    // Elements from begin to end of a run, for windows that follow one another.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackRun(in TapRun run, byte* inputs, int first, int count, int begin, int end, byte* target, nint stride)
    {
        var bytes = (end - begin) * _shape.ElementBytes;
        // Outputs from inside on, up to but not including outside, read no zero here.
        var leftmost = run.Column + (begin / _shape.Channels);
        var rightmost = run.Column + ((end - 1) / _shape.Channels);
        var step = _columns.InputStep;
        var inside = Math.Max(0, (-leftmost + step - 1) / step);
        var outside = rightmost >= _shape.Columns.Inputs ? 0 : ((_shape.Columns.Inputs - 1 - rightmost) / step) + 1;
        var advance = step * _shape.InputPixel;
        var (image, row, column) = Locate(first);
        while (count > 0)
        {
            var columns = Math.Min(count, _columns.Count - column);
            var inputRow = run.Row + (row * _rows.InputStep);
            var line = inputs + ((((nint)image * _shape.Rows.Inputs) + inputRow) * _shape.Columns.Inputs * _shape.InputPixel);
            var isOutside = (uint)inputRow >= (uint)_shape.Rows.Inputs;
            for (var c = column; c < column + columns;)
            {
                var whole = isOutside || c < inside ? 0 : Math.Min(outside, column + columns) - c;
                if (whole > 0)
                {
                    var source = line + ((run.Column + (c * step)) * _shape.InputPixel) + ((nint)begin * _shape.ElementBytes);
                    PanelPacking.Copy(source, advance, target, stride, bytes, whole);
                }
                else
                {
                    whole = 1;
                    PackPartly(isOutside ? null : line, run.Column + (c * step), begin, end, target);
                }
                target += whole * stride;
                c += whole;
            }
            count -= columns;
            (image, row, column) = row + 1 == _rows.Count ? (image + 1, 0, 0) : (image, row + 1, 0);
        }
    }

    // One window, of which a part or all lies outside.
    private void PackPartly(byte* line, int column, int begin, int end, byte* target)
    {
        var size = _shape.ElementBytes;
        var firstInside = line is null ? end : (int)Math.Clamp(-(long)column * _shape.Channels, begin, end);
        var endInside = line is null ? end : (int)Math.Clamp((_shape.Columns.Inputs - (long)column) * _shape.Channels, firstInside, end);
        NativeMemory.Clear(target, (nuint)((firstInside - begin) * size));
        if (firstInside < endInside)
            Buffer.MemoryCopy(line + (column * _shape.InputPixel) + ((nint)firstInside * size), target + ((nint)(firstInside - begin) * size), (endInside - firstInside) * size, (endInside - firstInside) * size);
        NativeMemory.Clear(target + ((nint)(endInside - begin) * size), (nuint)((end - endInside) * size));
    }

    // The taps that read inputs rather than zeros between them, and which input they read for the first output, in the order of inputs.
    private static (int Tap, int Input)[] Taps(WindowAxis axis, int phase) =>
    [
        .. Enumerable.Range(0, axis.Taps)
            .Select(tap => (Tap: tap, Place: (phase * axis.Stride) + (tap * axis.Dilation) + axis.Offset))
            .Where(t => t.Place % axis.Spread == 0)
            .Select(t => (t.Tap, t.Place / axis.Spread))
            .OrderBy(t => t.Item2),
    ];

    // The outputs of the phase along an axis: the first, the step to the next, how many, and the step between what they read.
    private readonly record struct PhaseAxis(int First, int Step, int Count, int InputStep)
    {
        public static PhaseAxis Of(in WindowAxis axis, int phase) =>
            new(phase, axis.Spread, (axis.Outputs - phase + axis.Spread - 1) / axis.Spread, axis.Stride);
    }
}
