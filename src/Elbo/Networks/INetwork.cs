using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>A network from rows of numbers to rows of numbers.</summary>
public interface INetwork
{
    /// <summary>What is learned.</summary>
    IEnumerable<Variable> Variables { get; }

    /// <summary>The biases of its outputs.</summary>
    Variable OutputBias { get; }

    /// <summary>The network's value: [rows, outputs] for [rows, inputs].</summary>
    Tensor Apply(Tensor x);
}
