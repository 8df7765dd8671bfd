using Elbo.Autoencoders;
using Elbo.Networks;
using Elbo.Tests.Diagnostics;
using Elbo.Training;

namespace Elbo.Tests.Training;

public sealed class AggressiveEncoderTests
{
    private static readonly VaeOptions Model = new() { Latent = 2, Architecture = Architecture.FullyConnected([8], Activation.Tanh) };
    private static readonly TrainingOptions Training = Vae.ForImages with { Epochs = 3, Batch = 32, AggressiveEncoder = true, Threads = 1 };

    [Theory]
    [InlineData(0, 30)]
    [InlineData(2, 60)]
    [InlineData(99, 100)]
    public void The_encoder_leads_until_a_look_at_fifteen_steps_finds_no_gain(int gainingLooks, int steps)
    {
        var taken = 0;
        Assert.Equal(steps, AggressiveEncoder.Lead(() => Math.Min(taken++ / 15, gainingLooks)));
        Assert.Equal(steps, taken);
    }

    [Fact]
    public void The_lead_ends_where_information_no_longer_grows_and_that_is_said()
    {
        using var aggressive = new AggressiveEncoder();
        var notices = new List<string>();
        foreach (var (information, isOn) in new[] { (0.5, true), (0.6, true), (0.6, false), (0.9, false) })
        {
            aggressive.Judge(() => information, 7, notices);
            Assert.Equal(isOn, aggressive.IsOn);
        }
        Assert.Contains("from epoch 8 on", Assert.Single(notices), StringComparison.Ordinal);
    }

    // Of all steps but one for each batch the decoder takes none, so by steps alone its optimiser cannot tell; by weights it can: with so large a step it would run away.
    [Fact]
    public void Steps_of_one_part_leave_the_other_as_it_is()
    {
        var images = CodeWords.Of(200, 3, 0.05, 1);
        using var model = Vae.Fit(images, Model, Training with { Epochs = 1 });
        using var step = new TrainingStep(
            model.Cpu, model.Network, model.Observation, new Elbo.Optimisers.Adam(model.Variables), 32, 1, Training, hasMissing: false);
        int[] rows = [.. Enumerable.Range(0, 32)];
        foreach (var (part, encoder, decoder) in new[] { (TrainedPart.Encoder, true, false), (TrainedPart.Decoder, false, true), (TrainedPart.All, true, true) })
        {
            var before = model.Variables.ToDictionary(v => v, v => v.AsBytes().ToArray());
            Assert.True(step.Run(images, rows, 1, 0.01, 1, part: part).Accepted);
            bool Changed(IEnumerable<Elbo.Compute.Variable> variables) => variables.Any(v => !v.AsBytes().SequenceEqual(before[v]));
            Assert.Equal((encoder, decoder), (Changed(model.Network.EncoderVariables), Changed(model.Network.DecoderVariables)));
        }
    }

    [Fact]
    public void A_stopped_fit_goes_on_to_the_same_bits_with_the_encoder_still_in_the_lead()
    {
        var images = CodeWords.Of(300, 3, 0.05, 1);
        using var whole = Vae.Fit(images, Model, Training);
        using var part = Vae.Fit(images, Model, Training with { Epochs = 1 });
        var (best, state) = part.Checkpoint();
        using var resumed = Vae.Resume(part.Description! with { Training = Training }, best, state, images);
        Assert.Equal(whole.TrainingState!.Step, resumed.TrainingState!.Step);
        Assert.Equal(whole.Weights.SelectMany(w => w.Bytes.ToArray()), resumed.Weights.SelectMany(w => w.Bytes.ToArray()));
        // At least two looks of 15 before each step of the decoder, of which the first epoch has nine.
        Assert.InRange(state.Step, 9 * 31, 9 * 101);
    }
}
