using Elbo.Autoencoders;
using Elbo.Data.Simulators;
using Elbo.Diagnostics.Factors;
using Elbo.Objectives;

namespace Elbo.Data.Tests;

public sealed class SpriteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The 320 frames show hearts, then ellipses, then squares: sizes, a turn, and for hearts a way along the four edges.
    [SharedDataFact]
    public void Sprites_are_those_of_the_published_frames_but_for_few_pixels()
    {
        var frames = ImageReader.Read(SharedData.Path("dsprites_reference/dsprites_gif_frames-images-idx3-ubyte.gz")).Images;
        var (wrong, white, worst) = (0, 0, 0);
        var drawn = Enum.GetValues<SpriteShape>().ToDictionary(s => s, s => new SpriteSet([.. Shown(s).Select(SpriteSet.IndexOf)]).Images());
        for (var frame = 0; frame < frames.Count; frame++)
        {
            var shape = frame < 192 ? SpriteShape.Heart : frame < 256 ? SpriteShape.Ellipse : SpriteShape.Square;
            var pixels = frames.Pixels(frame).ToArray();
            var off = Enumerable.Range(0, drawn[shape].Count).Min(i => Differences(pixels, drawn[shape].Pixels(i)));
            wrong += off;
            worst = Math.Max(worst, off);
            white += pixels.Count(p => p == 255);
        }

        Assert.Equal(320, frames.Count);
        // Seen: 144 of 80,000 white pixels, at most 6 in a frame.
        Assert.InRange(wrong, 0, white / 400);
        Assert.InRange(worst, 0, 6);
    }

    [Fact]
    public void An_index_names_a_sprite_and_a_sprite_its_index()
    {
        foreach (var index in (int[])[0, 1, 31, 32, 40_960, 123_456, SpriteSet.All - 1])
            Assert.Equal(index, SpriteSet.IndexOf(SpriteSet.Of(index)));
        Assert.Equal(737_280, SpriteSet.All);
        Assert.Equal(new(SpriteShape.Heart, 5, 39, 31, 31), SpriteSet.Of(SpriteSet.All - 1));
        Assert.Throws<ArgumentException>(() => new SpriteSet([SpriteSet.All]));
        Assert.Contains("at most 524287", Assert.Throws<InvalidOperationException>(() => new SpriteSet().Images()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SpriteSet([0, -1]));
    }

    [Fact]
    public void Sprites_are_where_and_what_their_factors_say()
    {
        byte[] Pixels(Sprite sprite) => new SpriteSet([SpriteSet.IndexOf(sprite)]).Images().Pixels(0).ToArray();
        (double X, double Y, int Area) Centre(Sprite sprite)
        {
            int[] white = [.. Pixels(sprite).Index().Where(p => p.Item == 255).Select(p => p.Index)];
            return (white.Average(i => i % 64 + 0.5), white.Average(i => i / 64 + 0.5), white.Length);
        }

        Assert.Equal((16, 16, 100), Centre(new(SpriteShape.Square, 0, 0, 0, 0)));
        Assert.Equal((48, 16, 400), Centre(new(SpriteShape.Square, 5, 0, 31, 0)));
        Assert.Equal((16, 48), (Centre(new(SpriteShape.Ellipse, 3, 0, 0, 31)).X, Centre(new(SpriteShape.Ellipse, 3, 0, 0, 31)).Y));
        Assert.Equal(Pixels(new(SpriteShape.Heart, 2, 0, 5, 6)), Pixels(new(SpriteShape.Heart, 2, 39, 5, 6)));
        // The ellipse lies along the image, and after about a quarter of a turn across it.
        bool IsWhite(Sprite sprite, int x, int y) => Pixels(sprite)[64 * y + x] == 255;
        Assert.True(IsWhite(new(SpriteShape.Ellipse, 5, 0, 0, 0), 27, 16) && !IsWhite(new(SpriteShape.Ellipse, 5, 0, 0, 0), 16, 27));
        Assert.True(IsWhite(new(SpriteShape.Ellipse, 5, 10, 0, 0), 16, 27) && !IsWhite(new(SpriteShape.Ellipse, 5, 10, 0, 0), 27, 16));
        // The tip of a heart is below it.
        Assert.True(IsWhite(new(SpriteShape.Heart, 5, 0, 0, 0), 16, 23) && !IsWhite(new(SpriteShape.Heart, 5, 0, 0, 0), 16, 8));
    }

    [Fact]
    public void Drawn_sprites_depend_on_the_seed_alone_and_rows_are_their_images()
    {
        var (one, same, other) = (SpriteSet.Drawn(200, 3), SpriteSet.Drawn(200, 3), SpriteSet.Drawn(200, 4));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => one[i]), Enumerable.Range(0, 200).Select(i => same[i]));
        Assert.NotEqual(Enumerable.Range(0, 200).Select(i => one[i]), Enumerable.Range(0, 200).Select(i => other[i]));
        Assert.Equal(200, Enumerable.Range(0, 200).Select(i => one[i]).Distinct().Count());
        var (rows, values) = (new[] { 7, 199 }, new float[3 * 64 * 64]);
        one.Fill(rows, values, []);
        var images = one.Images();
        Assert.Equal(rows.SelectMany(r => images.Pixels(r).ToArray()).Select(p => p / 255f).Concat(new float[64 * 64]), values);
        Assert.True(images.IsBinary);
        Assert.Equal((int)one[5].Shape, one.Factors.Factors[0].Values[5]);
        Assert.Equal(["shape", "scale", "rotation", "x", "y"], one.Factors.Factors.Select(f => f.Name));
    }

    [Fact]
    public void Files_hold_images_and_the_table_of_their_factors()
    {
        var sprites = SpriteSet.Drawn(50, 1);
        SpriteFile.Write(_folder["s.npy"], _folder["s.csv"], sprites);
        Assert.Equal(50, ImageReader.Read(_folder["s.npy"]).Images.Count);
        var lines = File.ReadAllLines(_folder["s.csv"]);
        Assert.Equal("shape,scale,rotation,x,y", lines[0]);
        Assert.Equal(51, lines.Length);
        Assert.StartsWith(sprites[9].Shape.ToString().ToLowerInvariant() + ",", lines[10], StringComparison.Ordinal);
    }

    [Fact]
    public void The_code_of_the_page_runs()
    {
        var (sprites, epochs) = (SpriteSet.Drawn(60, 1), 1);
        // Begin.
        var training = Vae.ForImages with { Budget = DivergenceBudget.TotalCorrelation(6), Batch = 256, Epochs = epochs };
        using var model = Vae.Fit(sprites.Images(), new VaeOptions { Latent = 10 }, training);
        Console.WriteLine(DisentanglementScores.OfModel(model, sprites, sprites.Factors));
        // End.
        var root = SimulatorTests.RepositoryRoot();
        var source = File.ReadAllText(Path.Combine(root, "tests", "Elbo.Data.Tests", $"{nameof(SpriteTests)}.cs"));
        var code = source[(source.IndexOf("// Begin.\n", StringComparison.Ordinal) + 10)..source.IndexOf("        // End.", StringComparison.Ordinal)].Replace("\n        ", "\n", StringComparison.Ordinal).Trim();
        Assert.Contains(code, File.ReadAllText(Path.Combine(root, "docs", "disentangling.md")), StringComparison.Ordinal);
    }

    private static IEnumerable<Sprite> Shown(SpriteShape shape)
    {
        for (var scale = 0; scale < 6; scale++)
            yield return new(shape, scale, 0, 0, 0);
        for (var rotation = 1; rotation < 40; rotation++)
            yield return new(shape, 5, rotation, 0, 0);
        for (var place = 0; place < 32 && shape == SpriteShape.Heart; place++)
        {
            foreach (var (x, y) in new[] { (0, place), (31, place), (place, 0), (place, 31) })
                yield return new(shape, 5, 0, x, y);
        }
    }

    private static int Differences(byte[] one, ReadOnlySpan<byte> other)
    {
        var count = 0;
        for (var i = 0; i < one.Length; i++)
            count += one[i] == other[i] ? 0 : 1;
        return count;
    }
}
