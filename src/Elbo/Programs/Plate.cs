using Elbo.Compute;
using Elbo.Distributions;

namespace Elbo.Programs;

/// <summary>
/// A named axis of conditionally independent repetitions. Sites made while it is open have one value for each of its places;
/// with a minibatch, for each of a random sample of them, and their log-densities count accordingly more.
/// </summary>
public sealed class Plate : IDisposable
{
    private readonly ModelContext _context;

    internal Plate(ModelContext context, string name, int size, int batchSize, Tensor? indices)
    {
        (_context, Name, Size, BatchSize, Indices) = (context, name, size, batchSize, indices);
    }

    /// <summary>The name of the axis.</summary>
    public string Name { get; }

    /// <summary>How many places there are.</summary>
    public int Size { get; }

    /// <summary>How many of them a run looks at: all, or a minibatch.</summary>
    public int BatchSize { get; }

    /// <summary>Which places a minibatch holds, Int32[<see cref="BatchSize"/>], drawn with replacement; null where it is all of them.</summary>
    public Tensor? Indices { get; }

    /// <summary>What a log-density in the plate counts: <see cref="Size"/> over <see cref="BatchSize"/>.</summary>
    public double Scale => (double)Size / BatchSize;

    /// <summary>
    /// The rows of data that belong to the places of this run: all of them, or those of the minibatch. Covariates of a plate go
    /// through here, so that a model reads the same with and without minibatches.
    /// </summary>
    /// <param name="data">Data whose first axis is the plate.</param>
    /// <exception cref="ModelException">The first axis does not have the size of the plate.</exception>
    public Tensor Take(Value data)
    {
        if (data.Shape.Rank == 0 || data.Shape[0] != Size)
            throw new ModelException($"Plate '{Name}' has {Size} places, and Take was given data of shape {data.Shape}: its first axis must have {Size}.");
        var all = _context.Known(data);
        var taken = Indices is null ? all : all.Gather(Indices);
        _context.NameFirstAxis(taken, this);
        return taken;
    }

    /// <summary>Ends the plate: sites made afterwards do not lie in it.</summary>
    public void Dispose() => _context.Close(this);

    /// <summary>Name and size.</summary>
    public override string ToString() => BatchSize == Size ? $"{Name} ({Size})" : $"{Name} ({BatchSize} of {Size})";
}
