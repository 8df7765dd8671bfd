namespace Elbo.Texts;

/// <summary>A way to look at texts: which tokens say something of a label, and how much.</summary>
/// <param name="Name">A word for it.</param>
/// <param name="Tokens">Which tokens.</param>
/// <param name="Weight">What a token counts as evidence, in (0, 1]: tokens that overlap say the same thing several times, and independent ones would count 1.</param>
/// <param name="Concentration">How many tokens of all texts together each class begins with: the weight of the Dirichlet prior of its tokens, whose mean is their share of all.</param>
public sealed record TextView(string Name, VocabularyOptions Tokens, double Weight, double Concentration)
{
    /// <summary>What a token counts as evidence.</summary>
    public double Weight { get; } = Weight is > 0 and <= 1 ? Weight : throw new ArgumentOutOfRangeException(nameof(Weight), Weight, "The weight of a token lies above 0, up to 1.");

    /// <summary>The weight of the prior.</summary>
    public double Concentration { get; } = Concentration > 0 && double.IsFinite(Concentration) ? Concentration
        : throw new ArgumentOutOfRangeException(nameof(Concentration), Concentration, "The weight of a prior is a positive number.");

    /// <summary>Words and pairs of words.</summary>
    public static TextView Words { get; } = new("words", new() { Tokeniser = Tokeniser.WordsInARow(2) }, 0.3, 100);

    /// <summary>Two to five characters in a row.</summary>
    public static TextView Characters { get; } = new("characters", new() { Tokeniser = Tokeniser.Characters(2, 5), MinimumTexts = 3 }, 0.1, 1000);
}

/// <summary>How a <see cref="TextClassifier"/> is fitted.</summary>
public sealed record TextClassifierOptions
{
    /// <summary>The ways to look at a text, whose evidence is added up.</summary>
    public IReadOnlyList<TextView> Views { get; init => field = value is { Count: > 0 } ? value : throw new ArgumentException("A classifier looks at texts in at least one way.", nameof(value)); } = [TextView.Words, TextView.Characters];

    /// <summary>
    /// What an unlabelled text counts beside a labelled one (Nigam, McCallum, Thrun and Mitchell, 2000, section 5.3.1), each from 0 to 1. Of several, the one is taken under
    /// which hidden labels are the most probable; 0 among them keeps unlabelled texts from doing harm.
    /// </summary>
    public IReadOnlyList<double> UnlabelledWeights
    {
        get;
        init => field = value is { Count: > 0 } && value.All(w => w is >= 0 and <= 1) ? value : throw new ArgumentException("Unlabelled texts count from 0 to 1 beside labelled ones, and at least one weight is needed.", nameof(value));
    } = [0, 0.2];

    /// <summary>The most sweeps of expectation-maximisation.</summary>
    public int Sweeps { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There must be at least one sweep."); } = 8;

    /// <summary>Parts that the labelled texts are dealt into, whose labels are hidden in turn to find out how sure the classifier may be; 0 to take its probabilities as they are.</summary>
    public int Folds { get; init => field = value is 0 or >= 2 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Labels are dealt into at least two parts, or none."); } = 5;

    /// <summary>Decides the parts.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Who is told of the fit while it goes on; null for nobody.</summary>
    public IProgress<Recording.FitEvent>? Recorder { get; init; }
}
