using System.Globalization;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Optimisers;
using MathNet.Numerics;
using static Elbo.Compute.TensorMath;

namespace Elbo.Diagnostics;

/// <summary>
/// The classifier two-sample test (Lopez-Paz and Oquab, 2017): a network with two hidden layers of 64 learns on half of the points to tell
/// samples from data, and is asked about the other half.
/// </summary>
/// <param name="Right">Points of the other half that it put in the right set.</param>
/// <param name="Asked">How many it was asked about.</param>
public sealed record ClassifierTest(int Right, int Asked)
{
    private const int Hidden = 64;
    private const int Batch = 64;
    private const int Epochs = 40;
    private const double LearningRate = 2e-3;
    private const double WeightDecay = 1e-2;
    private const int LeastPoints = 40;

    // How sure a limit is.
    private const double Doubt = 0.01;

    /// <summary>The share of right answers; ½ by chance.</summary>
    public double Accuracy => (double)Right / Asked;

    /// <summary>The probability of as many right answers or more where samples and data are draws of the same: exact, as the set of each point was the throw of a coin.</summary>
    public double PValue => Right == 0 ? 1 : SpecialFunctions.BetaRegularized(Right, Asked - Right + 1, 0.5);

    /// <summary>
    /// A total variation distance that samples and data have at least, with 99 % confidence: of two sets at the distance t no classifier is right more often than
    /// (1 + t)/2. Limits of the accuracy by Clopper and Pearson (1934).
    /// </summary>
    public double LeastTotalVariation => Right == 0 ? 0 : Math.Max(0, 2 * MathNet.Numerics.Distributions.Beta.InvCDF(Right, Asked - Right + 1, Doubt) - 1);

