using Elbo.Compute.Emission;
using Elbo.Compute.Execution;
using Elbo.Compute.Kernels;

namespace Elbo.Compute;

/// <summary>A variable and the value it takes at the end of a run. All updates of a function read the state from before it.</summary>
/// <param name="Variable">What changes.</param>
/// <param name="Value">Its new value: of its shape and type.</param>
public sealed record Update(Variable Variable, Tensor Value);

/// <summary>What a compiler may do beside translating. Results differ at most by rounding, whatever is left out.</summary>
[Flags]
public enum Optimisations
{
    /// <summary>Every operation as it was written, by itself.</summary>
    None = 0,

    /// <summary>Algebraic simplification of the graph.</summary>
    Simplify = 1,

    /// <summary>Elementwise operations, and reductions of them, share loops.</summary>
    Fuse = 2,

    /// <summary>Products, loops and sums over the same many rows share one pass over them.</summary>
    RowBlocks = 4,

    /// <summary>Matrix products that a loop does step by step become one product before or after it.</summary>
    HoistFromLoops = 8,

    /// <summary>Everything.</summary>
    All = Simplify | Fuse | RowBlocks | HoistFromLoops,
}

/// <summary>How a graph is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>The optimisations to use; leaving one out shows what it is worth, or whether it is at fault.</summary>
    public Optimisations Optimise { get; init; } = Optimisations.All;

    /// <summary>
    /// Compiles every operation by itself and stops a run, with a <see cref="NonFiniteException"/>, at the first one that makes
    /// an infinite value or a NaN out of finite ones. Slow; for finding where a model breaks.
    /// </summary>
    public bool FindNonFinite { get; init; }

    /// <summary>Told of the graph as it was written and after each phase of compilation, to print or draw it. After <c>fuse</c> there are kernels too; where some of them share their rows, <c>share rows</c> follows.</summary>
    public Action<GraphSnapshot>? OnPhase { get; init; }

    /// <summary>Checks every node of the graph between the phases of compilation. On by default in debug builds of the library.</summary>
    public bool Verify { get; init; }
#if DEBUG
        = true;
#endif
}

/// <summary>
/// The processor: threads to share kernels among, and a vector width. Compiled functions of one <see cref="Cpu"/> share its
/// threads and are run one at a time.
/// </summary>
public sealed class Cpu : IDisposable
{
    private readonly WorkerTeam _team;
    private readonly KernelCache _matrixKernels = new();
    private readonly LoopCache _loops = new();

    /// <summary>A processor of so many threads and vectors of a width; by default all that the machine offers.</summary>
    /// <param name="threads">The number of threads, the calling one included. Results do not depend on it.</param>
    /// <param name="width">The width of vectors. Results at different widths differ by rounding.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1, or the machine has no vectors of this <paramref name="width"/>.</exception>
    public Cpu(int? threads = null, VectorWidth? width = null)
    {
        var count = threads ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(threads));
        Width = VectorWidths.Checked(width ?? VectorWidths.Best);
        _team = new WorkerTeam(count);
    }

    /// <summary>The number of threads, the calling one included. Results do not depend on it.</summary>
    public int Threads => _team.Threads;

    /// <summary>The width of vectors.</summary>
    public VectorWidth Width { get; }

    /// <summary>How many loops have been written as machine code so far; those of a structure known already are not.</summary>
    internal int LoopsWritten => _loops.Written;

    /// <summary>Turns expressions into a function that computes them.</summary>
    /// <param name="outputs">What can be read after a run.</param>
    /// <param name="updates">What variables become.</param>
    /// <param name="options">How to compile.</param>
    /// <exception cref="ShapeException">An update does not have the shape and type of its variable; a value is one within the body of a scan.</exception>
    /// <exception cref="ArgumentException">A variable is updated twice.</exception>
    public CompiledFunction Compile(IReadOnlyList<Tensor> outputs, IReadOnlyList<Update>? updates = null, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var changed = new HashSet<Variable>();
        foreach (var (variable, value) in updates ?? [])
        {
            if (!changed.Add(variable))
                throw new ArgumentException($"Variable '{variable.Name}' is updated twice; it can take only one value at the end of a run.", nameof(updates));
            if (variable.Shape != value.Shape || variable.Type != value.Type)
                throw new ShapeException($"The update of variable '{variable.Name}', {variable.Type}{variable.Shape}, is {value.Type}{value.Shape}.");
        }
        foreach (var asked in outputs.Concat((updates ?? []).Select(u => u.Value)))
        {
            if (!asked.Scopes.IsEmpty)
                throw new ShapeException($"{asked} is a value within the steps of a scan, and has none outside of it; let the body return it, as a state or an output.");
        }
        return new Compiler(Width, _team, _matrixKernels, _loops, options ?? new()).Compile([.. outputs], updates ?? []);
    }

    /// <summary>Stops the threads. Functions compiled for this processor must not run afterwards.</summary>
    public void Dispose() => _team.Dispose();
}
