using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Networks;
using Elbo.Objectives;
using Elbo.Tests.Diagnostics;

namespace Elbo.Tests.Labels;

public sealed class LabelledBoundTests
{
    private const int Classes = ClassesOfNormals.Classes;

    // With the exact posterior as q every draw has the weight p(x), so there is no Monte Carlo error.
    [Fact]
    public void By_the_exact_posterior_the_bounds_are_the_evidence_with_and_without_labels()
    {
        using var model = ClassesOfNormals.Exact();
        var (rows, classes) = ClassesOfNormals.Draw(70, 1);
        int?[] some = [.. classes.Select((c, i) => i % 2 == 0 ? c : (int?)null)];
        var (elbo, weighted) = model.EvaluateRows(new LabelledRows(rows, some), 4);
        for (var i = 0; i < rows.Count; i++)
        {
            var exact = some[i] is { } label ? ClassesOfNormals.LogJoint(rows.Row(i), label) : ClassesOfNormals.LogEvidence(rows.Row(i));
            Assert.Equal(exact, elbo[i], 2e-4);
            Assert.Equal(exact, weighted[i], 2e-4);
        }
    }

    [Fact]
    public void Classes_are_those_of_the_exact_posterior_by_the_classifier_and_by_draws_and_labels_are_not_looked_at()
    {
        using var model = ClassesOfNormals.Exact();
        var (rows, classes) = ClassesOfNormals.Draw(70, 2);
        foreach (var samples in new[] { 0, 3 })
        {
            var found = model.Classify(new LabelledRows(rows, [.. classes.Select(c => (int?)c)]), samples);
            for (var i = 0; i < rows.Count; i++)
            {
                for (var k = 0; k < Classes; k++)
                    Assert.Equal(ClassesOfNormals.Posterior(rows.Row(i), k), found[i, k], 1e-4);
            }
        }
    }

    // The bound is ln p(x) − KL(q(y|x)‖p(y|x)) where q(z|x,y) is exact; the importance-weighted one goes through classes whatever q(y|x) is.
    [Fact]
    public void A_classifier_that_is_wrong_costs_its_divergence_from_the_posterior()
    {
        double[] besides = [0.7, -0.4, 0];
        using var model = ClassesOfNormals.Exact(besides);
        var (rows, _) = ClassesOfNormals.Draw(40, 3);
        var evaluation = model.Evaluate(rows, 4);
        var (elbo, weighted) = model.EvaluateRows(rows, 4);
        var byClassifier = model.Classify(rows);
        var byDraws = model.Classify(rows, 2);
        for (var i = 0; i < rows.Count; i++)
        {
            var p = Enumerable.Range(0, Classes).Select(k => ClassesOfNormals.Posterior(rows.Row(i), k)).ToArray();
            var sum = p.Select((v, k) => v * Math.Exp(besides[k])).Sum();
            var q = p.Select((v, k) => v * Math.Exp(besides[k]) / sum).ToArray();
            Assert.Equal(ClassesOfNormals.LogEvidence(rows.Row(i)) - q.Zip(p, (a, b) => a * Math.Log(a / b)).Sum(), elbo[i], 2e-4);
            Assert.Equal(ClassesOfNormals.LogEvidence(rows.Row(i)), weighted[i], 2e-4);
            for (var k = 0; k < Classes; k++)
            {
                Assert.Equal(q[k], byClassifier[i, k], 1e-4);
                Assert.Equal(p[k], byDraws[i, k], 1e-4);
            }
        }
        // The terms: that of the label is KL(q(y|x)‖p(y)), and all add up.
        var label = evaluation.Bound.Latents.Single(t => t.Name == "label").Value;
        Assert.Equal(Enumerable.Range(0, rows.Count).Average(i => Enumerable.Range(0, Classes).Sum(k => byClassifier[i, k] * Math.Log(byClassifier[i, k] / ClassesOfNormals.Label.Prior[k]))), label, 1e-4);
        Assert.Equal(evaluation.Bound.Reconstruction - evaluation.Bound.Kl, evaluation.Bound.Elbo, 1e-9);
    }

