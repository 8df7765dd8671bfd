using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Compute.Tests.Reference;
using Elbo.Likelihoods;
using Elbo.Models;
using Elbo.Optimisers;
using Elbo.Tables;
using Elbo.Tests.Models;
using Elbo.Training;

namespace Elbo.Tests.Training;

public sealed class TableTrainerTests
{
    private static readonly TableVaeOptions Options = new() { Latent = 2, Hidden = [16] };
    private static readonly TrainingOptions Short = new() { Epochs = 6, Batch = 32, Threads = 1 };

    [Fact]
    public void The_weight_of_the_divergence_rises_evenly_to_one_over_the_warm_up()
    {
        var weights = new List<double>();
        using var warm = TableVae.Fit(MixedTable.Of(100), Options, Short with { WarmUp = 4 }, (report, _) => Note(report.KlWeight));
        using var cold = TableVae.Fit(MixedTable.Of(100), Options, Short with { WarmUp = 0, Epochs = 2 }, (report, _) => Note(report.KlWeight));
        Assert.Equal([0.25, 0.5, 0.75, 1, 1, 1, 1, 1], weights);

        bool Note(double weight)
        {
            weights.Add(weight);
            return true;
        }
    }

    [Fact]
    public void Profiling_takes_its_steps_on_a_copy()
    {
        var table = MixedTable.Of(100);
        using var model = TableVae.Fit(table, Options, Short);
        var (weights, elbo) = (Floats(model.Weights), model.Evaluate(table, 4).Bound.Elbo);
        var profile = model.ProfileTraining(table, 3);
        Assert.Contains(profile.Kernels, k => k.Kernel.Name == "MatrixProduct" && k.Kernel.Flop > 0);
        Assert.Equal(weights, Floats(model.Weights));
        Assert.Equal(elbo, model.Evaluate(table, 4).Bound.Elbo);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.ProfileTraining(table, 0));
    }

    // Few rows, a large network and a large step: the held-out bound turns long before the epochs are done.
    [Fact]
    public void Training_stops_after_patience_and_keeps_the_weights_of_the_best_epoch()
    {
        var (best, bounds) = (new Dictionary<int, float[]>(), new List<double>());
        var training = new TrainingOptions { Epochs = 500, HoldOut = 0.4, Patience = 6, WarmUp = 2, LearningRate = 2e-2, WeightDecay = 0, Batch = 16, Threads = 1 };
        using var model = TableVae.Fit(MixedTable.Of(60), Options with { Hidden = [64] }, training, (report, now) =>
        {
            Assert.Equal(report.IsBest, bounds.TrueForAll(b => b < report.HeldOut.Elbo));
            bounds.Add(report.HeldOut.Elbo);
            best[report.Epoch] = Floats(now.Weights);
            return true;
        });
        var state = model.TrainingState!;

        Assert.True(state.IsFinished);
        Assert.Equal(1 + bounds.IndexOf(bounds.Max()), state.BestEpoch);
        Assert.Equal(Math.Max(state.BestEpoch, 2) + 6, state.Epoch);
        Assert.Equal(bounds.Max(), state.BestElbo);
        Assert.Equal(bounds, state.History.Select(line => line.HeldOutElbo));
        Assert.Equal(best[state.BestEpoch], Floats(model.Weights));
        Assert.NotEqual(best[state.Epoch], Floats(model.Weights));
    }

    [Fact]
    public void Reported_terms_add_up()
    {
        using var model = TableVae.Fit(MixedTable.Of(200), Options, Short, (report, _) =>
        {
            var bound = report.HeldOut;
            Assert.Equal(20, bound.Rows);
            Assert.Equal(bound.Reconstruction - bound.Kl, bound.Elbo, 1e-9);
            Assert.Equal(bound.Columns.Sum(c => c.Value), bound.Reconstruction, 1e-9);
            Assert.Equal(bound.Latents.Sum(l => l.Value), bound.Kl, 1e-9);
            Assert.All(bound.Latents, l => Assert.InRange(l.Value, 0, 100));
            return true;
        });
        Assert.Equal(7, model.Evaluate(MixedTable.Of(50)).Bound.Columns.Select(c => c.Name).Distinct().Count());
    }

    // Weights of 1e9 leave the squared length of the gradient finite or not by the luck of the draw, and no step of Adam can move them.
    [Fact]
    public void A_step_that_is_not_finite_is_tried_again_half_as_large_and_told()
    {
        using var run = new SmallTrainer(rows: 40, batch: 2);
        run.Learned.Single(v => v.Name == "decoder.0.weight").AsSpan<float>().Fill(1e9f);
        var report = run.Trainer.RunEpoch();

        Assert.InRange(report.Notices.Count, 1, 40);
        Assert.Contains("undone", report.Notices[0], StringComparison.Ordinal);
        Assert.Contains("half", report.Notices[0], StringComparison.Ordinal);
        Assert.Equal(Math.Pow(0.5, report.Notices.Count), run.Trainer.State.RateScale);
        Assert.Equal(20 + report.Notices.Count, run.Trainer.State.Step);
    }

    [Fact]
    public void Training_that_cannot_be_mended_ends_with_advice()
    {
        var error = Assert.Throws<TrainingException>(() => TableVae.Fit(MixedTable.Of(100), Options, Short with { LearningRate = 1e30 }));
        Assert.Contains("learning rate below 1E+30", error.Message, StringComparison.Ordinal);
        Assert.Contains("outliers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_is_not_finite_changes_nothing()
    {
        using var run = new StepRun(clip: 100);
        Assert.True(run.Step(0.01).Accepted);
        run.Learned[0].AsSpan<float>()[3] = float.NaN;
        var before = run.Bytes();
        Assert.False(run.Step(0.01).Accepted);
        Assert.Equal(before, run.Bytes());
    }

    // Adam's first moment after one step is a tenth of the gradient it was given.
    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e6)]
    public void Gradients_are_shortened_to_the_clip_and_never_lengthened(double clip)
    {
        using var run = new StepRun(clip);
        var result = run.Step(0.01);
        var moments = run.Adam.State.Where(v => v.Name.StartsWith("adam.first.", StringComparison.Ordinal));
        var length = 10 * Math.Sqrt(moments.Sum(v => v.AsSpan<float>().ToArray().Sum(m => (double)m * m)));
        Assert.InRange(result.GradientNorm, 0.1, 1e5);
        Assert.Equal(Math.Min(result.GradientNorm, clip), length, 1e-4 * length);
    }

    // A gradient of nothing leaves decay alone at work: it must shrink weights, and nothing else.
    [Fact]
    public void Weights_decay_and_nothing_else_that_is_learned_does()
    {
        using var run = new StepRun(clip: 1e-30, decay: 0.5);
        var before = run.Learned.ToDictionary(v => v.Name, v => v.AsSpan<float>().ToArray());
        run.Step(0.01);
        Assert.Contains("Ordinal5.logGaps", before.Keys);
        foreach (var variable in run.Learned)
        {
            var factor = variable.Name.EndsWith(".weight", StringComparison.Ordinal) ? 1 - 0.01f * 0.5f : 1;
            Assert.Equal(before[variable.Name].Select(v => v * factor), variable.AsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var run = new StepRun(clip: 100);
        Assert.Equal(0, AllocatedBytes.Of(() => run.Step(0.01), runs: 10));
    }

    [Fact]
    public void Rows_that_fill_a_batch_up_count_for_nothing()
    {
        // The same rows in a batch of their own size, and in one with as many rows again that stay empty.
        using var full = new StepRun(clip: 100, batch: 12);
        using var half = new StepRun(clip: 100, batch: 24);
        var (a, b) = (full.Step(0.01), half.Step(0.01));
        Assert.Equal(a.Elbo, b.Elbo, 1e-4);
        Assert.Equal(a.Kl, b.Kl, 1e-5);
        Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-3);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        foreach (var (options, name) in new (TrainingOptions, string)[]
        {
            (Short with { Epochs = 0 }, "Epochs"), (Short with { Batch = 0 }, "Batch"), (Short with { LearningRate = double.NaN }, "LearningRate"),
            (Short with { HoldOut = 0.6 }, "HoldOut"), (Short with { Patience = 0 }, "Patience"), (Short with { WarmUp = -1 }, "WarmUp"),
            (Short with { GradientClip = 0 }, "GradientClip"), (Short with { WeightDecay = -1 }, "WeightDecay"), (Short with { HeldOutSamples = 0 }, "HeldOutSamples"),
            (Short with { Threads = 0 }, "Threads"),
        })
        {
            Assert.StartsWith(name, Assert.Throws<ArgumentException>(() => TableVae.Fit(MixedTable.Of(20), Options, options)).Message, StringComparison.Ordinal);
        }
        Assert.Throws<ArgumentException>(() => TableVae.Fit(MixedTable.Of(1), Options, Short));
        Assert.Contains("real", Assert.Throws<ArgumentException>(() =>
            TableVae.Fit(MixedTable.Of(20), Options with { Likelihoods = new Dictionary<string, LikelihoodKind> { ["age"] = default } })).Message, StringComparison.Ordinal);
    }

    private static float[] Floats(IReadOnlyList<NamedTensor> tensors) =>
        [.. tensors.SelectMany(t => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(t.Bytes.Span).ToArray())];

    private sealed class SmallTrainer : IDisposable
    {
        private readonly Cpu _cpu = new(1);
        private readonly TableObservation _observation;

        public SmallTrainer(int rows, int batch)
        {
            var random = new RandomNumbers(1, 1);
            double[] values = [.. Enumerable.Range(0, rows).Select(_ => random.NextNormal())];
            var table = new Table([new Column("x", ColumnKind.Real)], [values]);
            (Network, _observation) = TableParts.Of([LikelihoodChoice.Choose(table.Columns[0], values)], 1, []);
            Trainer = new(_cpu, Network, _observation, EncodedTable.Of(table, _observation.Columns), null, new() { Batch = batch, HoldOut = 0, WeightDecay = 0 }, 1);
        }

        public LatentNetwork Network { get; }

        public Trainer Trainer { get; }

        public IReadOnlyList<Variable> Learned => [.. Network.Variables, .. _observation.Variables];

        public void Dispose()
        {
            Trainer.Dispose();
            _cpu.Dispose();
            foreach (var variable in Network.Variables.Concat(_observation.Variables))
                variable.Dispose();
        }
    }

    private sealed class StepRun : IDisposable
    {
        private const int Rows = 12;

        private readonly Cpu _cpu = new(2);
        private readonly EncodedTable _table;
        private readonly TableObservation _observation;
        private readonly TrainingStep _step;
        private int _count;

        public StepRun(double clip, int batch = Rows, double decay = 0)
        {
            var table = MixedTable.Of(Rows);
            (Network, _observation) = TableParts.Of([.. table.Columns.Select((c, i) => LikelihoodChoice.Choose(c, table.Values(i)))], 2, [8]);
            Adam = new Adam(Learned) { WeightDecay = decay };
            _table = EncodedTable.Of(table, _observation.Columns);
            _step = new(_cpu, Network, _observation, Adam, batch, 1, new() { GradientClip = clip });
        }

        public LatentNetwork Network { get; }

        public IReadOnlyList<Variable> Learned => [.. Network.Variables, .. _observation.Variables];

        public Adam Adam { get; }

        public StepResult Step(double rate)
        {
            Span<int> rows = stackalloc int[Rows];
            for (var i = 0; i < Rows; i++)
                rows[i] = i;
            return _step.Run(_table, rows, _count++, rate, 1);
        }

        public byte[] Bytes() => [.. Learned.Concat(Adam.State).SelectMany(v => v.AsBytes().ToArray())];

        public void Dispose()
        {
            _step.Dispose();
            _cpu.Dispose();
            foreach (var variable in Learned.Concat(Adam.State))
                variable.Dispose();
        }
    }
}
