using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Tests.Diagnostics;
using Elbo.Tests.Models;

namespace Elbo.Tests.Labels;

/// <summary>
/// y ~ π, z ~ N(0, 1), x ~ N(μ_y + w·z, σ²I): a class model of which all is known, and the network that is its exact posterior: q(y|x) is linear, as all classes have one
/// covariance, and q(z|x,y) is a normal.
/// </summary>
internal sealed class ClassesOfNormals
{
    public const int Size = 3;
    public const int Classes = 3;
    private const double Scale = 0.8;
    private static readonly double[] Loadings = [0.9, -0.5, 0.3];
    private static readonly double[][] Means = [[1, 0, -1], [-0.5, 1.2, 0.4], [0.2, -1, 0.8]];
    private static readonly double[] ClassPrior = [0.5, 0.2, 0.3];

    public static LabelModel Label => new(["a", "b", "c"], ClassPrior);

    private static double[,] Covariance
    {
        get
        {
            var covariance = new double[Size, Size];
            for (var i = 0; i < Size; i++)
            {
                for (var j = 0; j < Size; j++)
                    covariance[i, j] = Loadings[i] * Loadings[j] + (i == j ? Scale * Scale : 0);
            }
            return covariance;
        }
    }

    /// <summary>ln p(x, y).</summary>
    public static double LogJoint(double[] x, int label) => Math.Log(ClassPrior[label]) + new DenseGaussian(Means[label], Covariance).LogDensity(x);

    /// <summary>ln p(x).</summary>
    public static double LogEvidence(double[] x) => Math.Log(Enumerable.Range(0, Classes).Sum(k => Math.Exp(LogJoint(x, k))));

    /// <summary>p(y|x).</summary>
    public static double Posterior(double[] x, int label) => Math.Exp(LogJoint(x, label) - LogEvidence(x));

    /// <summary>Draws of rows, and their classes.</summary>
    public static (VectorRows Rows, int[] Classes) Draw(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 5);
        var (values, classes) = (new float[count * Size], new int[count]);
        for (var row = 0; row < count; row++)
        {
            var u = random.NextUniform();
            classes[row] = u < ClassPrior[0] ? 0 : u < ClassPrior[0] + ClassPrior[1] ? 1 : 2;
            var z = random.NextNormal();
            for (var i = 0; i < Size; i++)
                values[row * Size + i] = (float)(Means[classes[row]][i] + Loadings[i] * z + Scale * random.NextNormal());
        }
        return (new(Size, values), classes);
    }

    public static GaussianObservation Observation => new(Size, Scale);

    /// <summary>The model with its exact posterior as q; or with q(y|x) apart from it by some logits.</summary>
    public static Vae Exact(double[]? besides = null)
    {
        var network = new LabelledNetwork(new(RowShape.Vector(Size), Size, Size, new RandomNumbers(1, 1)), Label, 1, Architecture.FullyConnected([]));
        var named = network.Variables.ToDictionary(v => v.Name);
        var inverse = DenseGaussian.Inverse(Covariance);
        var variance = 1 / (1 + Loadings.Sum(w => w * w) / (Scale * Scale));
        Write("decoder.0.weight", (i, j) => i == 0 ? Loadings[j] : Means[i - 1][j]);
        Write("decoder.0.bias", (_, _) => 0);
        Write("encoder.0.weight", (i, j) => j == 0 ? variance * Loadings[i] / (Scale * Scale) : 0);
        Write("encoder.0.bias", (_, j) => j == 0 ? 0 : Math.Log(variance));
        Write("encoder.class.weight", (k, j) => j == 0 ? -variance * Loadings.Zip(Means[k], (w, m) => w * m).Sum() / (Scale * Scale) : 0);
        double Slope(int i, int k) => Enumerable.Range(0, Size).Sum(j => inverse[i, j] * Means[k][j]);
        Write("classifier.0.weight", Slope);
        Write("classifier.0.bias", (_, k) => Math.Log(ClassPrior[k]) - 0.5 * Enumerable.Range(0, Size).Sum(i => Means[k][i] * Slope(i, k)) + (besides?[k] ?? 0));
        return new(network, Observation, threads: 1);

        void Write(string name, Func<int, int, double> value)
        {
            var columns = named[name].Shape[-1];
            var span = named[name].AsSpan<float>();
            for (var i = 0; i < span.Length; i++)
                span[i] = (float)value(i / columns, i % columns);
        }
    }
}