    // Of any network: each class by itself is what a row with that label has, by the same noise.
    [Theory]
    [InlineData("diagonal")]
    [InlineData("full")]
    [InlineData("flow")]
    public void The_bound_without_a_label_is_the_sum_over_classes_of_bounds_with_it(string family)
    {
        const int rows = 5, samples = 2, latent = 2;
        using var network = new SomeNetwork(family, latent);
        var noise = Tensor.FromArray([.. Graph(samples * rows * network.Latent, 4)], [samples, rows, network.Latent]);
        var (open, bounds) = network.Bounds(rows, samples, noise, null);
        var q = network.Classify(rows);
        var expected = new double[rows];
        for (var k = 0; k < Classes; k++)
        {
            var (closed, ofClass) = network.Bounds(rows, samples, noise, k);
            Assert.Equal(0, closed.Sum(), 1e-6);
            for (var i = 0; i < rows; i++)
                expected[i] += q[i][k] * (ofClass[i] - Math.Log(q[i][k]));
        }
        Assert.Equal(rows, open.Sum(), 1e-6);
        for (var i = 0; i < rows; i++)
            Assert.Equal(expected[i], bounds[i], 2e-4);
    }

    [Fact]
    public void Gradients_of_bound_and_classifier_are_those_by_finite_differences()
    {
        const int rows = 6, latent = 2;
        const float step = 1e-2f;
        using var network = new SomeNetwork("diagonal", latent);
        var noise = Tensor.FromArray([.. Graph(rows * network.Latent, 5)], [1, rows, network.Latent]);
        int?[] labels = [0, null, 2, null, null, 1];
        using var function = network.Objective(rows, noise, labels, classifierWeight: 0.7);
        var gradients = function.Gradients();
        var variables = network.Variables;
        for (var v = 0; v < variables.Count; v++)
        {
            var values = variables[v].AsSpan<float>();
            foreach (var i in new[] { 0, values.Length / 2, values.Length - 1 })
            {
                var before = values[i];
                values[i] = before + step;
                var above = function.Value();
                values[i] = before - step;
                var below = function.Value();
                values[i] = before;
                Assert.Equal((above - below) / (2 * step), gradients[v][i], 5e-3 * Math.Max(1, Math.Abs(gradients[v][i])));
            }
        }
    }

    // The term has no other gradient than that of the classifier, and none where no row has a label.
    [Fact]
    public void The_classifier_term_is_the_mean_of_ln_q_over_labelled_rows()
    {
        const int rows = 6, latent = 2;
        using var network = new SomeNetwork("diagonal", latent);
        var noise = Tensor.FromArray([.. Graph(rows * network.Latent, 5)], [1, rows, network.Latent]);
        int?[] labels = [0, null, 2, null, null, 1];
        double Value(int?[] given, double weight)
        {
            using var function = network.Objective(rows, noise, given, weight);
            return function.Value();
        }
        var q = network.Classify(rows);
        var expected = (Math.Log(q[0][0]) + Math.Log(q[2][2]) + Math.Log(q[5][1])) / 3;
        Assert.Equal(3 * expected, Value(labels, 3) - Value(labels, 0), 1e-4);
        Assert.Equal(0, Value(new int?[rows], 3) - Value(new int?[rows], 0), 1e-6);
    }

