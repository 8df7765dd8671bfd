using Elbo.Autoencoders;
using Elbo.Compute;
using Elbo.Data.Pictures;
using Elbo.Diagnostics;
using Elbo.Training;
using static System.FormattableString;

namespace Elbo.Examples.Autoencoders;

/// <summary>An arc of a circle, and an encoder that is too small for it: the model that it is trained with gives way.</summary>
internal static class AmortisationBias
{
    private const int Count = 1000;
    private const double Noise = 0.1;
    private const double Arc = 1.5 * Math.PI;
    private const int GridPoints = 1201;
    private const double GridEnd = 6;

    private static readonly TrainingOptions Training = new() { Epochs = 400, Batch = 100, LearningRate = 1e-2, Decay = RateDecay.Linear, HoldOut = 0, WarmUp = 0, WeightDecay = 0, HeldOutSamples = 1 };
    private static readonly RefinedFitOptions Alone = new() { Epochs = 400, LearningRate = 1e-2, InnerRate = 0.05, InnerSteps = 5 };
    private static readonly RefinedFitOptions FromStart = Alone with { Amortisation = Amortisation.Start, InnerRate = 0.05, InnerSteps = 40 };

    public static Page Run()
    {
        var (rows, fresh) = (Points(1), Points(2));
        Fit[] fits =
        [
            new("affine encoder", [], (vae, _) => { vae.Train(rows, Training); return vae.Evaluate(rows, 256).Bound.Elbo; }),
            new("affine encoder, refined", [], (vae, _) => RefinedFit.Of(vae, rows, FromStart).Elbo[^1]),
            new("no encoder", [], (vae, _) => RefinedFit.Of(vae, rows, Alone).Elbo[^1]),
            new("encoder of 2 x 32 units", [32, 32], (vae, _) => { vae.Train(rows, Training); return vae.Evaluate(rows, 256).Bound.Elbo; }),
        ];
        var plot = new Plot("The curve that each fit has learned, from z = -2.5 to 2.5") { X = new("x"), Y = new("y"), Width = 620, Height = 560 };
        plot.Points("data", rows.X, rows.Y);
        var table = new List<string>();
        AmortisationGap? gap = null;
        var evidences = new List<double>();
        foreach (var fit in fits)
        {
            var place = new Place();
            using var vae = new Vae(new Curve(fit.EncoderHidden, seed: 4), place, threads: 1);
            var elbo = fit.Train(vae, rows);
            var curve = CurveOf(vae);
            evidences.Add(Evidence(curve, place.Scale, rows));
            table.Add(Invariant($"| {fit.Name} | {elbo:F3} | {evidences[^1]:F3} | {Evidence(curve, place.Scale, fresh):F3} | {place.Scale:F3} |"));
            var shown = Enumerable.Range(0, GridPoints).Where(i => Math.Abs(curve.Z[i]) <= 2.5).ToArray();
            plot.Line(fit.Name, [.. shown.Select(i => curve.X[i])], [.. shown.Select(i => curve.Y[i])]);
            gap ??= AmortisationGap.Of(vae, rows, [.. Enumerable.Range(0, 200)], new() { Samples = 1000, Annealing = null });
        }
        return new("The model gives way to the encoder", Invariant($"""
            {Count:N0} points lie along three quarters of a circle, with noise of {Noise} around it. The model has one latent number and a network from it to the plane, so ln p(x) is an integral over a line, which is
            computed exactly. The same decoder is fitted in four ways:

            | fit | ELBO | ln p(x), exactly | of new points | noise learned |
            |---|---|---|---|---|
            {string.Join(Environment.NewLine, table)}

            Nats per point. Along the arc no affine function of the place tells where a point lies, so with an affine encoder the bound is best for another curve, whose posteriors such an encoder can
            describe, and the noise takes up what it leaves out. It is not only the bound that is loose: the model itself is wrong, and more data do not mend it. What the instrument says of that fit, on 200 of its points:

            ```
            {gap}
            ```

            The gap that is left there is no measure of the damage, as the model has moved to where it is small. A q for each row without an encoder (`RefinedFit`) and a larger encoder come to the arc, and to a model of greater
            likelihood. {Refined(evidences)} Where ln p(x) is not known, compare fits by an estimate of it that owes little to the encoder (`RowEvidence`), not by their ELBO.
            """), plot);
    }

    // Of the order in which they were fitted.
    private static string Refined(List<double> evidences)
    {
        var share = (evidences[1] - evidences[0]) / (evidences[2] - evidences[0]);
        return share > 0.8
            ? Invariant($"{FromStart.InnerSteps} steps from the start of the small encoder, at each row, do nearly as well.")
            : Invariant($"{FromStart.InnerSteps} steps from the start of the small encoder, at each row, make up {Math.Max(0, share):P0} of the loss: where it begins on the wrong side of the arc they do not come around.");
    }

    private static Places Points(ulong seed)
    {
        var random = new RandomNumbers(seed, 3);
        var (x, y) = (new double[Count], new double[Count]);
        for (var i = 0; i < Count; i++)
        {
            var angle = Arc * random.NextUniform();
            (x[i], y[i]) = (Math.Cos(angle) + Noise * random.NextNormal(), Math.Sin(angle) + Noise * random.NextNormal());
        }
        return new(x, y);
    }

    // Where the decoder takes codes.
    private static (double[] Z, double[] X, double[] Y) CurveOf(Vae vae)
    {
        double[] z = [.. Enumerable.Range(0, GridPoints).Select(i => GridEnd * (2.0 * i / (GridPoints - 1) - 1))];
        var codes = Tensor.Input("codes", [GridPoints, 1]);
        var places = vae.Network.Score(codes).Parameters;
        using var function = vae.Cpu.Compile([places]);
        z.Select(v => (float)v).ToArray().CopyTo(function.Input<float>(codes));
        function.Run();
        var output = function.Output<float>(places).ToArray();
        return (z, [.. z.Select((_, i) => (double)output[2 * i])], [.. z.Select((_, i) => (double)output[2 * i + 1])]);
    }

    // The mean over points of ln ∫ N(z; 0, 1) N(x; f(z), σ² I) dz, by the trapezoidal rule, whose error is below rounding for such integrands.
    private static double Evidence((double[] Z, double[] X, double[] Y) curve, double scale, Places rows)
    {
        var (step, sum) = (curve.Z[1] - curve.Z[0], 0.0);
        for (var row = 0; row < rows.Count; row++)
        {
            double[] logs = [.. curve.Z.Select((z, i) => -0.5 * z * z - 0.5 * (Square(rows.X[row] - curve.X[i]) + Square(rows.Y[row] - curve.Y[i])) / (scale * scale))];
            var greatest = logs.Max();
            sum += greatest + Math.Log(logs.Sum(l => Math.Exp(l - greatest)) * step) - 1.5 * Math.Log(2 * Math.PI) - 2 * Math.Log(scale);
        }
        return sum / rows.Count;
    }

    private static double Square(double x) => x * x;

    private sealed record Fit(string Name, int[] EncoderHidden, Func<Vae, Places, double> Train);
}
