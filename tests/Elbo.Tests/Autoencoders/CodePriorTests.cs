using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Tests.Autoencoders;

public sealed class CodePriorTests
{
    private const int Latent = 2;
    private const int Side = 161;
    private const double Reach = 8;

    public static TheoryData<string> All => ["standard", "mixture", "vamp", "flow"];

    [Theory]
    [MemberData(nameof(All))]
    public void A_density_has_an_integral_of_one(string prior) => Assert.Equal(1, Grid(Make(prior)).Sum(p => p.Mass), 2e-3);

    [Theory]
    [MemberData(nameof(All))]
    public void Draws_are_of_the_density(string prior)
    {
        var family = Make(prior);
        const int Draws = 40_000;
        var noise = Tensor.Input("noise", [Draws, family.NoiseWidth]);
        var codes = Graph.Run([family.Draw(noise)], (noise, Graph.Normals(Draws * family.NoiseWidth, 5)))[0];
        var grid = Grid(family);
        foreach (var statistic in new Func<double, double, double>[] { (a, _) => a, (_, b) => b, (a, b) => a * b, (a, _) => Math.Cos(a), (a, b) => Math.Exp(-(a * a + b * b)) })
        {
            double[] values = [.. Enumerable.Range(0, Draws).Select(i => statistic(codes[Latent * i], codes[Latent * i + 1]))];
            var mean = values.Average();
            var error = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) / Draws);
            Assert.InRange(mean - grid.Sum(p => p.Mass * statistic(p.A, p.B)), -5 * error - 2e-3, 5 * error + 2e-3);
        }
    }

    [Fact]
    public void A_VampPrior_begins_with_rows_of_the_data()
    {
        var family = new VampPrior(3).Begin(Setting());
        Assert.Equal(3, family.FirstRows);
        float[] rows = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        family.Start(rows);
        Assert.Equal(rows, family.Variables[0].AsSpan<float>().ToArray());
    }

    private static PriorSetting Setting() => new(Latent, new(7, 1), 4, features => (features.Slice(1, 0, 2), features.Slice(1, 2, 2) - 0.5));

    // Of each family a member that is not what it begins with.
    private static PriorFamily Make(string prior)
    {
        CodePrior recipe = prior switch
        {
            "mixture" => CodePrior.Mixture(4),
            "vamp" => CodePrior.Vamp(3),
            "flow" => CodePrior.Flow(3, 8),
            _ => CodePrior.StandardNormal,
        };
        var family = recipe.Begin(Setting());
        var random = new RandomNumbers(11, 1);
        foreach (var variable in family.Variables)
        {
            foreach (ref var value in variable.AsSpan<float>())
                value += (float)(0.4 * random.NextNormal());
        }
        return family;
    }

    private static List<(double A, double B, double Mass)> Grid(PriorFamily family)
    {
        var step = 2 * Reach / (Side - 1);
        var points = Enumerable.Range(0, Side * Side).Select(i => (A: i / Side * step - Reach, B: i % Side * step - Reach)).ToList();
        var z = Tensor.Input("z", [points.Count, Latent]);
        var log = Graph.Run([family.LogDensity(z)], (z, [.. points.SelectMany(p => new[] { (float)p.A, (float)p.B })]))[0];
        return [.. points.Select((p, i) => (p.A, p.B, Math.Exp(log[i]) * step * step))];
    }
}
