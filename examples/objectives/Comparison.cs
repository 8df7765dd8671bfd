using System.Diagnostics;
using Elbo.Compute;
using Elbo.Data.Pictures;
using Elbo.Diagnostics;
using Elbo.Diffusion;
using static System.FormattableString;

namespace Elbo.Examples.Objectives;

/// <summary>Maximum likelihood, the ELBO and an adversarial loss of one model, and the ELBO of a diffusion model, on the same points of the plane.</summary>
internal static class Comparison
{
    private const int Steps = 6000;
    private const ulong Seed = 4;

    public static void Write(string folder)
    {
        var (data, fresh, drawn) = (Heaps.Draw(20_000, 1), Heaps.Draw(4000, 2), 4000);
        using var cpu = new Cpu();
        var truth = Heaps.MeanLogDensity(fresh);
        var panels = new List<Picture> { Scatter("data", fresh, null) };
        var lines = new List<string> { Invariant($"| the density itself | | {truth:0.000} | {truth:0.000} | {Quality(Heaps.Draw(drawn, 3))} | |") };

        var likelihood = Fit("maximum likelihood", "ln p(x), exactly", model => Losses.MaximumLikelihood(cpu, model, data, Steps), says: loss => Invariant($"{-loss:0.000}"));
        var bound = Fit("ELBO", "a bound below ln p(x)", model => Losses.Elbo(cpu, model, data, Steps, Seed), says: loss => Invariant($"≥ {-loss:0.000}"));
        var adversarial = Fit("adversarial", "nothing", model => Losses.Adversarial(cpu, model, data, Steps, Seed), says: _ => "nothing");

        var start = Stopwatch.GetTimestamp();
        using var diffusion = DiffusionModel.Fit(
            data, new() { Schedule = NoiseSchedule.LinearLogNoise(-8, 6), Prediction = Prediction.Velocity, Variance = ReverseVariance.Interpolated, Objective = DiffusionObjective.Bound, Denoiser = Denoiser.FullyConnected(64, 3), Seed = Seed },
            DiffusionModel.Usual with { Epochs = Steps * Losses.Batch / 20_000, Batch = Losses.Batch, LearningRate = 2e-3, HoldOut = 0.02 });
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var ofDiffusion = diffusion.Evaluate(fresh, visits: 100).Total;
        var samples = new Points(diffusion.Sample(drawn, new() { Steps = 100 }, Seed), 2);
        var quality = Quality(samples);
        lines.Add(Invariant($"| ELBO of {diffusion.Chain.Count:N0} steps: a diffusion model | a bound below ln p(x) | ≥ {-ofDiffusion.Value:0.000} | not known | {quality} | {seconds:0} |"));
        panels.Add(Scatter("ELBO of 1,000 steps: a diffusion model", samples, null));
        Console.WriteLine(lines[^1]);

        var page = Invariant($"""
            # Likelihood, bound, adversary

            What do maximum likelihood, the ELBO and an adversarial loss each give? Here they train **the same model** on the same 20,000 points of the plane, so that nothing but the loss differs: a hidden number
            z ~ N(0, 1), a network from z to a place (two layers of 64), normal noise of {Heaps.Noise} around it. As z lies on a line, ln p(x) is an integral over that line and can be computed to the digits shown,
            for each of the three: also where the loss had nothing to do with it. The data lie in {Heaps.Count} heaps around a ring, normals with a deviation of {Heaps.Noise}: a density that is known, so one can say how good any of them could be. {Steps:N0} steps of
            {Losses.Batch} points each, one seed. The setting was chosen: data, noise and step sizes are the third that were tried, with the noise held at the truth so that none of the losses gets stuck. With a noise that is learned too the ELBO collapsed, and the adversarial fit came out well below; so read the kinds of failure, not the order of the last two.

            ![Data, and samples of the four models; the line is where z from −3 to 3 is mapped to](likelihood-bound-adversary.svg)

            | loss | what it is of ln p(x) | what it says, nats a point | ln p of {fresh.Count:N0} new points, exactly | classifier | MMD² | precision | recall | in the least heap | between heaps | seconds |
            |---|---|---|---|---|---|---|---|---|---|---|
            {string.Join(Environment.NewLine, lines)}

            The classifier is a small network that is trained to tell {drawn:N0} samples from as many new points (50 % is chance); precision is the share of samples that lie where data do, recall the share of data where samples lie. Each heap has
            {1.0 / Heaps.Count:P1} of the points.

            **Maximum likelihood.** The loss is −ln p(x) itself, so what training says and what new points have agree but for chance: {-likelihood.Loss:0.000} and {likelihood.Exact:0.000} nats, where the truth has {truth:0.000}. It must
            cover every point, as a point without density costs without end; where the model cannot do that sharply, it does it broadly. It needs an integral over z at each step, which there is for one hidden number and not for twenty.

            **The ELBO.** A second network, q(z|x), takes the place of the integral. What training says, {-bound.Loss:0.000}, is a bound: the exact value of new points is {bound.Exact:0.000}, {bound.Exact + bound.Loss:0.000} nats above it. The
            gap is KL(q(z|x)‖p(z|x)), and as it is part of the loss the model gives way to it too: it ends {likelihood.Exact - bound.Exact:0.000} nats below the fit by the likelihood itself. The price is known, which is what the certificate and the
            tighter bounds of this library are for, and it works for any number of hidden numbers. A diffusion model is an ELBO of {diffusion.Chain.Count:N0} steps whose q is so simple that almost nothing is lost: its bound, {-ofDiffusion.Value:0.000} ± {ofDiffusion.StandardError:0.000},
            is {truth + ofDiffusion.Value:0.000} nats from the truth, though its p(x) can no longer be written down.

            **The adversarial loss.** A second network learns to tell samples from data, and the model learns to fool it. Nobody asks for a density: the loss ends at {adversarial.Loss:0.00} (ln 2 = 0.69 where nothing can be told apart) whatever the
            density is. {Told(adversarial, likelihood)} Its samples pass or fail by what the critic looks at, and a part of the data that samples seldom show costs it little: the
            heap that it shows least has {adversarial.Least:P1} of its samples, by maximum likelihood {likelihood.Least:P1}, where data have {1.0 / Heaps.Count:P1}. For a model with more hidden numbers
            than one there is no integral to find this out by, and that is the trouble with it: samples, and no likelihood.

            Written by `dotnet run -c Release --project examples/objectives -- comparison`. The adversarial model is there for comparison alone and is not part of the library; more on diffusion models: [diffusion.md](diffusion.md).

            """);
        File.WriteAllText(Path.Combine(folder, "likelihood-bound-adversary.md"), page);
        new Panels("The same data by four losses", 3, panels).Save(Path.Combine(folder, "likelihood-bound-adversary.svg"));

        (double Loss, double Exact, double Least) Fit(string name, string what, Func<Line, double> train, Func<double, string> says)
        {
            var (model, began) = (new Line(Seed), Stopwatch.GetTimestamp());
            var loss = train(model);
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var exact = model.MeanLogDensity(cpu, fresh);
            var some = model.Draw(cpu, drawn, Seed);
            lines.Add(Invariant($"| {name} | {what} | {says(loss)} | {exact:0.000} | {Quality(some)} | {took:0} |"));
            Console.WriteLine(lines[^1]);
            panels.Add(Scatter(name, some, model.Curve(cpu)));
            return (loss, exact, Heaps.Shares(some).Min());
        }

        string Quality(Points some)
        {
            var (classifier, kernel, coverage) = (ClassifierTest.Of(some, fresh, Seed), KernelTest.Of(some.Select([.. Enumerable.Range(0, 2000)]), fresh.Select([.. Enumerable.Range(0, 2000)]), seed: Seed), PrecisionRecall.Of(some, fresh, seed: Seed));
            return Invariant($"{classifier.Accuracy:P1} | {kernel.Squared:0.0000} | {coverage.Precision:P0} | {coverage.Recall:P0} | {Heaps.Shares(some).Min():P1} | {1 - Heaps.Shares(some).Sum():P0}");
        }

        static string Told((double Loss, double Exact, double Least) adversarial, (double Loss, double Exact, double Least) likelihood) => adversarial.Exact < likelihood.Exact - 0.1
            ? Invariant($"Computed all the same, new points have {adversarial.Exact:0.000} nats, {likelihood.Exact - adversarial.Exact:0.000} less than by maximum likelihood: nothing in its training would tell.")
            : Invariant($"Computed all the same, new points have {adversarial.Exact:0.000} nats, and nothing in its training would tell.");

        static Plot Scatter(string title, Points points, (double[] X, double[] Y)? curve)
        {
            var some = Enumerable.Range(0, 700).ToArray();
            var plot = new Plot(title) { Width = 320, Height = 330, X = new("") { From = -2.4, To = 2.4 }, Y = new("") { From = -2.4, To = 2.4 } }.Points("", [.. some.Select(i => (double)points[i][0])], [.. some.Select(i => (double)points[i][1])]);
            return curve is { } c ? plot.Line("", c.X, c.Y) : plot;
        }
    }
}