    [Fact]
    public void What_does_not_go_with_a_label_is_refused()
    {
        var (rows, classes) = ClassesOfNormals.Draw(40, 6);
        using var model = ClassesOfNormals.Exact();
        var labelled = new LabelledRows(rows, [.. classes.Select(c => (int?)c)]);
        var refused = Assert.Throws<ArgumentException>(() => model.Train(labelled, new() { Epochs = 1, Objective = Objective.ImportanceWeighted(5), Threads = 1 }));
        Assert.Contains("class by class", refused.Message, StringComparison.Ordinal);
        Assert.Contains("label", Assert.Throws<ArgumentException>(() => new RowBatch(model, false, 4, 1)).Message, StringComparison.Ordinal);
        var setting = new LatentSetting(RowShape.Vector(3), 3, 3, new RandomNumbers(1, 1));
        Assert.Contains("VampPrior", Assert.Throws<ArgumentException>(() => new LabelledNetwork(setting, ClassesOfNormals.Label, 2, Architecture.FullyConnected([4]), prior: CodePrior.Vamp(3))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new LabelModel(["a", "b"], [0.5, 0.6]));
        Assert.Throws<ArgumentException>(() => LabelModel.Of(["a", "b"], rows));
        Assert.Contains("3 classes", Assert.Throws<ArgumentException>(() => model.Evaluate(new LabelledRows(rows, [.. classes.Select(_ => (int?)3)]), 1)).Message, StringComparison.Ordinal);
        using var unlabelled = new LinearGaussianModel(3, 1, 0.5, 1).Vae();
        Assert.Throws<ArgumentException>(() => unlabelled.Classify(rows));
        Assert.Throws<ArgumentException>(() => unlabelled.Sample(3, label: 0));
    }

    private static float[] Graph(int count, ulong seed) => Autoencoders.Graph.Normals(count, seed);

    /// <summary>A network with one hidden layer and weights drawn at random, over rows drawn at random.</summary>
    private sealed class SomeNetwork : IDisposable
    {
        private const int Size = 4;
        private readonly LabelledNetwork _network;
        private readonly GaussianObservation _observation = new(Size, 0.7);
        private readonly Cpu _cpu = new(1);

        public SomeNetwork(string family, int latent)
        {
            var posterior = family switch { "full" => CodePosterior.FullCovariance, "flow" => CodePosterior.Flow(1, 4), _ => CodePosterior.Diagonal };
            var prior = family == "flow" ? CodePrior.Mixture(2) : CodePrior.StandardNormal;
            _network = new(new(RowShape.Vector(Size), Size, Size, new RandomNumbers(7, 1)), ClassesOfNormals.Label, latent, Architecture.FullyConnected([5]), posterior, prior, 1);
        }

        public int Latent => _network.Latent;

        public IReadOnlyList<Variable> Variables => [.. _network.EncoderVariables, .. _network.DecoderVariables];

        private static Tensor Values(int rows) => Tensor.FromArray([.. Graph(rows * Size, 8)], [rows, Size]);

        private static Tensor LabelsOf(IReadOnlyList<int?> labels) =>
            Tensor.FromArray([.. labels.SelectMany(l => Enumerable.Range(0, Classes).Select(k => k == l ? 1.0 : 0))], [labels.Count, Classes]);

        /// <summary>Shares of draws that are open, and the bound of each row.</summary>
        public (double[] Open, double[] Bounds) Bounds(int rows, int samples, Tensor noise, int? label)
        {
            var values = Values(rows);
            var code = _network.Infer(Tensor.Concatenate(1, _observation.Features(values, null), LabelsOf([.. Enumerable.Repeat(label, rows)])), noise);
            Assert.Equal(samples * Classes, code.Z.Shape[0]);
            var likelihood = code.OverDraws(_observation.LogDensity(code.Parameters, values, null).Sum(2));
            var bound = likelihood - code.OverDraws(code.Divergence).Sum(1);
            var open = 1.0 - code.IsLabelled!;
            using var function = _cpu.Compile([bound, open]);
            function.Run();
            return ([.. function.Output<float>(open).ToArray().Select(v => (double)v)], [.. function.Output<float>(bound).ToArray().Select(v => (double)v)]);
        }

        public double[][] Classify(int rows)
        {
            var noise = Tensor.Full([1, rows, _network.Latent], 0);
            var code = _network.Infer(Tensor.Concatenate(1, Values(rows), LabelsOf(new int?[rows])), noise);
            using var function = _cpu.Compile([code.LogShares!]);
            function.Run();
            var shares = function.Output<float>(code.LogShares!).ToArray();
            return [.. Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, Classes).Select(k => Math.Exp(shares[k * rows + i])).ToArray())];
        }

        public Estimated Objective(int rows, Tensor noise, int?[] labels, double classifierWeight)
        {
            var values = Values(rows);
            var code = _network.Infer(Tensor.Concatenate(1, _observation.Features(values, null), LabelsOf(labels)), noise);
            var terms = new RowTerms(_observation.LogDensity(code.Parameters, values, null).Sum(2), code, Tensor.Full([1, rows], 1), Tensor.Scalar(1))
            {
                GuideVariables = _network.EncoderVariables,
                ModelVariables = _network.DecoderVariables,
                ClassifierWeight = classifierWeight,
            };
            var estimate = Elbo.Objectives.Objective.Elbo.OfRows(terms);
            return new(_cpu.Compile([estimate.Value, .. estimate.Gradients]), estimate);
        }

        public void Dispose()
        {
            _cpu.Dispose();
            foreach (var variable in _network.Variables)
                variable.Dispose();
        }
    }

    private sealed class Estimated(CompiledFunction function, RowEstimate estimate) : IDisposable
    {
        public double Value()
        {
            function.Run();
            return function.Scalar(estimate.Value);
        }

        public float[][] Gradients()
        {
            function.Run();
            return [.. estimate.Gradients.Select(g => function.Output<float>(g).ToArray())];
        }

        public void Dispose() => function.Dispose();
    }
}
