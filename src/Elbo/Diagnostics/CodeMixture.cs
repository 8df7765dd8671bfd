using Elbo.Compute;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diagnostics;

/// <summary>
/// The aggregated posterior q(z) = (1/N) Σₙ q(z|xₙ) of diagonal normals, with all rows in the sum: over a batch alone the mutual information could not
/// exceed the logarithm of the batch.
/// </summary>
internal sealed class CodeMixture(Points means, Points logVariances)
{
    // A block of rows stays in the cache while a block of codes passes over it.
    private const int RowBlock = 256;
    private const int CodeBlock = 64;

    // Stands for a row that is not there: its density is 0 beside any other.
    private const double Nowhere = 1e30;

    /// <summary>ln q(z) [codes] and ln q(z_d) [codes, dimensions], nats.</summary>
    public (double[] Joint, double[] Marginals) LogDensities(Points codes, int? threads)
    {
        var (rows, d) = (means.Count, means.Dimensions);
        var rowBlock = Math.Min(RowBlock, rows);
        var codeBlock = Math.Min(CodeBlock, codes.Count);
        using var cpu = new Cpu(threads);
        var z = Tensor.Input("z", [codeBlock, d, 1], DType.Float64);
        var mean = Tensor.Input("mean", [d, rowBlock], DType.Float64);
        var precision = Tensor.Input("precision", [d, rowBlock], DType.Float64);
        var logScale = Tensor.Input("logScale", [d, rowBlock], DType.Float64);
        var terms = -0.5 * Square((z - mean) * precision) - logScale;
        var joint = LogSumExp(terms.Sum(1), 1);
        var marginals = LogSumExp(terms, 2);
        using var function = cpu.Compile([joint, marginals]);

        var sums = new double[codes.Count];
        var marginalSums = new double[codes.Count * d];
        sums.AsSpan().Fill(double.NegativeInfinity);
        marginalSums.AsSpan().Fill(double.NegativeInfinity);
        for (var row = 0; row < rows; row += rowBlock)
        {
            FillRows(row, rowBlock, function.Input<double>(mean), function.Input<double>(precision), function.Input<double>(logScale));
            for (var code = 0; code < codes.Count; code += codeBlock)
            {
                var count = Math.Min(codeBlock, codes.Count - code);
                var input = function.Input<double>(z);
                for (var i = 0; i < input.Length; i++)
                    input[i] = i < count * d ? codes.Values[code * d + i] : 0;
                function.Run();
                Accumulate(sums.AsSpan(code, count), function.Output<double>(joint));
                Accumulate(marginalSums.AsSpan(code * d, count * d), function.Output<double>(marginals));
            }
        }
        var each = 0.5 * Math.Log(2 * Math.PI);
        for (var i = 0; i < sums.Length; i++)
            sums[i] -= Math.Log(rows) + d * each;
        for (var i = 0; i < marginalSums.Length; i++)
            marginalSums[i] -= Math.Log(rows) + each;
        return (sums, marginalSums);
    }

    private void FillRows(int first, int count, Span<double> mean, Span<double> precision, Span<double> logScale)
    {
        var d = means.Dimensions;
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < d; j++)
            {
                var (at, isRow) = (j * count + i, first + i < means.Count);
                var half = isRow ? 0.5 * logVariances[first + i][j] : 0;
                mean[at] = isRow ? means[first + i][j] : 0;
                precision[at] = Math.Exp(-half);
                logScale[at] = isRow ? half : Nowhere;
            }
        }
    }

    // ln(eᵃ + eᵇ), place by place.
    private static void Accumulate(Span<double> sums, ReadOnlySpan<double> parts)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            var (low, high) = sums[i] < parts[i] ? (sums[i], parts[i]) : (parts[i], sums[i]);
            sums[i] = low < high - 745 ? high : high + Math.Log(1 + Math.Exp(low - high));
        }
    }
}
