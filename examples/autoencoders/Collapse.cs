using System.Numerics;
using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Data.Pictures;
using Elbo.Diagnostics;
using Elbo.Images;
using Elbo.Networks;
using static System.FormattableString;

namespace Elbo.Examples.Autoencoders;

/// <summary>
/// Sixteen words of fifteen bits, any two bits of which are independent: a code of four bits explains all, and no correlation of two numbers leads
/// to it.
/// </summary>
internal static class Collapse
{
    private const int WordBits = 4;
    private const int Bits = (1 << WordBits) - 1;
    private const double Flips = 0.02;
    private const int Rows = 8000;
    private const int Epochs = 30;

    public static Page Run()
    {
        var words = Words(Rows, seed: 1);
        var model = new VaeOptions { Latent = 4, Architecture = Architecture.FullyConnected([32], Activation.Tanh) };
        var training = Vae.ForImages with { Epochs = Epochs, Batch = 64, LearningRate = 1e-2, Patience = Epochs };
        var comparison = CollapseRemedies.Compare(words, model, training, progress: o => Console.WriteLine(Invariant($"{CollapseRemedies.Text(o.Remedy)}: {o.Bound.Elbo:F3}")));

        var (independent, entropy) = (-Bits * Math.Log(2), Entropy());
        var (none, best) = (comparison.Outcomes[0], comparison.Best);
        var plot = new BarPlot("Held-out bound with each remedy, nats above independent bits", [.. comparison.Outcomes.Select(o => CollapseRemedies.Text(o.Remedy))])
        {
            IsHorizontal = true,
            Values = new("nats a row"),
        };
        plot.Bars("bound above independent bits", [.. comparison.Outcomes.Select(o => o.Bound.Elbo - independent)])
            .Bars("information in the code", [.. comparison.Outcomes.Select(o => o.Split!.Information.Value)]);
        return new("A code that collapses, and what mends it", Invariant($"""
            The data are {Rows:N0} rows of {Bits} bits: one of {1 << WordBits} words, each bit of which is flipped with probability {Flips}. The words are those of a simplex code, so any two bits are
            independent, and a model of independent bits has {independent:F2} nats a row. One that knows the words has {-entropy:F2}, the exact entropy: {-entropy - independent:F1} nats more, by a code
            of about ln {1 << WordBits} = {WordBits * Math.Log(2):F2} nats. Yet the usual training of a variational autoencoder ends at {none.Bound.Elbo:F2}, with {none.Split!.Information.Value:F2} nats of information in the
            code: as no two bits are correlated, a code that says a little about a row improves nothing, and its divergence costs from the first step on. The encoder is shut off before the decoder has
            learned what a code could be used for. A remedy has to bring the code over this hill:

            ```
            {comparison}
            ```

            {Told(comparison)} Each is the bound itself, on the same rows held out, whatever was maximised.
            """), plot);
    }

    private static string Told(CollapseRemedies comparison)
    {
        var none = comparison.Outcomes[0];
        string[] mended = [.. comparison.Outcomes.Where(o => o.Bound.Elbo > none.Bound.Elbo + 1).Select(o => CollapseRemedies.Text(o.Remedy))];
        string[] others = [.. comparison.Outcomes.Skip(1).Where(o => o.Bound.Elbo <= none.Bound.Elbo + 1).Select(o => CollapseRemedies.Text(o.Remedy))];
        var text = mended.Length == 0 ? "Here no remedy does." : $"Here {string.Join(" and ", mended)} {(mended.Length == 1 ? "does" : "do")}, as the code costs nothing until it has come into use.";
        return others.Length == 0 ? text : $"{text} Not so {string.Join(" and ", others)}: they change how fast encoder and decoder learn, and not what a code costs before it is of use.";
    }

    private static ImageSet Words(int count, ulong seed)
    {
        var random = new RandomNumbers(seed, 1);
        var pixels = new byte[count * Bits];
        for (var i = 0; i < count; i++)
        {
            var word = random.NextBelow(1 << WordBits);
            for (var j = 0; j < Bits; j++)
                pixels[i * Bits + j] = Bit(word, j) != random.NextUniform() < Flips ? (byte)255 : (byte)0;
        }
        return new(1, Bits, 1, pixels);
    }

    private static bool Bit(int word, int j) => BitOperations.PopCount((uint)(word & (j + 1))) % 2 == 1;

    // Over all 2¹⁵ rows there can be.
    private static double Entropy()
    {
        int[] words = [.. Enumerable.Range(0, 1 << WordBits).Select(w => Enumerable.Range(0, Bits).Sum(j => Bit(w, j) ? 1 << j : 0))];
        var entropy = 0.0;
        for (var row = 0; row < 1 << Bits; row++)
        {
            var p = words.Average(w => BitOperations.PopCount((uint)(w ^ row)) is var flipped ? Math.Pow(Flips, flipped) * Math.Pow(1 - Flips, Bits - flipped) : 0);
            entropy -= p * Math.Log(p);
        }
        return entropy;
    }
}
