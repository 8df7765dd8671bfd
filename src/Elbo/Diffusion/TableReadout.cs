using Elbo.Compute;
using Elbo.Likelihoods;

namespace Elbo.Diffusion;

/// <summary>
/// Columns of a table in a diffusion model: where cells lie in the vector of a row (<see cref="Likelihood.Places"/>), what is seen of them behind noise (<see cref="Likelihood.Seen"/>), and p of a cell
/// behind little noise (<see cref="Likelihood.LogDensityNear"/>) are its family's.
/// </summary>
internal sealed class TableReadout : Readout
{
    private readonly TableObservation _columns;
    private readonly int _width;

    public TableReadout(TableObservation columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Holes is not null)
            throw new ArgumentException("Holes are left out of a diffusion model, and none are modelled: use Missingness.Ignorable.", nameof(columns));
        (_columns, _width) = (columns, columns.Blocks.Sum(b => b.Columns.Count * b.FeaturesEach));
    }

    public override bool IsDiscrete => _columns.Columns.All(c => c.Likelihood is not (LikelihoodKind.Gaussian or LikelihoodKind.StudentT or LikelihoodKind.LogNormal));

    public override bool AllowsMissing => true;

    public override int WidthOf(int size) => size == _columns.Size ? _width
        : throw new ArgumentException($"The rows have {size} cells, and there are {_columns.Size} columns.", nameof(size));

    public override Tensor Embed(Tensor values, Tensor? mask)
    {
        mask ??= Tensor.Full(values.Shape, 1, values.Type);
        return Join((block, start, _) => block.Places(values.Slice(1, start, block.Columns.Count), mask.Slice(1, start, block.Columns.Count)));
    }

    public override IReadOnlyList<bool> IsMeanOfValues => [.. _columns.Blocks.SelectMany(b => Enumerable.Range(0, b.Columns.Count).SelectMany(c => Enumerable.Repeat(b.IsMeanOfValues(c), b.FeaturesEach)))];

    public override Tensor Seen(Tensor output, Tensor seen, Tensor noisy, Tensor signal, Tensor noise) => Join((block, _, at) =>
    {
        Tensor OfBlock(Tensor all) => all.Slice(1, at, block.Columns.Count * block.FeaturesEach);
        return block.Seen(OfBlock(output), OfBlock(seen), OfBlock(noisy), signal, noise);
    });

    public override Tensor Repeat(Tensor ofNumbers)
    {
        var rows = ofNumbers.Shape[0];
        return Join((block, start, _) =>
        {
            var (count, each) = (block.Columns.Count, block.FeaturesEach);
            return ofNumbers.Slice(1, start, count).Reshape([rows, count, 1]).BroadcastTo([rows, count, each]).Reshape([rows, count * each]);
        });
    }

    public override Tensor LogDensity(Tensor seen, Tensor values, Tensor logDeviation) =>
        Join((block, start, at) => block.LogDensityNear(seen.Slice(1, at, block.Columns.Count * block.FeaturesEach), values.Slice(1, start, block.Columns.Count), logDeviation));

    // Side by side what each block gives, told of its first column and its first number of the vector.
    private Tensor Join(Func<Likelihood, int, int, Tensor> ofBlock)
    {
        var (parts, at) = (new List<Tensor>(), 0);
        foreach (var (block, start, _) in _columns.Places)
        {
            parts.Add(ofBlock(block, start, at));
            at += block.Columns.Count * block.FeaturesEach;
        }
        return Tensor.Concatenate(1, [.. parts]);
    }

    public override void Read(ReadOnlySpan<double> seen, double deviation, RandomNumbers? random, Span<float> values)
    {
        var (at, c) = (0, 0);
        foreach (var block in _columns.Blocks)
        {
            for (var column = 0; column < block.Columns.Count; column++, at += block.FeaturesEach)
                values[c++] = (float)block.Columns[column].Encode(block.ValueNear(column, seen.Slice(at, block.FeaturesEach), deviation, random));
        }
    }
}
