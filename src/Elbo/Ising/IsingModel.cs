namespace Elbo.Ising;

/// <summary>
/// Spins s of −1 or 1 with p(s) = exp(Σ J s s′ + Σ h s)/Z: couplings J between any pairs of them, and a field h at each. Both in units of
/// the temperature.
/// </summary>
public sealed class IsingModel
{
    private readonly double[] _fields;
    private readonly (int Spin, double Strength)[][] _neighbours;

    /// <summary>A model of any couplings.</summary>
    /// <param name="spins">How many spins, at least one.</param>
    /// <param name="couplings">Couplings between spins, counted from 0. Those of one pair add up.</param>
    /// <param name="fields">The field at each spin; none for no fields.</param>
    /// <exception cref="ArgumentException">A coupling is of a spin that there is not or of one with itself, or a number is not finite.</exception>
    public IsingModel(int spins, IEnumerable<Coupling> couplings, IReadOnlyList<double>? fields = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spins, 1);
        ArgumentNullException.ThrowIfNull(couplings);
        if (fields is not null && fields.Count != spins)
            throw new ArgumentException($"There are {spins} spins and {fields.Count} fields. Give one for each spin, or none at all.", nameof(fields));
        _fields = fields is null ? new double[spins] : [.. fields];
        if (Array.FindIndex(_fields, h => !double.IsFinite(h)) is >= 0 and var wrong)
            throw new ArgumentException($"The field at spin {wrong} is {_fields[wrong]}. Give a finite number.", nameof(fields));
        var of = Enumerable.Range(0, spins).Select(_ => new SortedDictionary<int, double>()).ToArray();
        foreach (var (first, second, strength) in couplings)
        {
            if (first < 0 || first >= spins || second < 0 || second >= spins)
                throw new ArgumentException($"A coupling is between spins {first} and {second}, and the spins are counted from 0 to {spins - 1}.", nameof(couplings));
            if (first == second)
                throw new ArgumentException($"A coupling is of spin {first} with itself, which is the same in all states. Leave it out.", nameof(couplings));
            if (!double.IsFinite(strength))
                throw new ArgumentException($"The coupling of spins {first} and {second} is {strength}. Give a finite number.", nameof(couplings));
            of[first][second] = of[first].GetValueOrDefault(second) + strength;
            of[second][first] = of[second].GetValueOrDefault(first) + strength;
        }
        _neighbours = [.. of.Select(n => n.Where(c => c.Value != 0).Select(c => (c.Key, c.Value)).ToArray())];
    }

    /// <summary>How many spins there are.</summary>
    public int Spins => _fields.Length;

    /// <summary>The field at each spin.</summary>
    public IReadOnlyList<double> Fields => _fields;

    /// <summary>The couplings, each once, those of one pair added up.</summary>
    public IEnumerable<Coupling> Couplings => from spin in Enumerable.Range(0, Spins) from n in _neighbours[spin] where n.Spin > spin select new Coupling(spin, n.Spin, n.Strength);

    /// <summary>A square lattice, spin by spin along its rows, with one coupling between neighbours and one field.</summary>
    /// <param name="rows">Its rows, at least one.</param>
    /// <param name="columns">Its columns, at least one.</param>
    /// <param name="coupling">J, in units of the temperature: 1/T for the usual ferromagnet.</param>
    /// <param name="field">h, in units of the temperature.</param>
    /// <param name="isPeriodic">Whether what leaves at one side comes in at the other; of two rows or columns, neighbours are then coupled twice.</param>
    public static IsingModel SquareLattice(int rows, int columns, double coupling, double field = 0, bool isPeriodic = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        var couplings = new List<Coupling>();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (right, below) = ((column + 1) % columns, (row + 1) % rows);
                if (columns > 1 && (isPeriodic || right > column))
                    couplings.Add(new(row * columns + column, row * columns + right, coupling));
                if (rows > 1 && (isPeriodic || below > row))
                    couplings.Add(new(row * columns + column, below * columns + column, coupling));
            }
        }
        return new(rows * columns, couplings, [.. Enumerable.Repeat(field, rows * columns)]);
    }

    /// <summary>Σ J s s′ + Σ h s of a state, in nats: ln p but for −ln Z.</summary>
    /// <param name="spins">Each −1 or 1; or, of independent spins, their means, for the mean.</param>
    public double LogWeight(ReadOnlySpan<double> spins)
    {
        if (spins.Length != Spins)
            throw new ArgumentException($"The model has {Spins} spins, and {spins.Length} were given.", nameof(spins));
        var sum = 0.0;
        for (var i = 0; i < Spins; i++)
        {
            sum += _fields[i] * spins[i];
            foreach (var (j, strength) in _neighbours[i])
                sum += j > i ? strength * spins[i] * spins[j] : 0;
        }
        return sum;
    }

    /// <summary>ln Z, in nats, exactly, by sums over one spin after the other; see <see cref="LogPartitionFunction"/> for which models that is possible.</summary>
    /// <exception cref="InvalidOperationException">Too many spins hang together.</exception>
    public double LogPartition() => LogPartitionFunction.Of(this);

    /// <summary>The independent spins with the highest bound on ln Z.</summary>
    /// <param name="options">How to search for them.</param>
    public IsingMeanField MeanField(IsingMeanFieldOptions? options = null) => IsingMeanField.Of(this, options ?? new());

    /// <summary>ln Z, in nats, by annealed importance sampling: an estimate that errs to the low side, and one that errs to the high side where exact draws are possible.</summary>
    /// <param name="options">How the way goes.</param>
    public AnnealedPartition Anneal(IsingAnnealingOptions? options = null) => AnnealedPartition.Of(this, options ?? new());

    /// <summary>The spins that a spin is coupled to.</summary>
    internal ReadOnlySpan<(int Spin, double Strength)> NeighboursOf(int spin) => _neighbours[spin];
}
