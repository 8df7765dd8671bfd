using System.Globalization;
using System.Text;
using Elbo.Autoencoders;
using Elbo.Images;
using Elbo.Models;
using Elbo.Objectives;
using Elbo.Tables;
using Elbo.Training;

namespace Elbo.Diagnostics;

/// <summary>A remedy for a code that collapses.</summary>
public enum CollapseRemedy
{
    /// <summary>None: weights as networks usually begin, and the bound alone from the first step.</summary>
    None,

    /// <summary>The last layer of the decoder begins a hundred times smaller, so that at first a code does no harm and the encoder is not told to shut it off.</summary>
    SmallDecoder,

    /// <summary>The weight of the divergence rises from 0 (Bowman et al., 2016).</summary>
    WarmUp,

    /// <summary>A part of the divergence of each latent number is free (Kingma et al., 2016).</summary>
    FreeBits,

    /// <summary>The encoder leads (He et al., 2019).</summary>
    AggressiveEncoder,
}

/// <summary>How remedies are compared.</summary>
public sealed record CollapseRemedyOptions
{
    /// <summary>Which to compare; null for all.</summary>
    public IReadOnlyList<CollapseRemedy>? Remedies { get; init; }

    /// <summary>Epochs of warm-up; null for a quarter of all.</summary>
    public int? WarmUp { get; init; }

    /// <summary>Nats free in each latent number.</summary>
    public double FreeBits { get; init; } = 0.25;

    /// <summary>Multiplies the first weights of the decoder's last layer, as remedy.</summary>
    public double SmallScale { get; init; } = 0.01;

    /// <summary>Draws of the code for each held-out row in the end.</summary>
    public int Samples { get; init; } = 64;
}

/// <summary>What a fit with a remedy came to, on the rows that were held out.</summary>
/// <param name="Remedy">The remedy.</param>
/// <param name="Bound">The ELBO and its terms; the bound itself, whatever was maximised.</param>
/// <param name="ActiveLatents">Active latent numbers.</param>
/// <param name="Split">What the divergence pays for; null where q(z|x) is no diagonal normal.</param>
/// <param name="Steps">Training steps, each of a batch.</param>
public sealed record RemedyOutcome(CollapseRemedy Remedy, Bound Bound, int ActiveLatents, AggregateSplit? Split, int Steps)
{
    /// <summary>Whether the code carries next to nothing.</summary>
    public bool IsCollapsed => PosteriorCollapse.Explain(Bound, ActiveLatents) is not null;
}

/// <summary>Remedies for a collapsed code, compared on the same rows from the same seed.</summary>
/// <param name="Outcomes">One for each remedy, in the order of the enumeration.</param>
public sealed record CollapseRemedies(IReadOnlyList<RemedyOutcome> Outcomes)
{
    // A better bound than this, in nats per row, is worth a remedy. Rows are the same, so that errors of bounds hardly count in their difference.
    private const double NoticeableGain = 0.05;

    // A code with so many times the divergence is in use, where the other is not.
    private const double MuchMore = 2;

    // First weights of a decoder as they usually are.
    private const double UsualScale = 1;

    /// <summary>The outcome with the best bound.</summary>
    public RemedyOutcome Best => Outcomes.MaxBy(o => o.Bound.Elbo)!;

    /// <summary>Fits images with each remedy.</summary>
    /// <param name="images">The images.</param>
    /// <param name="model">The parts of the model.</param>
    /// <param name="training">How to train, but for the remedies; rows have to be held out.</param>
    /// <param name="options">The remedies and their strengths.</param>
    /// <param name="progress">Told of each outcome as it comes.</param>
    public static CollapseRemedies Compare(
        ImageSet images, VaeOptions? model = null, TrainingOptions? training = null, CollapseRemedyOptions? options = null, Action<RemedyOutcome>? progress = null) =>
        Compare((scale, how) => (Vae.Fit(images, (model ?? new()) with { DecoderScale = scale }, how), images), training ?? Vae.ForImages, options, progress);

    /// <summary>Fits a table with each remedy.</summary>
    /// <inheritdoc cref="Compare(ImageSet, VaeOptions?, TrainingOptions?, CollapseRemedyOptions?, Action{RemedyOutcome}?)"/>
    public static CollapseRemedies Compare(
        Table table, TableVaeOptions? model = null, TrainingOptions? training = null, CollapseRemedyOptions? options = null, Action<RemedyOutcome>? progress = null) =>
        Compare((scale, how) => TableVae.Fit(table, (model ?? new()) with { DecoderScale = scale }, how) is var fitted ? (fitted.Vae, fitted.Rows(table)) : default, training ?? new(), options, progress);

