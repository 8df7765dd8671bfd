using System.Globalization;
using System.Text.Json.Nodes;
using Elbo.Cli.Commands;
using Elbo.Data;
using Elbo.Diagnostics;
using Elbo.Diffusion;

namespace Elbo.Cli.Output;

/// <summary>The bound of a diffusion model in words and as JSON.</summary>
internal static class DiffusionText
{
    private const int LongestBar = 24;

    /// <summary>The lines of a report.</summary>
    /// <param name="bound">The bound.</param>
    /// <param name="limit">The negative bound with steps without end.</param>
    /// <param name="rows">Which rows they are of, after "Of the".</param>
    /// <param name="file">The model.</param>
    /// <param name="row">What a row is.</param>
    /// <param name="width">The terminal's columns of characters.</param>
    /// <param name="colour">Whether it takes colours.</param>
    public static IEnumerable<string> Lines(DiffusionBound bound, Estimate limit, string rows, DiffusionModelFile file, string row, int width, bool colour)
    {
        var given = file.Classes.Count > 0 ? ", given its label where that is known" : "";
        yield return TextLines.Wrap($"In nats per {row}{given}, of the {rows}:", width);
        yield return "";
        var table = new TextTable(new TextColumn(""), new TextColumn("", IsRight: true), new TextColumn(""), new TextColumn(""));
        void Add(string name, Estimate value, string what, bool isBold = false) =>
            table.Add([name, Numbers.Nats(value.Value), Error(value), what], isBold ? line => Ansi.Bold(line, colour) : null);
        Add("ELBO", bound.Elbo, $"no greater than ln p({row})", isBold: true);
        Add("  - prior", bound.Prior, "what the noisiest level still tells of the data");
        Add("  - steps", bound.Steps, "what taking away noise costs, step by step");
        Add("  - reconstruction", bound.Reconstruction, "what reading the data from the least noisy level costs");
        Add("ELBO, T without end", new(-limit.Value, limit.StandardError), $"the same network with ever smaller steps; {bound.Total.Value - limit.Value:F3} better is what {file.Options.Levels} levels lose".Replace("-0.000", "0.000", StringComparison.Ordinal));
        if (bound.IsDiscrete)
            Add("bits per number", bound.BitsPerNumber, "what a perfect coder would pay by this bound");
        foreach (var line in table.Lines(width, colour: false).Skip(1))
            yield return line;
        if (file.Options.Objective != DiffusionObjective.Bound)
        {
            yield return "";
            yield return TextLines.Wrap($"Training minimised the {DiffusionWords.Of(file.Options.Objective)} loss, which weighs the terms anew. The ELBO reported is the plain one of the same model, which was not what was maximised.", width);
        }
    }

    /// <summary>Where the nats of a bound are.</summary>
    public static IEnumerable<string> Diagnosis(DiffusionBound bound, Estimate limit, IReadOnlyList<NoiseBand> bands, DiffusionModelFile file, string row, int width, bool colour)
    {
        foreach (var line in Lines(bound, limit, $"{Numbers.Of(bound.Rows, row)}", file, row, width, colour))
            yield return line;
        yield return "";
        yield return TextLines.Wrap($"Where the nats are, by the logarithm of noise over signal, γ; {file.Options.Levels} levels:", width);
        yield return "";
        var table = new TextTable(new TextColumn("γ"), new TextColumn("nats", IsRight: true), new TextColumn("of bound", IsRight: true), new TextColumn("of simple loss", IsRight: true), new TextColumn(""));
        var all = Math.Max(1e-9, Math.Abs(bound.Total.Value));
        var most = Math.Max(1e-9, bands.Select(b => b.Nats).Append(bound.Reconstruction.Value).Append(bound.Prior.Value).Max());
        string Bar(double nats) => new('█', (int)Math.Round(LongestBar * Math.Clamp(nats / most, 0, 1)));
        table.Add(["reconstruction", Numbers.Nats(bound.Reconstruction.Value), Share(bound.Reconstruction.Value / all), "", Bar(bound.Reconstruction.Value)]);
        foreach (var band in bands)
            table.Add([string.Create(CultureInfo.InvariantCulture, $"{Gamma(band.From)} to {Gamma(band.To)}"), Numbers.Nats(band.Nats), Share(band.Nats / all), Share(band.SimpleShare), Bar(band.Nats)]);
        table.Add(["prior", Numbers.Nats(bound.Prior.Value), Share(bound.Prior.Value / all), "", Bar(bound.Prior.Value)]);
        foreach (var line in table.Lines(width, colour))
            yield return line;
        yield return "";
        foreach (var sentence in Findings(bound, limit, bands, file, row))
            yield return TextLines.Wrap(sentence, width);
    }

