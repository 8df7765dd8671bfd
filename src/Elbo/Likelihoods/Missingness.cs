using Elbo.Tables;

namespace Elbo.Likelihoods;

/// <summary>Which values of a column are the more likely to be missing.</summary>
public enum MaskedEnd
{
    /// <summary>High ones or low ones: the data decide.</summary>
    Either,

    /// <summary>High ones.</summary>
    High,

    /// <summary>Low ones.</summary>
    Low,
}

/// <summary>What is assumed of a column whose cells are masked by their own values.</summary>
/// <param name="Column">Its name.</param>
/// <param name="End">Which values are the more likely to be missing; null where missing cells say nothing of their values.</param>
public sealed record MaskedColumn(string Column, MaskedEnd? End);

/// <summary>
/// Why cells are missing (Rubin, 1976): a recipe for the model p(s|x) of the pattern of holes s. Where the holes can be ignored there is none; otherwise what is
/// maximised is a bound of ln p(observed cells, s) (not-MIWAE; Ipsen, Mattei and Frellsen, 2021).
/// </summary>
public abstract record Missingness
{
    private protected Missingness()
    {
    }

    /// <summary>Given the known cells of its row, whether a cell is missing does not depend on its value (missing at random): the holes need no model.</summary>
    public static Missingness Ignorable { get; } = new IgnorableMissingness();

    /// <summary>
    /// Whether a cell is missing depends on its own value, Φ(a·(x − b) + c) with x a number in the units of the network (for log-normal columns its logarithm), or one probability for each level.
    /// What a missing cell could have been is summed or integrated out exactly.
    /// </summary>
    /// <param name="end">Which values of numbers are the more likely to be missing.</param>
    public static Missingness SelfMasking(MaskedEnd end = MaskedEnd.Either) => new SelfMaskingMissingness(end, []);

    /// <summary>The same for some columns, each in its own way; the holes of all others are ignored.</summary>
    /// <param name="columns">The columns.</param>
    public static Missingness SelfMasking(params IReadOnlyList<MaskedColumn> columns) => new SelfMaskingMissingness(null, columns);

    /// <summary>Whether a cell is missing depends on all values of its row, by Φ of a linear function.</summary>
    public static Missingness Linear { get; } = new JointMissingness(null, []);

    /// <summary>Whether a cell is missing depends on all values of its row, by Φ of a network: nothing is said of how.</summary>
    /// <param name="hidden">Units of its hidden layer.</param>
    public static Missingness Agnostic(int hidden = 32) => new JointMissingness(hidden, []);

    /// <summary>What was assumed and what follows, for whoever uses the filled table.</summary>
    public abstract string Assumption { get; }

    /// <summary>The recipe for a table: it names the columns whose holes are modelled.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Its columns with their likelihoods, in the same order.</param>
    /// <exception cref="ArgumentException">There is nothing to model, or a column is not one that this can be done with; the message says what to do.</exception>
    public Missingness In(Table table, IReadOnlyList<ModelledColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(columns);
        return For(columns, [.. columns.Select(c => table.Values(c.Column.Name).ToArray().Count(double.IsNaN))]);
    }

    /// <summary>The recipe for a table with so many missing cells in each column.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="missing">Missing cells of each.</param>
    /// <exception cref="ArgumentException">There is nothing to model, or a column is not one that this can be done with; the message says what to do.</exception>
    internal abstract Missingness For(IReadOnlyList<ModelledColumn> columns, IReadOnlyList<int> missing);

    /// <summary>The model at work; null where there is none.</summary>
    internal abstract MaskModel? Begin(TableObservation observation, ulong seed);

    private protected const string NotKnown = "No data can show whether that is so: compare with fills under other assumptions before you rely on them.";

    private protected static void NeedHoles(IReadOnlyList<int> missing)
    {
        if (missing.All(m => m == 0))
            throw new ArgumentException("No cell of the table is missing, so there is no pattern of holes to model. Leave the model of missing cells out (Missingness.Ignorable; --missing ignorable).");
    }

    private protected static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}

/// <summary>The holes are ignored.</summary>
public sealed record IgnorableMissingness : Missingness
{
    /// <inheritdoc/>
    public override string Assumption =>
        "Assumed of missing cells: whether a cell is missing does not depend on its value, given the known cells of its row (missing at random). "
        + "Where high values, or low ones, are the more likely to be missing, fills are off towards the other end: see --missing self-masking.";

    internal override Missingness For(IReadOnlyList<ModelledColumn> columns, IReadOnlyList<int> missing) => this;

    internal override MaskModel? Begin(TableObservation observation, ulong seed) => null;
}

