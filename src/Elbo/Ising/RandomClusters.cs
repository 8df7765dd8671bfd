using Elbo.Compute;

namespace Elbo.Ising;

/// <summary>
/// Exact draws of a ferromagnet by its random clusters (Fortuin and Kasteleyn, 1972): sets of bonds that are open with probability 1 − e^(−2J)
/// each, times two for each cluster that they make, whose spins are then equal and of either sign. Bonds are drawn one after the other given the
/// rest, from all open and from all closed, by the same numbers: once the two have met, any other set would have met them too, and
/// numbers that begin far enough in the past make what they are now a draw (Propp and Wilson, 1996). Unlike single spins, bonds meet soon
/// below the critical temperature as well.
/// </summary>
internal sealed class RandomClusters
{
    private const int FirstSweeps = 16;

    private readonly (int First, int Second, double Strength)[] _bonds;
    private readonly (int Bond, int Other)[][] _bondsOf;
    private readonly bool[] _isOpen;
    // Which search has come to a spin last; those from the one end have odd numbers, from the other even ones.
    private readonly int[] _seen;
    private readonly int[] _fromFirst;
    private readonly int[] _fromSecond;
    private int _search;

    private RandomClusters(IsingModel model, bool isOpen)
    {
        // A field is a bond to a spin more, whose sign is that of the fields.
        _bonds = [.. model.Couplings.Select(c => (c.First, c.Second, c.Strength)), .. model.Fields.Select((h, i) => (i, model.Spins, Math.Abs(h))).Where(f => f.Item3 != 0)];
        var of = Enumerable.Range(0, model.Spins + 1).Select(_ => new List<(int, int)>()).ToArray();
        for (var bond = 0; bond < _bonds.Length; bond++)
        {
            of[_bonds[bond].First].Add((bond, _bonds[bond].Second));
            of[_bonds[bond].Second].Add((bond, _bonds[bond].First));
        }
        _bondsOf = [.. of.Select(b => b.ToArray())];
        _isOpen = [.. Enumerable.Repeat(isOpen, _bonds.Length)];
        (_seen, _fromFirst, _fromSecond) = (new int[of.Length], new int[of.Length], new int[of.Length]);
    }

    /// <summary>Whether a model has such clusters: no coupling negative, fields of one sign.</summary>
    public static bool CanDraw(IsingModel model) =>
        model.Couplings.All(c => c.Strength >= 0) && (model.Fields.All(h => h >= 0) || model.Fields.All(h => h <= 0));

    /// <summary>A draw; null where the two sets have not met within the sweeps allowed.</summary>
    public static sbyte[]? Draw(IsingModel model, int mostSweeps, ulong seed, ulong stream)
    {
        for (var sweeps = Math.Min(FirstSweeps, mostSweeps); sweeps <= mostSweeps; sweeps *= 2)
        {
            var (most, least) = (new RandomClusters(model, true), new RandomClusters(model, false));
            // Numbers that were used before are used again, at the same distance from now.
            for (var past = sweeps; past >= 1; past--)
            {
                var random = new RandomNumbers(seed, stream + (ulong)past);
                for (var bond = 0; bond < most._bonds.Length; bond++)
                {
                    var uniform = random.NextUniform();
                    most.Move(bond, uniform);
                    least.Move(bond, uniform);
                }
            }
            if (most._isOpen.AsSpan().SequenceEqual(least._isOpen))
                return most.Spins(model, new(seed, stream));
        }
        return null;
    }

    // A bond within a cluster is open with probability p, one that would join two with p/(2 − p), as it leaves one cluster fewer.
    private void Move(int bond, double uniform)
    {
        var p = -(Math.Exp(-2 * _bonds[bond].Strength) - 1);
        var joins = p / (2 - p);
        if (uniform < joins || uniform >= p)
            _isOpen[bond] = uniform < joins;
        else
        {
            _isOpen[bond] = false;
            _isOpen[bond] = AreConnected(_bonds[bond].First, _bonds[bond].Second);
        }
    }

    // From both ends in turn, so that the search is over when the smaller of two clusters has been walked.
    private bool AreConnected(int first, int second)
    {
        _search += 2;
        var (first0, first1, second0, second1) = (0, 1, 0, 1);
        (_fromFirst[0], _fromSecond[0], _seen[first], _seen[second]) = (first, second, _search, _search + 1);
        while (first0 < first1 && second0 < second1)
        {
            if (Walk(_fromFirst, ref first0, ref first1, _search, _search + 1) || Walk(_fromSecond, ref second0, ref second1, _search + 1, _search))
                return true;
        }
        return false;
    }

    private bool Walk(int[] queue, ref int begin, ref int end, int own, int others)
    {
        foreach (var (bond, other) in _bondsOf[queue[begin++]])
        {
            if (!_isOpen[bond] || _seen[other] == own)
                continue;
            if (_seen[other] == others)
                return true;
            _seen[other] = own;
            queue[end++] = other;
        }
        return false;
    }

    private sbyte[] Spins(IsingModel model, RandomNumbers random)
    {
        var spins = new sbyte[model.Spins + 1];
        for (var start = model.Spins; start >= 0; start--)
        {
            if (spins[start] != 0)
                continue;
            var sign = (sbyte)(start == model.Spins ? (model.Fields.Any(h => h < 0) ? -1 : 1) : (random.NextBits() & 1) == 0 ? -1 : 1);
            var waiting = new Stack<int>([start]);
            while (waiting.TryPop(out var spin))
            {
                spins[spin] = sign;
                foreach (var (bond, other) in _bondsOf[spin])
                {
                    if (_isOpen[bond] && spins[other] == 0)
                        waiting.Push(other);
                }
            }
        }
        return spins[..^1];
    }
}