    /// <summary>Compares two sets of points; as many of each are used.</summary>
    /// <param name="samples">At least 40.</param>
    /// <param name="data">At least 40, of as many numbers.</param>
    /// <param name="seed">That of halves, weights and batches.</param>
    /// <param name="threads">Null for all the machine has. Results do not depend on it.</param>
    public static ClassifierTest Of(Points samples, Points data, ulong seed = 0, int? threads = null)
    {
        Points.RequireSame(samples, data);
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(samples.Count, data.Count), LeastPoints);
        var random = new RandomNumbers(seed, Streams.ClassifierTest);
        var (points, isSample) = Toss(samples, data, random);
        var half = points.Count / 2;
        var (features, d) = (Standardised(points, half), points.Dimensions);
        // A fifth of the first half says when to stop.
        var learned = half - half / 5;
        using var cpu = new Cpu(threads);
        using var classifier = new Classifier(cpu, d, random);
        int[] order = [.. Enumerable.Range(0, learned)];
        var least = double.PositiveInfinity;
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle<int>(order);
            for (var first = 0; first + Math.Min(Batch, learned) <= learned; first += Batch)
                classifier.Learn(features, isSample, order.AsSpan(first, Math.Min(Batch, learned)));
            var loss = classifier.Ask(features, isSample, learned, half).Loss;
            if (!(loss < least))
                continue;
            least = loss;
            classifier.Keep();
        }
        classifier.UseKept();
        return new(classifier.Ask(features, isSample, half, points.Count).Right, points.Count - half);
    }

    /// <summary>The test in a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"a small network tells samples from data in {Accuracy:P1} of {Asked} cases, p = {PValue:G2}; total variation at least {LeastTotalVariation:F2}");

    // Whose point comes next is the throw of a coin, so that right answers have a binomial distribution exactly. So many throws use up neither set, but
    // for a chance of one in ten thousand; then they end.
    private static (Points Points, bool[] IsSample) Toss(Points samples, Points data, RandomNumbers random)
    {
        var most = 2 * Math.Min(samples.Count, data.Count);
        var throws = most - (int)Math.Ceiling(4 * Math.Sqrt(most));
        var d = samples.Dimensions;
        int[][] orders = [[.. Enumerable.Range(0, data.Count)], [.. Enumerable.Range(0, samples.Count)]];
        random.Shuffle<int>(orders[0]);
        random.Shuffle<int>(orders[1]);
        var (values, isSample, used) = (new List<float>(throws * d), new List<bool>(throws), new int[2]);
        while (isSample.Count < throws)
        {
            var side = random.NextBelow(2);
            if (used[side] == orders[side].Length)
                break;
            values.AddRange((side == 1 ? samples : data)[orders[side][used[side]++]]);
            isSample.Add(side == 1);
        }
        return (new(values.ToArray(), d), [.. isSample]);
    }

    // By the moments of the points that are learned from.
    private static float[] Standardised(Points points, int half)
    {
        var d = points.Dimensions;
        var features = new float[points.Count * d];
        for (var j = 0; j < d; j++)
        {
            var (mean, square) = (0.0, 0.0);
            for (var i = 0; i < half; i++)
                mean += points[i][j] / (double)half;
            for (var i = 0; i < half; i++)
                square += (points[i][j] - mean) * (points[i][j] - mean) / half;
            var scale = square > 0 ? 1 / Math.Sqrt(square) : 0;
            for (var i = 0; i < points.Count; i++)
                features[i * d + j] = (float)Math.Clamp((points[i][j] - mean) * scale, -10, 10);
        }
        return features;
    }

    // A network that says whether points are samples, with its training step.
    private sealed class Classifier : IDisposable
    {
        private readonly int _d;
        private readonly CompiledFunction _step;
        private readonly CompiledFunction _answer;
        private readonly Tensor _points;
        private readonly Tensor _labels;
        private readonly Tensor _scores;
        private readonly Variable[] _variables;
        private readonly Adam _adam;
        private float[][] _kept = [];

        public Classifier(Cpu cpu, int d, RandomNumbers random)
        {
            _d = d;
            var network = new Mlp("classifier", [d, Hidden, Hidden, 1], Activation.Relu, random);
            _variables = [.. network.Variables];
            _adam = new Adam(_variables) { WeightDecay = WeightDecay };
            _points = Tensor.Input("points", [Batch, d]);
            _labels = Tensor.Input("labels", [Batch, 1]);
            _scores = network.Apply(_points);
            // A label of 0 stands for a place in the batch that is not filled.
            var loss = (Softplus(-(_scores * _labels)) * Abs(_labels)).Sum() / Abs(_labels).Sum();
            _step = cpu.Compile([loss], _adam.Step(Gradient.Of(loss, [.. _variables.Select(v => v.Value)]), Tensor.Scalar(LearningRate), IsFinite(loss)));
            _answer = cpu.Compile([_scores]);
        }

        public void Learn(float[] features, bool[] isSample, ReadOnlySpan<int> rows)
        {
            Fill(_step.Input<float>(_points), features, rows);
            var labels = _step.Input<float>(_labels);
            labels.Clear();
            for (var i = 0; i < rows.Length; i++)
                labels[i] = isSample[rows[i]] ? 1 : -1;
            _step.Run();
        }

        public (int Right, double Loss) Ask(float[] features, bool[] isSample, int first, int end)
        {
            var (right, loss) = (0, 0.0);
            for (var start = first; start < end; start += Batch)
            {
                int[] rows = [.. Enumerable.Range(start, Math.Min(Batch, end - start))];
                Fill(_answer.Input<float>(_points), features, rows);
                _answer.Run();
                for (var i = 0; i < rows.Length; i++)
                {
                    var score = isSample[rows[i]] ? _answer.Output<float>(_scores)[i] : -_answer.Output<float>(_scores)[i];
                    // A score of 0 says data.
                    right += score > 0 || (score == 0 && !isSample[rows[i]]) ? 1 : 0;
                    loss += Math.Max(-score, 0) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
                }
            }
            return (right, loss);
        }

        public void Keep() => _kept = [.. _variables.Select(v => v.AsSpan<float>().ToArray())];

        public void UseKept()
        {
            for (var i = 0; i < _kept.Length; i++)
                _kept[i].CopyTo(_variables[i].AsSpan<float>());
        }

        public void Dispose()
        {
            _step.Dispose();
            _answer.Dispose();
            foreach (var variable in _variables.Concat(_adam.State))
                variable.Dispose();
        }

        private void Fill(Span<float> batch, float[] features, ReadOnlySpan<int> rows)
        {
            for (var i = 0; i < rows.Length; i++)
                features.AsSpan(rows[i] * _d, _d).CopyTo(batch[(i * _d)..]);
            batch[(rows.Length * _d)..].Clear();
        }
    }
}
