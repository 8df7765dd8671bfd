using Elbo.Compute;
using Elbo.Likelihoods;

namespace Elbo.Models;

/// <summary>A cell of a row, and what its value is by the code: the likelihood of its column, tilted by what its being missing says of it.</summary>
/// <param name="Holes">The model of the holes; null where they are ignored.</param>
/// <param name="Block">The likelihood of the block that the column is in.</param>
/// <param name="InBlock">The column within the block.</param>
/// <param name="Parameter">The first decoder output of the block.</param>
/// <param name="Number">The column among all.</param>
internal sealed record CellPlace(MaskModel? Holes, Likelihood Block, int InBlock, int Parameter, int Number)
{
    // A draw that is given a hole is one of so many without it, by how likely they are to be missing.
    private const int Candidates = 32;

    public ModelledColumn Column => Block.Columns[InBlock];

    /// <summary>Whether a value's own probability to be missing tilts its distribution.</summary>
    public bool IsTilted => Holes is not null && Holes.IsOwn(Number);

    /// <summary>Whether a value was drawn together with the code.</summary>
    public bool IsDrawn => Holes is { DrawsCells: true } && !Column.Column.HasLevels;

    /// <summary>The probability that a value of the column is missing; 1 where that says nothing.</summary>
    public double MissingProbability(double value) => IsTilted ? Holes!.MissingProbability(Number, Column.Encode(value)) : 1;

    /// <summary>The outputs of the decoder for the block.</summary>
    public ReadOnlySpan<float> Outputs(ReadOnlySpan<float> parameters) => parameters.Slice(Parameter, Block.ParameterCount);

    /// <summary>The value that was drawn together with the code.</summary>
    public double Drawn(ReadOnlySpan<float> completed) => Column.Nearest(Column.Decode(completed[Number]));

    /// <summary>The probability of each level, given that the cell is missing.</summary>
    public void AddLevels(ReadOnlySpan<float> parameters, double weight, Span<double> statistics)
    {
        Span<double> levels = stackalloc double[statistics.Length];
        levels.Clear();
        Block.AddExpectation(InBlock, Outputs(parameters), 1, levels);
        var sum = 0.0;
        for (var level = 0; level < levels.Length; level++)
            sum += levels[level] *= MissingProbability(level);
        for (var level = 0; level < levels.Length; level++)
            statistics[level] += sum > 0 ? weight * levels[level] / sum : 0;
    }

    /// <summary>A draw of the value, given that the cell is missing.</summary>
    public double Draw(float[] parameters, float[] completed, RandomNumbers random)
    {
        if (IsDrawn)
            return Drawn(completed);
        if (!IsTilted)
            return Block.Draw(InBlock, Outputs(parameters), random);
        var (chosen, total) = (double.NaN, 0.0);
        for (var candidate = 0; candidate < Candidates; candidate++)
        {
            var value = Block.Draw(InBlock, Outputs(parameters), random);
            // Where no candidate can be told to be missing, any is as good.
            var weight = Math.Max(MissingProbability(value), double.Epsilon);
            total += weight;
            if (random.NextUniform() * total < weight)
                chosen = value;
        }
        return chosen;
    }
}
