using Elbo.Models;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Tests.Training;

public sealed class ResumeTests
{
    private static readonly Table Rows = MixedTable.Of(300);
    private static readonly TableVaeOptions Options = new() { Latent = 3, Hidden = [24], Seed = 5 };
    private static readonly TrainingOptions Eight = new() { Epochs = 8, Batch = 64, LearningRate = 5e-3, WarmUp = 4, Threads = 1 };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 2)]
    [InlineData(7, 3)]
    public void A_run_taken_up_again_ends_in_the_bits_of_one_that_was_not_stopped(int stop, int threads)
    {
        using var whole = TableVae.Fit(Rows, Options, Eight);
        // Half of the runs end because their epochs are done, half because the caller says so.
        using var part = stop % 2 == 0
            ? TableVae.Fit(Rows, Options, Eight with { Epochs = stop, Threads = threads })
            : TableVae.Fit(Rows, Options, Eight with { Threads = threads }, (report, _) => report.Epoch < stop);
        var (best, state) = part.Checkpoint();
        Assert.Equal(stop, state.Epoch);

        using var rest = TableVae.Resume(part.Description with { Training = Eight with { Threads = threads } }, best, state, Rows);

        AssertSame(whole.TrainingState!, rest.TrainingState!);
        AssertSame(whole.Weights, rest.Weights);
        Assert.Equal(whole.Evaluate(Rows).Bound.Elbo, rest.Evaluate(Rows).Bound.Elbo);
    }

    [Fact]
    public void A_checkpoint_taken_while_training_is_as_good_as_one_taken_after()
    {
        (IReadOnlyList<NamedTensor> Best, TrainingState State)? kept = null;
        using var whole = TableVae.Fit(Rows, Options, Eight, (report, model) =>
        {
            if (report.Epoch == 3)
                kept = model.Checkpoint();
            return true;
        });
        using var rest = TableVae.Resume(whole.Description, kept!.Value.Best, kept.Value.State, Rows);
        AssertSame(whole.TrainingState!, rest.TrainingState!);
        AssertSame(whole.Weights, rest.Weights);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_do_not_change_a_bit(int threads)
    {
        using var one = TableVae.Fit(Rows, Options, Eight);
        using var several = TableVae.Fit(Rows, Options, Eight with { Threads = threads });
        AssertSame(one.TrainingState!, several.TrainingState!);
        AssertSame(one.Weights, several.Weights);
        Assert.Equal(one.Sample(50).Values("real").ToArray(), several.Sample(50).Values("real").ToArray());
    }

    [Fact]
    public void Another_seed_gives_another_model()
    {
        using var one = TableVae.Fit(Rows, Options, Eight with { Epochs = 2 });
        using var other = TableVae.Fit(Rows, Options with { Seed = 6 }, Eight with { Epochs = 2 });
        Assert.NotEqual(one.HeldOutRows, other.HeldOutRows);
        foreach (var (a, b) in one.Weights.Zip(other.Weights))
            Assert.False(a.Bytes.Span.SequenceEqual(b.Bytes.Span), a.Name);
    }

    [Fact]
    public void Weights_alone_make_the_same_model()
    {
        using var fitted = TableVae.Fit(Rows, Options, Eight with { Epochs = 2 });
        using var loaded = TableVae.Load(fitted.Description, fitted.Weights, threads: 2);
        AssertSame(fitted.Weights, loaded.Weights);
        Assert.Equal(fitted.ScoreRows(Rows), loaded.ScoreRows(Rows));
        Assert.Throws<InvalidOperationException>(() => loaded.Checkpoint());
        Assert.Throws<ArgumentException>(() => TableVae.Load(fitted.Description, [.. fitted.Weights.Skip(1)]));
    }

    [Fact]
    public void Another_table_is_refused()
    {
        using var fitted = TableVae.Fit(Rows, Options, Eight with { Epochs = 1 });
        var (best, state) = fitted.Checkpoint();
        Assert.Contains("300", Assert.Throws<ArgumentException>(() => TableVae.Resume(fitted.Description, best, state, MixedTable.Of(299))).Message, StringComparison.Ordinal);
        var lacking = Rows.SelectColumns("real", "positive");
        Assert.Contains("count", Assert.Throws<ArgumentException>(() => TableVae.Resume(fitted.Description, best, state, lacking)).Message, StringComparison.Ordinal);
    }

    private static void AssertSame(TrainingState expected, TrainingState actual)
    {
        Assert.Equal(expected.History, actual.History);
        Assert.Equal((expected.Epoch, expected.Step, expected.BestEpoch, expected.BestElbo), (actual.Epoch, actual.Step, actual.BestEpoch, actual.BestElbo));
        Assert.Equal((expected.RateScale, expected.IsFinished), (actual.RateScale, actual.IsFinished));
        Assert.Contains(expected.Tensors, t => t.Name.StartsWith("adam.second.", StringComparison.Ordinal));
        AssertSame(expected.Tensors, actual.Tensors);
    }

    private static void AssertSame(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> actual)
    {
        Assert.Equal(expected.Select(t => t.Name), actual.Select(t => t.Name));
        foreach (var (a, b) in expected.Zip(actual))
            Assert.True(a.Bytes.Span.SequenceEqual(b.Bytes.Span), a.Name);
    }
}
