using Elbo.Compute;

namespace Elbo.Training;

/// <summary>Elements of a variable outside it, to be kept in a file or put back.</summary>
/// <param name="Name">The variable's name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Bytes">Its elements in row-major order, little-endian.</param>
public sealed record NamedTensor(string Name, Shape Shape, DType Type, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>A copy of a variable's elements.</summary>
    public static NamedTensor Of(Variable variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return new(variable.Name, variable.Shape, variable.Type, variable.AsBytes().ToArray());
    }

    /// <summary>Copies of the elements of variables.</summary>
    internal static NamedTensor[] OfAll(IEnumerable<Variable> variables) => [.. variables.Select(Of)];

    /// <summary>Puts the elements into a variable.</summary>
    /// <exception cref="ArgumentException">Shape or type differ.</exception>
    public void CopyTo(Variable variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable.Shape != Shape || variable.Type != Type)
            throw new ArgumentException($"Tensor '{Name}' is {Type}{Shape}, but the model needs {variable.Type}{variable.Shape}.");
        Bytes.Span.CopyTo(variable.AsBytes());
    }

    /// <summary>Puts tensors into the variables of their names.</summary>
    /// <exception cref="ArgumentException">A variable finds no tensor of its name, shape and type: they are of another model.</exception>
    public static void Restore(IEnumerable<Variable> variables, IReadOnlyList<NamedTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var byName = tensors.ToDictionary(t => t.Name);
        foreach (var variable in variables)
        {
            if (!byName.TryGetValue(variable.Name, out var tensor))
                throw new ArgumentException($"'{variable.Name}' is lacking: these are the tensors of another model.");
            tensor.CopyTo(variable);
        }
    }
}

/// <summary>Where training stands after an epoch: with the parameters themselves, all it takes to go on to the same bits.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Step">Steps tried, over all epochs: the counter of the random draws.</param>
/// <param name="BestEpoch">The epoch with the best bound on held-out rows; 0 before the first.</param>
/// <param name="BestElbo">That bound, nats per row.</param>
/// <param name="RateScale">What the step size is multiplied by: halved at each step that was not finite.</param>
/// <param name="IsFinished">Whether patience ran out, so that more epochs would bring nothing.</param>
/// <param name="History">A line for each epoch.</param>
/// <param name="Tensors">Parameters and optimiser state after the epoch.</param>
public sealed record TrainingState(
    int Epoch, int Step, int BestEpoch, double BestElbo, double RateScale, bool IsFinished, IReadOnlyList<EpochLine> History, IReadOnlyList<NamedTensor> Tensors);
