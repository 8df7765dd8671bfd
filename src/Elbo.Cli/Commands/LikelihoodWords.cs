using Elbo.Data;
using Elbo.Likelihoods;
using Elbo.Tables;

namespace Elbo.Cli.Commands;

/// <summary>The names of likelihoods on the command line, and what a user asks of them.</summary>
internal static class LikelihoodWords
{
    private static readonly LikelihoodKind[] Kinds = Enum.GetValues<LikelihoodKind>();

    /// <summary>All names, separated by commas.</summary>
    public static string All => string.Join(", ", Kinds.Select(Of));

    /// <summary>The name of a likelihood.</summary>
    public static string Of(LikelihoodKind kind) => kind switch
    {
        LikelihoodKind.Gaussian => "gaussian",
        LikelihoodKind.StudentT => "student-t",
        LikelihoodKind.LogNormal => "log-normal",
        LikelihoodKind.Bernoulli => "bernoulli",
        LikelihoodKind.Categorical => "categorical",
        LikelihoodKind.Poisson => "poisson",
        LikelihoodKind.NegativeBinomial => "negative-binomial",
        LikelihoodKind.Ordinal => "ordinal",
        _ => kind.ToString(),
    };

    /// <summary>The likelihoods asked for, by column. A family alone is for every column that it suits; what is said of a single
    /// column counts more.</summary>
    /// <param name="texts">Each is <c>column=family</c> or <c>family</c>.</param>
    /// <param name="columns">The columns of the table.</param>
    /// <exception cref="UsageException">There is no such column or family, or the one does not suit the other.</exception>
    public static Dictionary<string, LikelihoodKind> Resolve(IEnumerable<string> texts, IReadOnlyList<Column> columns)
    {
        var (all, single) = (new Dictionary<string, LikelihoodKind>(StringComparer.Ordinal), new Dictionary<string, LikelihoodKind>(StringComparer.Ordinal));
        foreach (var text in texts)
        {
            var equals = text.LastIndexOf('=');
            var family = Parse(text[(equals + 1)..]);
            if (equals < 0)
                AddToAll(all, family, columns);
            else
                single[NameOf(text[..equals], family, columns)] = family;
        }

        foreach (var (name, family) in single)
            all[name] = family;
        return all;
    }

    private static void AddToAll(Dictionary<string, LikelihoodKind> likelihoods, LikelihoodKind family, IReadOnlyList<Column> columns)
    {
        var suited = columns.Where(c => LikelihoodChoice.Suitable(c.Kind).Contains(family)).ToList();
        if (suited.Count == 0)
            throw new UsageException($"--likelihood {Of(family)}: there is no column that it suits. Say what a column is with --column name=kind.");
        foreach (var column in suited)
            likelihoods[column.Name] = family;
    }

    private static string NameOf(string name, LikelihoodKind family, IReadOnlyList<Column> columns)
    {
        var column = columns.FirstOrDefault(c => c.Name == name);
        if (column is null)
        {
            var nearest = Names.Nearest(name, columns.Select(c => c.Name));
            throw new UsageException(
                $"--likelihood: there is no column '{name}' to model{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}. There are {Names.List(columns.Select(c => c.Name))}.");
        }

        var suitable = LikelihoodChoice.Suitable(column.Kind);
        return suitable.Contains(family)
            ? name
            : throw new UsageException(
                $"--likelihood: column '{name}' of kind {ColumnRequest.NameOf(column.Kind)} cannot be {Of(family)}; it can be {string.Join(", ", suitable.Select(Of))}. "
                + "Say what a column is with --column name=kind.");
    }

    private static LikelihoodKind Parse(string word)
    {
        var bare = Bare(word);
        foreach (var kind in Kinds)
        {
            if (Bare(Of(kind)).Equals(bare, StringComparison.OrdinalIgnoreCase))
                return kind;
        }

        var nearest = Names.Nearest(word, Kinds.Select(Of));
        throw new UsageException($"--likelihood: '{word}' is no family{(nearest is null ? "" : $" (did you mean '{nearest}'?)")}. There are {All}.");
    }

    private static string Bare(string word) => word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Trim();
}
