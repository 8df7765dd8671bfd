using Elbo.Diagnostics;
using Elbo.Training;

namespace Elbo.Tests.Diagnostics;

public sealed class BoundHistoryTests
{
    [Fact]
    public void The_greater_term_is_told_with_the_epoch_since_which_it_is_so()
    {
        // Reconstruction −3, −2, −1, −1, −3, −1, −0.5, −0.5 and divergence 2 throughout.
        double[] reconstruction = [-3, -2, -1, -1, -3, -1, -0.5, -0.5];
        var history = BoundHistory.Of([.. reconstruction.Select((r, i) => Line(i + 1, r, 2))])!;

        Assert.Equal((BoundTerm.Divergence, 6), (history.Dominant, history.Since));
        Assert.Equal((6, 0.5, 0.0), (history.Lately, history.RiseByReconstruction, history.RiseByDivergence));
        Assert.Equal(reconstruction, history.Epochs.Select(e => e.Reconstruction));
        Assert.Equal(-2.5, history.Epochs[^1].Elbo);
    }

    [Fact]
    public void What_moved_the_bound_is_split_into_its_terms()
    {
        var history = BoundHistory.Of([Line(1, -9, 0.5), Line(2, -8, 1), Line(3, -7, 1.5), Line(4, -7.25, 1)])!;

        Assert.Equal((BoundTerm.Reconstruction, 1, 3), (history.Dominant, history.Since, history.Lately));
        Assert.Equal((-0.25, 0.5), (history.RiseByReconstruction, history.RiseByDivergence));
        Assert.Equal(history.Epochs[3].Elbo - history.Epochs[2].Elbo, history.RiseByReconstruction + history.RiseByDivergence);
        Assert.Equal(0.75, history.OverfitBy);
    }

    [Fact]
    public void A_single_epoch_has_moved_nothing()
    {
        var history = BoundHistory.Of([Line(1, -9, 0.5)])!;

        Assert.Equal((1, 1, 0.0, 0.0), (history.Since, history.Lately, history.RiseByReconstruction, history.RiseByDivergence));
        Assert.Null(BoundHistory.Of([]));
    }

    private static EpochLine Line(int epoch, double reconstruction, double divergence) =>
        new(epoch, reconstruction - divergence + 0.75, reconstruction - divergence, 0, divergence, 1);
}
