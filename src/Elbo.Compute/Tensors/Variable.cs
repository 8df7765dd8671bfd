using Elbo.Compute.Kernels;

namespace Elbo.Compute;

/// <summary>
/// State that outlives a run: parameters, optimiser moments, counters. Compiled functions read it through <see cref="Value"/>
/// and replace it in place by their updates. Its memory is native, so training allocates nothing.
/// </summary>
public sealed class Variable : IDisposable
{
    private readonly NativeBuffer _buffer;

    /// <summary>A variable of zeros.</summary>
    /// <param name="name">The name in dumps, checkpoints and errors.</param>
    /// <param name="shape">The shape, fixed for life.</param>
    /// <param name="type">The element type.</param>
    public Variable(string name, Shape shape, DType type = DType.Float32)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        _buffer = new NativeBuffer((long)shape.Elements * type.Size());
        Value = new Tensor(new Operation.State(this), [], shape, type);
    }

    /// <summary>The name in dumps, checkpoints and errors.</summary>
    public string Name { get; }

    /// <summary>The shape.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>The element type.</summary>
    public DType Type => Value.Type;

    /// <summary>The value at the start of a run, as a symbol to compute with.</summary>
    public Tensor Value { get; }

    internal unsafe void* Pointer => _buffer.Pointer;

    /// <summary>The elements in row-major order, in place: writing here sets the variable.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the element type.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        if (DTypes.Of<T>() is var asked && asked != Type && !(asked == DType.Int32 && Type == DType.Bool))
            throw new ArgumentException($"Variable '{Name}' holds {Type} elements; a span of {typeof(T).Name} was asked for.");
        return _buffer.Span<T>()[..Shape.Elements];
    }

    /// <summary>The memory of the elements, in place.</summary>
    public Span<byte> AsBytes() => _buffer.Span<byte>()[..(Shape.Elements * Type.Size())];

    /// <summary>Lets the memory go. Functions compiled over this variable must not run afterwards.</summary>
    public void Dispose() => _buffer.Dispose();

    /// <summary>The symbol of a variable stands for it in expressions.</summary>
    public static implicit operator Tensor(Variable variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return variable.Value;
    }

    /// <summary>Name, type and shape.</summary>
    public override string ToString() => $"{Name}: {Type}{Shape}";
}
