namespace Elbo.Ising;

/// <summary>Exact values of ln Z = ln Σ exp(Σ J s s′ + Σ h s).</summary>
public static class LogPartitionFunction
{
    // Tables of 2^22 numbers.
    private const int LargestFront = 22;

    /// <summary>
    /// ln Z of any couplings and fields, in nats: one spin after the other is added to a table over those states whose spins still have
    /// neighbours to come, and summed out when it has none. On a lattice that is the transfer matrix, a spin at a time. Possible as long as at
    /// no time more than 22 spins wait: any model of 22 spins, chains and trees of any size, periodic lattices 10 wide, open ones 20 wide.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <exception cref="InvalidOperationException">More spins wait.</exception>
    public static double Of(IsingModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Sum(model, LargestFront, null, out var waiting, out var count) ?? throw new InvalidOperationException($"The spins hang together too much for an exact sum: after {count} of {model.Spins}, {waiting} of them still have neighbours to come. For a periodic lattice without fields use LogPartitionFunction.Kaufman; otherwise IsingModel.MeanField bounds ln Z from below and IsingModel.Anneal estimates it.");
    }

    /// <summary>The sum over all states, spin by spin; null where more spins wait than are allowed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="largestFront">How many spins may wait.</param>
    /// <param name="beforeSum">Told of each spin that is about to be summed out: those that wait, its place among them, and the table over their states.</param>
    /// <param name="waiting">How many wait at the end.</param>
    /// <param name="count">How many spins have been added.</param>
    internal static double? Sum(IsingModel model, int largestFront, Action<IReadOnlyList<int>, int, double[]>? beforeSum, out int waiting, out int count)
    {
        var front = new List<int>();
        var (isAdded, table) = (new bool[model.Spins], new double[] { 0 });
        for (count = 0; count < model.Spins; count++)
        {
            var spin = Next(model, isAdded, front);
            waiting = front.Count;
            if (front.Count == largestFront)
                return null;
            table = WithSpin(model, table, front, spin);
            front.Add(spin);
            isAdded[spin] = true;
            for (var k = front.Count - 1; k >= 0; k--)
            {
                if (HasNoneToCome(model, isAdded, front[k]))
                {
                    beforeSum?.Invoke(front, k, table);
                    table = SummedOver(table, k);
                    front.RemoveAt(k);
                }
            }
        }
        waiting = 0;
        return table[0];
    }

    /// <summary>
    /// ln Z of a periodic square lattice without fields, in nats (Kaufman, 1949): of any size, to about 13 digits.
    /// </summary>
    /// <param name="rows">Rows, at least two; of two, neighbours are coupled twice.</param>
    /// <param name="columns">Columns, at least two.</param>
    /// <param name="coupling">J > 0 in units of the temperature.</param>
    /// <remarks>
    /// The formula has the products of cosines and sines of rows·γ/2 over odd and over even γ. The γ of number 0 is 2J + ln tanh J, which is
    /// negative where the lattice is hotter than critical, and so is its sine: with its absolute value ln Z comes out wrong there.
    /// </remarks>
    public static double Kaufman(int rows, int columns, double coupling)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(coupling);
        if (!double.IsFinite(coupling))
            throw new ArgumentOutOfRangeException(nameof(coupling), coupling, "Give a finite coupling.");
        var (logCosines, logSines) = (new double[2], new double[2]);
        var signOfFirst = 1;
        for (var l = 0; l < 2 * columns; l++)
        {
            double gamma;
            if (l == 0)
            {
                gamma = 2 * coupling + Math.Log(Math.Tanh(coupling));
                signOfFirst = Math.Sign(gamma);
            }
            else
            {
                // cosh γ − 1, without loss where it is small: (cosh² 2J / sinh 2J − 2) + 2 sin²(πl/2n), and the first is (sinh 2J − 1)² / sinh 2J.
                var (sinh, sine) = (Math.Sinh(2 * coupling), Math.Sin(Math.PI * l / (2 * columns)));
                var above = (sinh - 1) * (sinh - 1) / sinh + 2 * sine * sine;
                gamma = Math.Log(1 + above + Math.Sqrt(above * (above + 2)));
            }
            var x = rows * Math.Abs(gamma) / 2;
            logCosines[l % 2] += x + Math.Log(1 + Math.Exp(-2 * x));
            logSines[l % 2] += x + Math.Log(-Math.Exp(-2 * x) + 1);
        }
        (double Log, int Sign)[] terms = [(logCosines[1], 1), (logSines[1], 1), (logCosines[0], 1), (logSines[0], signOfFirst)];
        var greatest = terms.Max(t => t.Log);
        // 2 sinh 2J of a strong coupling overflows; its logarithm does not.
        var logSinh = 2 * coupling + Math.Log(-Math.Exp(-4 * coupling) + 1);
        return -Math.Log(2) + 0.5 * rows * columns * logSinh + greatest + Math.Log(terms.Sum(t => t.Sign * Math.Exp(t.Log - greatest)));
    }

    // The spin after which the fewest wait; of several, a neighbour of the one that waits longest, so that what is done stays round.
    private static int Next(IsingModel model, bool[] isAdded, List<int> front)
    {
        var (best, least) = (-1, (Waiting: int.MaxValue, Oldest: 0));
        for (var spin = 0; spin < model.Spins; spin++)
        {
            if (isAdded[spin])
                continue;
            isAdded[spin] = true;
            var waiting = front.Count(s => !HasNoneToCome(model, isAdded, s)) + (HasNoneToCome(model, isAdded, spin) ? 0 : 1);
            isAdded[spin] = false;
            var oldest = front.Count;
            foreach (var (neighbour, _) in model.NeighboursOf(spin))
                oldest = front.IndexOf(neighbour) is >= 0 and var k ? Math.Min(oldest, k) : oldest;
            if ((waiting, oldest).CompareTo(least) < 0)
                (best, least) = (spin, (waiting, oldest));
        }
        return best;
    }

    private static bool HasNoneToCome(IsingModel model, bool[] isAdded, int spin)
    {
        foreach (var (neighbour, _) in model.NeighboursOf(spin))
        {
            if (!isAdded[neighbour])
                return false;
        }
        return true;
    }

    // Bit k of a place in the table is spin k of the front, up where it is 1; the new one is the highest.
    private static double[] WithSpin(IsingModel model, double[] table, List<int> front, int spin)
    {
        var strengths = new double[front.Count];
        foreach (var (neighbour, strength) in model.NeighboursOf(spin))
        {
            if (front.IndexOf(neighbour) is >= 0 and var k)
                strengths[k] = strength;
        }
        var result = new double[2 * table.Length];
        for (var state = 0; state < table.Length; state++)
        {
            var field = model.Fields[spin];
            for (var k = 0; k < strengths.Length; k++)
                field += (state >> k & 1) == 1 ? strengths[k] : -strengths[k];
            (result[state], result[table.Length + state]) = (table[state] - field, table[state] + field);
        }
        return result;
    }

    private static double[] SummedOver(double[] table, int bit)
    {
        var result = new double[table.Length / 2];
        for (var state = 0; state < result.Length; state++)
        {
            var low = state & ((1 << bit) - 1);
            var down = (state - low) * 2 + low;
            var (a, b) = (table[down], table[down + (1 << bit)]);
            result[state] = Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));
        }
        return result;
    }
}