/// <summary>Cells are masked by their own values.</summary>
/// <param name="Others">Of columns that are not named; null where their holes are ignored.</param>
/// <param name="Columns">Columns by name.</param>
public sealed record SelfMaskingMissingness(MaskedEnd? Others, IReadOnlyList<MaskedColumn> Columns) : Missingness
{
    /// <inheritdoc/>
    public override string Assumption
    {
        get
        {
            var parts = Columns.Where(c => c.End is not null).GroupBy(c => c.End!.Value).Select(g => Of(Names(g.Select(c => c.Column)), g.Key)).ToList();
            if (Others is { } others)
                parts.Add(Of(Columns.Count == 0 ? "any column" : "any other column", others));
            return $"Assumed of missing cells: whether a cell is missing depends on its own value and on nothing else (missing not at random, self-masking): {string.Join("; ", parts)}. "
                + (Others is null ? "Holes of other columns are taken to be random. " : "") + NotKnown;
        }
    }

    private static string Of(string columns, MaskedEnd end) => end switch
    {
        MaskedEnd.High => $"the higher the value of {columns}, the more likely it is missing",
        MaskedEnd.Low => $"the lower the value of {columns}, the more likely it is missing",
        _ => $"some values of {columns} are the more likely to be missing, which ones was learned",
    };

    internal override Missingness For(IReadOnlyList<ModelledColumn> columns, IReadOnlyList<int> missing)
    {
        NeedHoles(missing);
        foreach (var named in Columns)
        {
            var at = columns.Select((c, i) => (c, i)).Where(p => p.c.Column.Name == named.Column).Select(p => (int?)p.i).FirstOrDefault()
                ?? throw new ArgumentException($"A model of missing cells is asked for column '{named.Column}', which the table does not have. It has {string.Join(", ", columns.Select(c => c.Column.Name))}.");
            if (named.End is not null && missing[at] == 0)
                throw new ArgumentException($"A model of missing cells is asked for column '{named.Column}', and no cell of it is missing. Leave it out.");
            if (named.End is MaskedEnd.High or MaskedEnd.Low && columns[at].Column.HasLevels)
                throw new ArgumentException($"Column '{named.Column}' is of kind {columns[at].Column.Kind}: its levels have no high or low end. Leave the end out; each level then has a probability of its own.");
        }
        var resolved = new List<MaskedColumn>();
        foreach (var (column, count) in columns.Zip(missing))
        {
            var named = Columns.FirstOrDefault(c => c.Column == column.Column.Name);
            if (count == 0 || (named is null ? Others : named.End) is not { } end)
                continue;
            resolved.Add(new(column.Column.Name, column.Column.HasLevels ? MaskedEnd.Either : end));
        }
        if (columns.Where(c => c.Likelihood is LikelihoodKind.Poisson or LikelihoodKind.NegativeBinomial && resolved.Exists(r => r.Column == c.Column.Name)).Select(c => c.Column.Name).ToList() is { Count: > 0 } counts)
        {
            throw new ArgumentException(
                $"What a missing cell could have been is not summed over counts, and the likelihood of {Names(counts)} is one of counts. Give {(counts.Count == 1 ? "it" : "them")} the LogNormal one (--likelihood \"{counts[0]}=log-normal\"), or say that {(counts.Count == 1 ? "its" : "their")} holes are ignorable (--missing \"{counts[0]}=ignorable\").");
        }
        return new SelfMaskingMissingness(null, resolved);
    }

    internal override MaskModel Begin(TableObservation observation, ulong seed) => new SelfMaskModel(observation, Columns);
}

/// <summary>Cells are masked by all values of their row.</summary>
/// <param name="Hidden">Units of the hidden layer of a network; null for a linear function.</param>
/// <param name="Columns">Columns with missing cells; none for all that have such.</param>
public sealed record JointMissingness(int? Hidden, IReadOnlyList<string> Columns) : Missingness
{
    /// <inheritdoc/>
    public override string Assumption =>
        $"Assumed of missing cells: whether a cell {(Columns.Count == 0 ? "" : $"of {Names(Columns)} ")}is missing depends on all values of its row, also on missing ones, by {(Hidden is null ? "a linear function" : "a function of which nothing is assumed")} that was learned (missing not at random). "
        + (Hidden is null ? "" : "So weak an assumption leaves much open: fills can differ from fit to fit. ") + NotKnown;

    internal override Missingness For(IReadOnlyList<ModelledColumn> columns, IReadOnlyList<int> missing)
    {
        NeedHoles(missing);
        if (Hidden < 1)
            throw new ArgumentException($"The network of the model of missing cells needs at least one hidden unit; {Hidden} were asked for.");
        var holed = columns.Where((_, i) => missing[i] > 0).ToList();
        if (holed.Find(c => c.Likelihood is not (LikelihoodKind.Gaussian or LikelihoodKind.StudentT or LikelihoodKind.LogNormal)) is { } other)
        {
            throw new ArgumentException(
                $"A model of missing cells by all values of a row draws the missing ones, and takes gradients through the draws: that needs real numbers, and missing cells of column '{other.Column.Name}' have a {other.Likelihood} likelihood. "
                + "Use self-masking, which sums levels out, or give a count the LogNormal likelihood (log-normal).");
        }
        return this with { Columns = [.. holed.Select(c => c.Column.Name)] };
    }

    internal override MaskModel Begin(TableObservation observation, ulong seed) => new JointMaskModel(observation, Columns, Hidden, seed);
}