    // What is wrong, and what to do about it.
    private static IEnumerable<string> Findings(DiffusionBound bound, Estimate limit, IReadOnlyList<NoiseBand> bands, DiffusionModelFile file, string row)
    {
        const double Much = 0.05;
        const double OfAll = 0.02;
        var (first, last) = (bands[0].From, bands[^1].To);
        var scale = Math.Max(1, Math.Abs(bound.Total.Value));
        yield return "Collapse has no meaning here: q is given, and no level can be left unused. What can go wrong is the range of noise, the number of steps, and where the network errs.";
        if (bound.Prior.Value > Math.Max(Much, OfAll * scale))
            yield return string.Create(CultureInfo.InvariantCulture, $"The noisiest level still tells {bound.Prior.Value:F2} nats of a {row}, and samples begin without them: let the schedule go on to more noise, as in --schedule log-linear:{first:0.#}..{last + 2:0.#}.");
        if (limit.Value < bound.Total.Value - Math.Max(Much, OfAll * scale))
            yield return string.Create(CultureInfo.InvariantCulture, $"{file.Options.Levels} levels cost {bound.Total.Value - limit.Value:F2} nats more than steps without end do: more --steps win them back, with no more time in training.");
        var steepest = bands.MaxBy(b => b.Nats)!;
        var simple = bands.MaxBy(b => b.SimpleShare)!;
        yield return string.Create(CultureInfo.InvariantCulture, $"Most nats of the steps are at γ from {Gamma(steepest.From)} to {Gamma(steepest.To)}; the simple loss looks most at {Gamma(simple.From)} to {Gamma(simple.To)}, where {100 * simple.SimpleShare:F0} % of it are and {100 * simple.Nats / scale:F0} % of the bound.");
        if (bands[0].Nats > 2 * bands[1].Nats && bands[0].Nats > Much * scale)
            yield return string.Create(CultureInfo.InvariantCulture, $"The bound is still steep at least noise: data are finer than that. Of shades or levels go on to less noise, as in --schedule log-linear:{first - 2:0.#}..{last:0.#}; of real numbers with few digits that would make a density as high as one likes.");
    }

    /// <summary>Adds the terms of a bound, in nats per row.</summary>
    public static void AddBound(JsonObject json, DiffusionBound bound, Estimate limit)
    {
        json["rowCount"] = bound.Rows;
        json["elbo"] = JsonText.Number(bound.Elbo.Value);
        json["elboStandardError"] = JsonText.Number(bound.Elbo.StandardError);
        foreach (var (name, term) in new[] { ("prior", bound.Prior), ("steps", bound.Steps), ("reconstruction", bound.Reconstruction) })
        {
            json[name] = JsonText.Number(term.Value);
            json[name + "StandardError"] = JsonText.Number(term.StandardError);
        }

        json["elboLimit"] = JsonText.Number(-limit.Value);
        json["elboLimitStandardError"] = JsonText.Number(limit.StandardError);
        json["bitsPerNumber"] = bound.IsDiscrete ? JsonText.Number(bound.BitsPerNumber.Value) : null;
    }

    public static JsonObject Json(NoiseBand band) => new()
    {
        ["firstLevel"] = band.First,
        ["lastLevel"] = band.Last,
        ["from"] = JsonText.Number(band.From),
        ["to"] = JsonText.Number(band.To),
        ["nats"] = JsonText.Number(band.Nats),
        ["shareOfSimpleLoss"] = JsonText.Number(band.SimpleShare),
    };

    /// <summary>Means of neighbours, at most a hundred in all.</summary>
    public static (double[] X, double[] First, double[] Second) Smoothed(double[] x, double[] first, double[] second)
    {
        const int Most = 100;
        var each = Math.Max(1, (x.Length + Most - 1) / Most);
        double[] Means(double[] values) => [.. values.Chunk(each).Select(c => c.Average())];
        return (Means(x), Means(first), Means(second));
    }

    // Without a sign before nothing.
    private static string Gamma(double value) => (Math.Round(value, 1) + 0.0).ToString("F1", CultureInfo.InvariantCulture);

    private static string Share(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static string Error(Estimate estimate) => double.IsFinite(estimate.StandardError) ? $"± {Numbers.Nats(estimate.StandardError)}" : "";
}
