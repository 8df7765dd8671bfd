namespace Elbo.Compute;

/// <summary>An axis along which a <see cref="Vectorisation"/> computes a graph for many values at once. Two axes are never the same, whatever their sizes.</summary>
/// <param name="name">A name for messages.</param>
/// <param name="size">How many values.</param>
/// <param name="redraws">Whether random draws of the graph are made anew for each value; otherwise all values share them.</param>
public sealed class VectorAxis(string name, int size, bool redraws = false)
{
    /// <summary>A name for messages.</summary>
    public string Name { get; } = name;

    /// <summary>How many values.</summary>
    public int Size { get; } = size;

    /// <summary>Whether random draws of the graph are made anew for each value.</summary>
    public bool Redraws { get; } = redraws;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Size})";
}