    /// <summary>Compares remedies by a fit of one's own.</summary>
    /// <param name="fit">Trains a model whose decoder's last layer begins with weights multiplied by the number; gives it with the rows that it was trained on and held out. It is disposed of here.</param>
    /// <param name="training">How to train, but for the remedies; rows have to be held out.</param>
    /// <param name="options">The remedies and their strengths.</param>
    /// <param name="progress">Told of each outcome as it comes.</param>
    public static CollapseRemedies Compare(
        Func<double, TrainingOptions, (Vae Model, IRows Rows)> fit, TrainingOptions training, CollapseRemedyOptions? options = null, Action<RemedyOutcome>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(training);
        options ??= new();
        if (training.HoldOut <= 0)
            throw new ArgumentException("Remedies are compared on held-out rows, and none are held out; set HoldOut.", nameof(training));
        var outcomes = new List<RemedyOutcome>();
        foreach (var remedy in options.Remedies ?? Enum.GetValues<CollapseRemedy>())
        {
            var (scale, how) = With(remedy, training, options);
            var (model, rows) = fit(scale, how);
            using (model)
                outcomes.Add(Outcome(remedy, model, new SelectedRows(rows, model.HeldOutRows), options, training));
            progress?.Invoke(outcomes[^1]);
        }
        return new(outcomes);
    }

    /// <summary>What collapse came of, as far as remedies tell; null where the code is in use without any, and none makes the bound better.</summary>
    public string? Cause
    {
        get
        {
            if (Outcomes.FirstOrDefault(o => o.Remedy == CollapseRemedy.None) is not { } none)
                return null;
            var gain = Best.Bound.Elbo - none.Bound.Elbo;
            if (gain > NoticeableGain && Best.Bound.Kl > MuchMore * none.Bound.Kl)
                return string.Create(CultureInfo.InvariantCulture, $"The way of training is at fault: with {Text(Best.Remedy)} the bound is {gain:F2} nats better, by a code that carries {Best.Split?.Information.Value ?? Best.Bound.Kl:F2} nats. Without it training stays at a code that is hardly used, though the bound does not ask for that.");
            if (!none.IsCollapsed)
                return null;
            return Outcomes.Any(o => !o.IsCollapsed)
                ? "Collapse is what the bound asks for: codes that remedies keep in use do not make it better. What a code could tell of a row is below the noise of p(x|z), or the divergence counts too much; a likelihood with less noise, more rows, or a weight below 1 on the divergence would change that."
                : "No remedy keeps the code in use: there is nothing to encode beyond independent numbers, or the decoder cannot make use of a code. Try a wider decoder, and rule out that the numbers are independent.";
        }
    }

    /// <summary>A table of the outcomes, and the cause.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"remedy",-22} {"ELBO",9} {"±",5} {"divergence",10} {"information",11} {"active",6} {"steps",8}");
        foreach (var o in Outcomes)
            text.AppendLine(CultureInfo.InvariantCulture, $"{Text(o.Remedy),-22} {o.Bound.Elbo,9:F3} {o.Bound.StandardError,5:F2} {o.Bound.Kl,10:F3} {(o.Split is { } s ? s.Information.Value.ToString("F3", CultureInfo.InvariantCulture) : "-"),11} {o.ActiveLatents,6} {o.Steps,8}");
        if (Cause is { } cause)
            text.AppendLine(cause);
        return text.ToString().TrimEnd();
    }

    /// <summary>A remedy in words.</summary>
    public static string Text(CollapseRemedy remedy) => remedy switch
    {
        CollapseRemedy.SmallDecoder => "a small first decoder",
        CollapseRemedy.WarmUp => "warm-up",
        CollapseRemedy.FreeBits => "free bits",
        CollapseRemedy.AggressiveEncoder => "the encoder in the lead",
        _ => "none",
    };

    private static (double Scale, TrainingOptions Training) With(CollapseRemedy remedy, TrainingOptions training, CollapseRemedyOptions options)
    {
        var plain = training with { WarmUp = 0, Budget = DivergenceBudget.None, AggressiveEncoder = false, Recorder = null };
        return remedy switch
        {
            CollapseRemedy.SmallDecoder => (options.SmallScale, plain),
            CollapseRemedy.WarmUp => (UsualScale, plain with { WarmUp = options.WarmUp ?? Math.Max(1, training.Epochs / 4) }),
            CollapseRemedy.FreeBits => (UsualScale, plain with { Budget = DivergenceBudget.FreeBits(options.FreeBits) }),
            CollapseRemedy.AggressiveEncoder => (UsualScale, plain with { AggressiveEncoder = true }),
            _ => (UsualScale, plain),
        };
    }

    private static RemedyOutcome Outcome(CollapseRemedy remedy, Vae model, IRows heldOut, CollapseRemedyOptions options, TrainingOptions training)
    {
        var evaluation = model.Evaluate(heldOut, options.Samples);
        var split = model.Network.HasDiagonalPosterior ? AggregateSplit.OfModel(model, heldOut, new() { Seed = model.Seed, Threads = training.Threads }) : null;
        return new(remedy, evaluation.Bound, evaluation.ActiveLatents, split, model.TrainingState?.Step ?? 0);
    }
}
