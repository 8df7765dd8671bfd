using Elbo.Compute;
using Elbo.Inference;
using Elbo.Programs;
using static Elbo.Distributions.Distribution;

namespace Elbo.Tests.Programs;

public class EnumerationTests
{
    private static readonly double[] Data = [-2.1, -1.9, 0.3, 2.2, 1.8, 2.5];
    private static readonly double[] Weights = [0.3, 0.7];
    private static readonly double[] Means = [-2, 2];

    [Fact]
    public void A_mixture_is_what_it_is_with_the_groups_summed_by_hand()
    {
        var means = Tensor.FromArray(Means, [2], DType.Float64);
        var mixture = Model.Define(m =>
        {
            using var rows = m.Plate("row", Data.Length);
            var group = m.Sample("group", Categorical(Weights));
            m.Observe("y", Normal(means.Gather(group), 1), Data);
        });
        var byHand = Data.Sum(y => Math.Log(Weights.Zip(Means, (w, mean) => w * Density(y, mean)).Sum()));
        Assert.Equal(byHand, Evaluate(mixture.Enumerate().Trace().LogJoint), 1e-10);
    }

    [Fact]
    public void A_hidden_Markov_chain_is_what_the_forward_algorithm_says()
    {
        double[,] moves = { { 0.9, 0.1 }, { 0.2, 0.8 } };
        var transition = Tensor.FromArray([.. moves.Cast<double>()], [2, 2], DType.Float64);
        var means = Tensor.FromArray(Means, [2], DType.Float64);
        var chain = Model.Define(m =>
        {
            Tensor? state = null;
            for (var t = 0; t < Data.Length; t++)
            {
                state = m.Sample($"state[{t}]", state is null ? Categorical(Weights) : Categorical(transition.Gather(state)));
                m.Observe($"y[{t}]", Normal(means.Gather(state), 1), Data[t]);
            }
        });
        double[] forward = [.. Weights.Zip(Means, (w, mean) => w * Density(Data[0], mean))];
        foreach (var y in Data[1..])
            forward = [.. Enumerable.Range(0, 2).Select(to => Enumerable.Range(0, 2).Sum(from => forward[from] * moves[from, to]) * Density(y, Means[to]))];
        Assert.Equal(Math.Log(forward.Sum()), Evaluate(chain.Enumerate().Trace().LogJoint), 1e-10);
    }

    [Fact]
    public void A_change_point_is_summed_over_all_its_places()
    {
        var times = Tensor.Iota([Data.Length], 0);
        var change = Model.Define(m =>
        {
            var at = m.Sample("at", Categorical(Enumerable.Repeat(1.0 / Data.Length, Data.Length).ToArray()));
            using var rows = m.Plate("time", Data.Length);
            m.Observe("y", Normal(TensorMath.Where(times < at, Tensor.Scalar(-2, DType.Float64), Tensor.Scalar(2, DType.Float64)), 1), Data);
        });
        var byHand = Math.Log(Enumerable.Range(0, Data.Length).Sum(at => Data.Select((y, t) => Density(y, t < at ? -2 : 2)).Aggregate(1.0, (a, b) => a * b)) / Data.Length);
        Assert.Equal(byHand, Evaluate(change.Enumerate().Trace().LogJoint), 1e-10);
    }

    [Fact]
    public void Posterior_probabilities_of_groups_follow_from_Bayes()
    {
        var model = Model.Define(m =>
        {
            m.Sample("unrelated", Normal(0, 1));
            using var rows = m.Plate("row", Data.Length);
            var group = m.Sample("group", Categorical(Weights));
            m.Observe("y", Normal(Tensor.FromArray(Means, [2], DType.Float64).Gather(group), 1), Data);
        }).Enumerate();
        using var posterior = model.Fit(options: new FitOptions { StepsPerStage = 1, Threads = 1 });
        var (shape, probabilities) = posterior.Probabilities("group", 2);
        Assert.Equal([2, Data.Length], shape.AsSpan().ToArray());
        for (var row = 0; row < Data.Length; row++)
        {
            var first = Weights[0] * Density(Data[row], Means[0]);
            Assert.Equal(first / (first + Weights[1] * Density(Data[row], Means[1])), probabilities[row], 1e-10);
        }
    }

    private static double Density(double x, double mean) => Math.Exp(-0.5 * (x - mean) * (x - mean)) / Math.Sqrt(2 * Math.PI);

    private static double Evaluate(Tensor scalar)
    {
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([scalar]);
        function.Run();
        return function.Scalar(scalar);
    }
}
