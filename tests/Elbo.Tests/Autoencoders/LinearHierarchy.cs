using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Optimisers;
using MathNet.Numerics.LinearAlgebra;

namespace Elbo.Tests.Autoencoders;

/// <summary>
/// z_L ~ N(0, I), z_l = A_l·z_{l+1} + b_l + s_l·noise, x = W·z₁ + c + σ·noise: everything about it is known. Layers are from the data up.
/// </summary>
internal sealed class LinearHierarchy
{
    private const double Spread = 0.6;
    private readonly int[] _sizes;
    private readonly Matrix<double>[] _slopes;
    private readonly Vector<double>[] _offsets;
    private readonly double[] _variances;
    private readonly Matrix<double> _loadings;

    public LinearHierarchy(int[] sizes, int numbers, ulong seed)
    {
        var random = new RandomNumbers(seed, 1);
        (_sizes, Numbers) = (sizes, numbers);
        Matrix<double> Draw(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns, (_, _) => random.NextNormal());
        _loadings = Draw(numbers, sizes[0]) * 0.7;
        _slopes = [.. Enumerable.Range(0, sizes.Length - 1).Select(l => Draw(sizes[l], sizes[l + 1]))];
        _offsets = [.. _slopes.Select(a => Vector<double>.Build.Dense(a.RowCount, _ => random.NextNormal()))];
        _variances = [.. _slopes.Select((_, l) => 0.3 + 0.2 * l)];
    }

    public int Numbers { get; }

    public int Latent => _sizes.Sum();

    public static double Variance => Spread * Spread;

    // The precision of all layers before anything is seen.
    private Matrix<double> PriorPrecision
    {
        get
        {
            var precision = Matrix<double>.Build.Dense(Latent, Latent);
            var top = Start(_sizes.Length - 1);
            for (var i = top; i < Latent; i++)
                precision[i, i] += 1;
            for (var l = 0; l < _slopes.Length; l++)
            {
                // z_l − A·z_{l+1}, as a map of all layers.
                var map = Matrix<double>.Build.Dense(_sizes[l], Latent);
                map.SetSubMatrix(0, Start(l), Matrix<double>.Build.DenseIdentity(_sizes[l]));
                map.SetSubMatrix(0, Start(l + 1), -_slopes[l]);
                precision += map.TransposeThisAndMultiply(map) / _variances[l];
            }
            return precision;
        }
    }

    public Matrix<double> PriorCovariance => PriorPrecision.Inverse();

    /// <summary>The precision of all layers given x: the same for every x.</summary>
    public Matrix<double> Precision
    {
        get
        {
            var precision = PriorPrecision;
            var first = precision.SubMatrix(0, _sizes[0], 0, _sizes[0]) + _loadings.TransposeThisAndMultiply(_loadings) / Variance;
            precision.SetSubMatrix(0, 0, first);
            return precision;
        }
    }

    private Vector<double> Mean
    {
        get
        {
            var mean = Vector<double>.Build.Dense(_sizes[^1]);
            for (var l = _slopes.Length - 1; l >= 0; l--)
                mean = _slopes[l] * mean + _offsets[l];
            return _loadings * mean;
        }
    }

    private Matrix<double> Covariance =>
        _loadings * PriorCovariance.SubMatrix(0, _sizes[0], 0, _sizes[0]) * _loadings.Transpose() + Matrix<double>.Build.DenseIdentity(Numbers) * Variance;

