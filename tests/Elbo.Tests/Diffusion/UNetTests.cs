using Elbo.Compute;
using Elbo.Diffusion;
using Elbo.Networks;

namespace Elbo.Tests.Diffusion;

public class UNetTests
{
    private static readonly RowShape Shape = new(4, 4, 1);

    [Fact]
    public void Waves_of_a_number_come_again_after_one()
    {
        using var model = DiffusionModel.Make(Shape, Readout.Shades, new() { Denoiser = Denoiser.UNet([8], waves: 3) }, threads: 1);
        // What the first layer makes of the number itself is left out, so that its waves alone are seen.
        var first = model.Variables.Single(v => v.Name == "denoiser.in.weight");
        Assert.Equal(7, first.Shape[2]);
        var weights = first.AsSpan<float>();
        for (var tap = 0; tap < 9; tap++)
            weights.Slice(tap * 7 * 8, 8).Clear();
        var noisy = Enumerable.Range(0, 16).Select(i => 0.11f * i - 0.9f).ToArray();
        var said = Said(model, noisy);
        Assert.Equal(said, Said(model, [.. noisy.Select(z => z + 1)]), (a, b) => Math.Abs(a - b) < 1e-4);
        // Half a period of the longest wave, a whole one of the others.
        Assert.NotEqual(said, Said(model, [.. noisy.Select(z => z + 0.5f)]), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void The_way_from_noise_ends_where_samples_do()
    {
        using var model = DiffusionModel.Make(Shape, Readout.ShadesOf(17), new() { Denoiser = Denoiser.UNet([8]), Levels = 20 }, threads: 1);
        foreach (var path in new[] { SamplingPath.Ancestral, SamplingPath.Heun })
        {
            var options = new SamplingOptions { Path = path, Steps = 6 };
            var way = model.Denoise(3, options, seed: 4);
            Assert.Equal(model.Chain.Along(6), way.Select(moment => moment.Level));
            var values = new float[3 * Shape.Size];
            model.Readout.Read(Array.ConvertAll(way[^1].Data, x => (double)x), 0, null, values);
            Assert.Equal(model.Sample(3, options, seed: 4), values);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Denoise(65));
    }

    [Fact]
    public void Waves_without_end_are_refused() =>
        Assert.Contains("waves", Assert.Throws<ArgumentException>(() => DiffusionModel.Make(Shape, Readout.Shades, new() { Denoiser = Denoiser.UNet([8], waves: 21) })).Message);

    private static float[] Said(DiffusionModel model, float[] noisy)
    {
        var (z, place) = (Tensor.Input("z", [1, 16]), Tensor.Full([1, 1], 0.3));
        var said = model.Network.Apply(z, place, null);
        using var cpu = new Cpu(1);
        using var function = cpu.Compile([said]);
        noisy.CopyTo(function.Input<float>(z));
        function.Run();
        return function.Output<float>(said).ToArray();
    }
}
