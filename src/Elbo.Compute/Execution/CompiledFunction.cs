using System.Diagnostics;
using Elbo.Compute.Execution;
using Elbo.Compute.Kernels;

namespace Elbo.Compute;

/// <summary>
/// A graph turned into kernels over one block of memory. A run allocates nothing; inputs are written and outputs read in
/// place. One run at a time, and none after <see cref="Dispose"/> or after that of the <see cref="Cpu"/> or of a variable.
/// </summary>
public sealed unsafe class CompiledFunction : IDisposable
{
    // Caches are filled, and what of the runtime is compiled in steps has been.
    private const int WarmUpRuns = 20;

    private readonly Kernel[] _kernels;
    private readonly MemoryImage _memory;
    private readonly WorkerTeam _team;
    private readonly NonFiniteCheck? _check;

    internal CompiledFunction(Kernel[] kernels, MemoryImage memory, WorkerTeam team, FunctionInfo info, NonFiniteCheck? check)
    {
        (_kernels, _memory, _team, _check) = (kernels, memory, team, check);
        Info = info;
    }

    /// <summary>What compilation made of the graph.</summary>
    public FunctionInfo Info { get; }

    /// <summary>Computes all outputs and updates.</summary>
    /// <exception cref="NonFiniteException">A value is not finite, and the function was compiled to find such.</exception>
    public void Run()
    {
        var slots = _memory.Slots;
        if (_check is not null)
        {
            _check.Run(_kernels, _memory, _team);
            return;
        }
        foreach (var kernel in _kernels)
            kernel.Run(slots, _team);
    }

    /// <summary>Whether the function reads an input: one that its outputs do not depend on is left out.</summary>
    public bool Reads(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _memory.Reads(input);
    }

    /// <summary>The elements of an input, to be written before a run; they keep their values between runs.</summary>
    /// <exception cref="ArgumentException">The function does not read this input, or its elements are of another type.</exception>
    public Span<T> Input<T>(Tensor input) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(input);
        return _memory.InputSpan<T>(input);
    }

    /// <summary>The elements of an output after the last run, in row-major order; truth values as 0 and 1. Valid until the next run.</summary>
    /// <exception cref="ArgumentException">This is not an output of the function, or its elements are of another type.</exception>
    public ReadOnlySpan<T> Output<T>(Tensor output) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(output);
        return _memory.OutputSpan<T>(output);
    }

    /// <summary>The single element of an output.</summary>
    public double Scalar(Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return output.Type switch
        {
            DType.Float32 => Output<float>(output)[0],
            DType.Float64 => Output<double>(output)[0],
            _ => Output<int>(output)[0],
        };
    }

    /// <summary>
    /// Runs the function some times and says where the time goes, kernel by kernel. Updates take place as in any other run; a
    /// value that is not finite stops nothing.
    /// </summary>
    /// <param name="runs">How often, at least 1; before that some runs that nobody looks at.</param>
    /// <param name="peak">What the machine does at most, if it is known, to compare with.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="runs"/> is below 1.</exception>
    public FunctionProfile Profile(int runs, PeakSpeed? peak = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        Microseconds(WarmUpRuns);
        var whole = Microseconds(runs) / runs;
        var ticks = new long[_kernels.Length];
        for (var run = 0; run < runs; run++)
        {
            for (var k = 0; k < _kernels.Length; k++)
            {
                var start = Stopwatch.GetTimestamp();
                _kernels[k].Run(_memory.Slots, _team);
                ticks[k] += Stopwatch.GetTimestamp() - start;
            }
        }
        return new FunctionProfile(Info.Kernels, [.. ticks.Select(t => t * 1e6 / Stopwatch.Frequency / runs)], whole, runs, peak);
    }

    private double Microseconds(int runs)
    {
        var start = Stopwatch.GetTimestamp();
        for (var run = 0; run < runs; run++)
        {
            foreach (var kernel in _kernels)
                kernel.Run(_memory.Slots, _team);
        }
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    /// <summary>Lets the memory go.</summary>
    public void Dispose() => _memory.Dispose();
}
