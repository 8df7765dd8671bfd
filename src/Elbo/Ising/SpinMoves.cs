using Elbo.Compute;

namespace Elbo.Ising;

/// <summary>
/// Moves of spins that leave p(s) ∝ exp(β(Σ J s s′ + Σ h s)) as it is, for one β: one spin after the other given its neighbours (heat bath),
/// and whole clusters of spins that agree (Swendsen and Wang, 1987), which go on where single spins slow down, near a critical temperature and
/// below it. Random numbers are compared as 32 bits.
/// </summary>
internal sealed class SpinMoves
{
    // With more neighbours than this the probabilities of a spin are not kept for all states of them.
    private const int MostNeighbours = 8;
    private const double Whole = 1UL << 32;

    private readonly IsingModel _model;
    private readonly (int Spin, double Strength)[][] _neighbours;
    private readonly (int First, int Second, double Strength)[] _bonds;
    private readonly ulong[]?[] _isUp;
    private readonly ulong[] _isBond;
    private readonly int[] _parents;
    private readonly sbyte[] _turns;
    private double _inverseTemperature;

    public SpinMoves(IsingModel model)
    {
        _model = model;
        _neighbours = [.. Enumerable.Range(0, model.Spins).Select(i => model.NeighboursOf(i).ToArray())];
        // A field is a bond to a spin that is always up, the last one.
        _bonds = [.. model.Couplings.Select(c => (c.First, c.Second, c.Strength)), .. model.Fields.Select((h, i) => (i, model.Spins, h)).Where(f => f.h != 0)];
        (_isBond, _parents, _turns) = (new ulong[_bonds.Length], new int[model.Spins + 1], new sbyte[model.Spins + 1]);
        _isUp = [.. _neighbours.Select(n => n.Length > MostNeighbours ? null : new ulong[1 << n.Length])];
    }

    /// <summary>Sets β.</summary>
    public void Heat(double inverseTemperature)
    {
        _inverseTemperature = inverseTemperature;
        for (var bond = 0; bond < _bonds.Length; bond++)
            _isBond[bond] = (ulong)(Whole * (1 - Math.Exp(-2 * inverseTemperature * Math.Abs(_bonds[bond].Strength))));
        for (var spin = 0; spin < _isUp.Length; spin++)
        {
            for (var state = 0; _isUp[spin] is { } isUp && state < isUp.Length; state++)
            {
                var field = _model.Fields[spin];
                for (var k = 0; k < _neighbours[spin].Length; k++)
                    field += (state >> k & 1) == 1 ? _neighbours[spin][k].Strength : -_neighbours[spin][k].Strength;
                isUp[state] = UpOf(field);
            }
        }
    }

    /// <summary>Σ J s s′ + Σ h s.</summary>
    public double LogWeight(ReadOnlySpan<sbyte> spins)
    {
        var sum = 0.0;
        foreach (var (first, second, strength) in _bonds)
            sum += strength * spins[first] * (second < spins.Length ? spins[second] : 1);
        return sum;
    }

    /// <summary>Draws spins that have nothing to do with each other.</summary>
    public static void Free(Span<sbyte> spins, RandomNumbers random)
    {
        foreach (ref var spin in spins)
            spin = (sbyte)((random.NextBits() & 1) == 0 ? -1 : 1);
    }

    /// <summary>Draws all spins in turn, forwards or backwards. The one is the other reversed in time.</summary>
    public void Sweep(Span<sbyte> spins, RandomNumbers random, bool isBackwards)
    {
        for (var k = 0; k < spins.Length; k++)
        {
            var spin = isBackwards ? spins.Length - 1 - k : k;
            var neighbours = _neighbours[spin];
            ulong up;
            if (_isUp[spin] is { } isUp)
            {
                var state = 0;
                for (var n = 0; n < neighbours.Length; n++)
                    state |= (spins[neighbours[n].Spin] + 1) >> 1 << n;
                up = isUp[state];
            }
            else
            {
                var field = _model.Fields[spin];
                foreach (var (other, strength) in neighbours)
                    field += strength * spins[other];
                up = UpOf(field);
            }
            spins[spin] = (sbyte)(random.NextBits() < up ? 1 : -1);
        }
    }

    /// <summary>Ties spins that agree with their coupling, each pair with probability 1 − e^(−2β|J|), and turns each cluster with probability ½; that of a field stays.</summary>
    public void TurnClusters(Span<sbyte> spins, RandomNumbers random)
    {
        for (var i = 0; i < _parents.Length; i++)
            _parents[i] = i;
        for (var bond = 0; bond < _bonds.Length; bond++)
        {
            var (first, second, strength) = _bonds[bond];
            if (strength * spins[first] * (second < spins.Length ? spins[second] : 1) > 0 && random.NextBits() < _isBond[bond])
                _parents[RootOf(first)] = RootOf(second);
        }
        var fixedRoot = RootOf(spins.Length);
        for (var i = 0; i < _turns.Length; i++)
            _turns[i] = (sbyte)(i == fixedRoot || (_parents[i] == i && (random.NextBits() & 1) == 0) ? 1 : -1);
        for (var i = 0; i < spins.Length; i++)
            spins[i] *= _turns[RootOf(i)];
    }

    private ulong UpOf(double field) => (ulong)(Whole / (1 + Math.Exp(-2 * _inverseTemperature * field)));

    private int RootOf(int spin)
    {
        while (_parents[spin] != spin)
        {
            _parents[spin] = _parents[_parents[spin]];
            spin = _parents[spin];
        }
        return spin;
    }
}