    /// <summary>Rows of the model.</summary>
    public double[][] Rows(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 2);
        var factor = Covariance.Cholesky().Factor;
        return [.. Enumerable.Range(0, count).Select(_ => (Mean + factor * Vector<double>.Build.Dense(Numbers, _ => random.NextNormal())).ToArray())];
    }

    /// <summary>ln p(x).</summary>
    public double LogEvidence(double[] row)
    {
        var cholesky = Covariance.Cholesky();
        var away = Vector<double>.Build.Dense(row) - Mean;
        return -0.5 * (away * cholesky.Solve(away) + cholesky.DeterminantLn + Numbers * Math.Log(2 * Math.PI));
    }

    /// <summary>
    /// What the best q with independent numbers in a layer leaves out of the evidence: ½(Σ ln Λᵢᵢ − ln|Λ|) for the precision Λ of what each factor
    /// is of, given what it is given.
    /// </summary>
    public double Gap(HierarchyPosterior posterior)
    {
        var covariance = Precision.Inverse();
        if (posterior == HierarchyPosterior.MeanField)
            return Gap(Precision);
        return Enumerable.Range(0, _sizes.Length).Sum(l =>
        {
            // A layer and those it is given; the others are integrated out.
            var (from, end) = posterior == HierarchyPosterior.BottomUp ? (0, Start(l) + _sizes[l]) : (Start(l), Latent);
            var precision = covariance.SubMatrix(from, end - from, from, end - from).Inverse();
            return Gap(precision.SubMatrix(Start(l) - from, _sizes[l], Start(l) - from, _sizes[l]));
        });
    }

    // The ELBO of affine maps is of second degree in the noise, so a mean over ±√n·eᵢ is its expectation, exactly.
    public static double[] Points(int latent, int rows)
    {
        var points = new double[2 * latent * rows * latent];
        for (var draw = 0; draw < 2 * latent; draw++)
        {
            for (var row = 0; row < rows; row++)
                points[(draw * rows + row) * latent + draw / 2] = (draw % 2 == 0 ? 1 : -1) * Math.Sqrt(latent);
        }
        return points;
    }

    /// <summary>The greatest ELBO of a network's q on some rows, by training it, and the same by densities of the codes in place of divergences.</summary>
    public (double Elbo, double Drawn) GreatestElbo(GaussianHierarchy network, double[][] rows)
    {
        const int Steps = 3000;
        using var cpu = new Cpu(1);
        var x = Tensor.FromArray([.. rows.SelectMany(r => r)], [rows.Length, Numbers]);
        var code = network.Infer(x, Tensor.FromArray(Points(Latent, rows.Length), [2 * Latent, rows.Length, Latent]));
        var away = code.Parameters - x.Reshape([1, rows.Length, Numbers]);
        var reconstruction = -0.5 * (away * away / Variance + Math.Log(2 * Math.PI * Variance)).Sum(2).Mean();
        var (elbo, drawn) = (reconstruction - code.Divergence.Sum(2).Mean(), reconstruction + (code.LogPrior - code.LogPosterior).Mean());
        var variables = network.EncoderVariables;
        var gradients = Gradient.Of(-elbo, [.. variables.Select(v => v.Value)]);
        var rate = Tensor.Input("rate", []);
        // Variances stay the same for every row.
        Tensor[] masked = [.. gradients.Select(g => g.Rank == 2 ? g * Tensor.FromArray([.. Enumerable.Range(0, g.Shape[1]).Select(j => j < g.Shape[1] / 2 ? 1.0 : 0)], [1, g.Shape[1]]) : g)];
        using var step = cpu.Compile([elbo, drawn], new Adam(variables).Step(masked, rate, Tensor.Scalar(1).EqualTo(1)));
        for (var i = 0; i < Steps; i++)
        {
            step.Input<float>(rate)[0] = (float)(0.05 * (1 + Math.Cos(Math.PI * i / Steps)));
            step.Run();
        }
        return (step.Scalar(elbo), step.Scalar(drawn));
    }

    private static double Gap(Matrix<double> precision) => 0.5 * (precision.Diagonal().Sum(Math.Log) - Math.Log(precision.Determinant()));

    /// <summary>A network of affine maps that has this model's p, and some q of a factorisation.</summary>
    public GaussianHierarchy Network(HierarchyPosterior posterior)
    {
        var network = new GaussianHierarchy(Numbers, Numbers, _sizes, [], posterior, new RandomNumbers(3, 3));
        var named = network.DecoderVariables.ToDictionary(v => v.Name);
        Write(named["decoder.0.weight"], (i, j) => _loadings[j, i]);
        named["decoder.0.bias"].AsSpan<float>().Clear();
        for (var l = 0; l < _slopes.Length; l++)
        {
            var (size, slopes, offsets, variance) = (_sizes[l], _slopes[l], _offsets[l], _variances[l]);
            Write(named[$"prior.z{l + 1}.0.weight"], (i, j) => j < size ? slopes[j, i] : 0);
            Write(named[$"prior.z{l + 1}.0.bias"], (_, j) => j < size ? offsets[j] : Math.Log(variance));
        }
        // Variances of affine maps are to be the same for every row, as those of the model are.
        foreach (var weights in network.EncoderVariables.Where(v => v.Shape.Rank == 2))
        {
            var columns = weights.Shape[1];
            var values = weights.AsSpan<float>().ToArray();
            Write(weights, (i, j) => j < columns / 2 ? values[i * columns + j] : 0);
        }
        return network;
    }

    private int Start(int layer) => _sizes.Take(layer).Sum();

    private static void Write(Variable variable, Func<int, int, double> value)
    {
        var columns = variable.Shape[-1];
        var span = variable.AsSpan<float>();
        for (var i = 0; i < span.Length; i++)
            span[i] = (float)value(i / columns, i % columns);
    }
}
