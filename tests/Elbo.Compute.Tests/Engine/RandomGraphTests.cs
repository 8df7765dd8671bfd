using Elbo.Compute.Tests.Reference;

namespace Elbo.Compute.Tests.Engine;

public class RandomGraphTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Doubles_are_what_the_graph_means(int block)
    {
        for (var seed = 50 * block; seed < 50 * (block + 1); seed++)
        {
            var graph = new RandomGraph(seed, 5 + seed % 36);
            graph.Experiment.Agrees(1e-6, graph.Outputs);
        }
    }

    [Fact]
    public void Graphs_too_large_for_one_kernel_or_one_thread_are_what_they_mean()
    {
        for (var seed = 300; seed < 315; seed++)
        {
            var graph = new RandomGraph(seed, 15, largestAxis: 17);
            graph.Experiment.Agrees(3, VectorWidths.Best, new(), 1e-6, graph.Outputs);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Floats_are_what_the_graph_means(int block)
    {
        for (var seed = 50 * block; seed < 50 * (block + 1); seed++)
        {
            var graph = new RandomGraph(seed, 5 + seed % 12, type: DType.Float32);
            graph.Experiment.Agrees(1e-3, graph.Outputs);
        }
    }
}
