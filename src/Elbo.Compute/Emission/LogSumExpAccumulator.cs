using System.Reflection.Emit;
using Elbo.Compute.Lanes;
using Elbo.Compute.Lanes.Functions;

namespace Elbo.Compute.Emission;

/// <summary>
/// ln Σ eˣ in one pass: a shift m and the sum of exp(x − m). As in the online softmax of Milakov and Gimelshein (2018), the sum is
/// scaled again when the shift moves; but the shift need not be the greatest value, it only has to be near enough for nothing to
/// overflow. So it moves when a value lies well above it, which after the first few hardly ever happens, and the loop has one
/// exponential an element. Where lanes are reduced all of them share a shift; otherwise each has its own.
/// </summary>
/// <remarks>
/// The shift starts at the lowest finite number and never leaves the finite ones, so that infinities need no care: of −∞
/// alone the sum is 0 and its logarithm −∞; +∞ exceeds every shift by ∞; NaN moves no shift and makes the sum NaN for good.
/// A shift that stays scales its sum by exp 0 = 1, so the bits of a lane do not depend on what lanes with other shifts hold.
/// </remarks>
internal sealed class LogSumExpAccumulator(LaneEmitter lanes, ILGenerator il, bool acrossLanes) : Accumulator(lanes, il)
{
    // A shift moves this far above the value that moved it, and when a value is this far above the shift. Rounding x − m costs up to
    // their sum times half an ULP of 1, so they are small; e to this power is far from overflow, however many are added up.
    private const double Margin = 4;
    private const double Reach = 8;

    public override double Identity => double.NegativeInfinity;

    public override bool NeedsFinish => true;

    protected override double[] Start => [-Largest, 0];

    private double Largest => Lanes.LaneBytes == 4 ? float.MaxValue : double.MaxValue;

    public override void EmitAdd(LocalBuilder[] values)
    {
        var above = Compute((_, of) => [.. values.Select((value, copy) => of(value) - of(Shift(copy)))]);
        EmitMoveWhereNeeded(values, above);
        for (var copy = 0; copy < values.Length; copy++)
        {
            var (sum, exponent) = (Sum(copy), above[copy]);
            Update([sum], (p, of) => [of(sum) + Exponential.Exp(p, of(exponent))]);
        }
        foreach (var local in above.Distinct())
            Lanes.Release(local);
    }

    public override LocalBuilder[] EmitAcross()
    {
        for (var copy = 1; copy < States.Count; copy++)
        {
            var other = Sum(copy);
            Update([Sum(0)], (_, of) => [of(Sum(0)) + of(other)]);
        }
        Lanes.EmitReduceSum(Sum(0));
        return [.. Compute((_, of) => [of(Shift(0))]), EmitBroadcast()];
    }

    public override Lane Finish(LaneProgram p, Lane[] state) => state[0] + Logarithm.Log(p, state[1]);

    private LocalBuilder Shift(int copy) => States[acrossLanes ? 0 : copy][0];

    private LocalBuilder Sum(int copy) => States[copy][1];

    // if (any lane of any copy is above its shift by more than the reach) move the shift
    private void EmitMoveWhereNeeded(LocalBuilder[] values, LocalBuilder[] above)
    {
        // An ordered maximum passes over NaN in its first operand.
        var greatest = Compute((p, of) => [above.Select(of).Aggregate(p.Constant(Reach), (most, next) => p.Greater(next, most))])[0];
        var stay = IL.DefineLabel();
        IL.Emit(OpCodes.Ldloc, greatest);
        Lanes.EmitConstant(Reach);
        Lanes.EmitAnyGreater();
        IL.Emit(OpCodes.Brfalse, stay);
        Lanes.Release(greatest);
        if (acrossLanes)
            EmitMoveAll(values, above);
        else
            EmitMoveEach(values, above);
        IL.MarkLabel(stay);
    }

    private void EmitMoveAll(LocalBuilder[] values, LocalBuilder[] above)
    {
        var greatest = Compute((p, of) => [values.Select(of).Aggregate(of(Shift(0)), (most, next) => p.Greater(next, most))])[0];
        Lanes.EmitReduceMax(greatest);
        Lanes.Release(greatest);
        greatest = EmitBroadcast();
        var sums = Enumerable.Range(0, States.Count).Select(Sum).ToArray();
        Update([Shift(0), .. sums, .. above], (p, of) =>
        {
            var moved = p.Lesser(p.Constant(Largest), of(greatest) + Margin);
            var scale = Exponential.Exp(p, of(Shift(0)) - moved);
            return [moved, .. sums.Select(sum => of(sum) * scale), .. values.Select(value => of(value) - moved)];
        });
        Lanes.Release(greatest);
    }

    private void EmitMoveEach(LocalBuilder[] values, LocalBuilder[] above)
    {
        for (var copy = 0; copy < values.Length; copy++)
        {
            var (shift, sum, value, difference) = (Shift(copy), Sum(copy), values[copy], above[copy]);
            Update([shift, sum, difference], (p, of) =>
            {
                var moved = p.Select(of(difference) > Reach, p.Lesser(p.Constant(Largest), of(value) + Margin), of(shift));
                return [moved, of(sum) * Exponential.Exp(p, of(shift) - moved), of(value) - moved];
            });
        }
    }
}
