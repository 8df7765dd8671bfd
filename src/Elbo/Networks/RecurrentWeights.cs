using Elbo.Compute;

namespace Elbo.Networks;

/// <summary>The weights of a recurrent layer whose gates lie side by side: from inputs, from the state, and biases.</summary>
internal sealed class RecurrentWeights
{
    /// <summary>
    /// Weights of inputs drawn uniformly within √(6/(inputs + units)) (Glorot and Bengio, 2010), weights of the state orthogonal for
    /// each gate, so that signals keep their size from step to step (Saxe, McClelland and Ganguli, 2014), biases of 0.
    /// </summary>
    public RecurrentWeights(string name, int inputs, int units, int gates, RandomNumbers random, bool hasStateBias = false)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        FromInput = GlorotWeights.Draw($"{name}.input.weight", [inputs, gates * units], inputs + units, random);
        FromState = new Variable($"{name}.state.weight", [units, gates * units]);
        Bias = new Variable($"{name}.bias", [gates * units]);
        StateBias = hasStateBias ? new Variable($"{name}.state.bias", [units]) : null;
        var elements = FromState.AsSpan<float>();
        for (var gate = 0; gate < gates; gate++)
        {
            var matrix = Orthogonal(units, random);
            for (var row = 0; row < units; row++)
            {
                for (var column = 0; column < units; column++)
                    elements[row * gates * units + gate * units + column] = (float)matrix[row][column];
            }
        }
    }

    public Variable FromInput { get; }

    public Variable FromState { get; }

    public Variable Bias { get; }

    /// <summary>Added to what the state contributes to one gate; null where that gate has no bias of its own.</summary>
    public Variable? StateBias { get; }

    // Rows of normal numbers made orthonormal one after another: every orthogonal matrix is as likely as every other (Mezzadri, 2007).
    // Twice, since once leaves a part in the direction of earlier rows that rounding makes (Giraud, Langou and Rozložník, 2005).
    private static double[][] Orthogonal(int size, RandomNumbers random)
    {
        var rows = new double[size][];
        for (var i = 0; i < size; i++)
        {
            var row = rows[i] = [.. Enumerable.Range(0, size).Select(_ => random.NextNormal())];
            for (var pass = 0; pass < 2; pass++)
            {
                for (var j = 0; j < i; j++)
                {
                    var projection = rows[j].Zip(row, (a, b) => a * b).Sum();
                    for (var k = 0; k < size; k++)
                        row[k] -= projection * rows[j][k];
                }
                var length = Math.Sqrt(row.Sum(x => x * x));
                for (var k = 0; k < size; k++)
                    row[k] /= length;
            }
        }
        return rows;
    }

    /// <summary>What the inputs of all steps contribute to the gates, as one product: [steps, rows, gates·units].</summary>
    public Tensor GatesOf(Tensor sequence)
    {
        if (sequence.Rank != 3 || sequence.Shape[2] != FromInput.Shape[0])
            throw new ShapeException($"A recurrent layer of {FromInput.Shape[0]} inputs takes a sequence of shape [steps, rows, {FromInput.Shape[0]}], not {sequence.Shape}.");
        return sequence.MatMul(FromInput) + Bias;
    }
}
