using System.Reflection.Emit;
using Elbo.Compute.Lanes;

namespace Elbo.Compute.Tests.Lanes;

public sealed class LaneProgramTests
{
    [Fact]
    public void Equal_nodes_are_one_node()
    {
        var p = new LaneProgram(4);
        var (x, y) = (p.Leaf(LaneType.Float, "x"), p.Leaf(LaneType.Float, "y"));
        Assert.Same((x * y) + 1.0, (x * y) + 1.0);
        Assert.Same(x, p.Leaf(LaneType.Float, "x"));
        Assert.NotSame(x * y, y * x);
        Assert.NotSame(p.Constant(0.0), p.Constant(-0.0));
    }

    [Fact]
    public void Only_exact_identities_are_simplified()
    {
        var p = new LaneProgram(8);
        var x = p.Leaf(LaneType.Float, "x");
        Assert.Same(x, x * 1.0);
        Assert.Same(x, x + -0.0);
        Assert.NotSame(x, x + 0.0);
        Assert.Same(x, x - 0.0);
        Assert.Same(x, -(-x));
        Assert.Equal(LaneOp.Mul, (x * 0.0).Op);
        Assert.Same(x, p.Select(p.ConstantMask(true), x, -x));
    }

    [Fact]
    public void Constants_fold_in_the_precision_of_the_lane()
    {
        var single = new LaneProgram(4);
        Assert.Equal(0.1f + 0.2f, (float)(single.Constant(0.1) + single.Constant(0.2)).FloatValue);
        var wide = new LaneProgram(8);
        Assert.Equal(0.1 + 0.2, (wide.Constant(0.1) + wide.Constant(0.2)).FloatValue);
        Assert.Equal(int.MinValue >>> 4, (single.ConstantInt(int.MinValue) >>> 4).IntValue);
    }

    [Fact]
    public void Types_and_programs_are_not_mixed()
    {
        var p = new LaneProgram(4);
        var x = p.Leaf(LaneType.Float, "x");
        Assert.Throws<ArgumentException>(() => x + p.ConstantInt(1));
        Assert.Throws<ArgumentException>(() => p.Select(x, x, x));
        Assert.Throws<ArgumentException>(() => x + new LaneProgram(4).Constant(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LaneProgram(2));
        Assert.Throws<InvalidOperationException>(() => p.MulWideU32(p.ConstantInt(1), p.ConstantInt(1)));
    }

    [Fact]
    public void Locals_are_used_again()
    {
        var method = new DynamicMethod("body", typeof(void), [typeof(float)], typeof(LaneProgram).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var p = new LaneProgram(4);
        var chain = Enumerable.Range(0, 2000).Aggregate(p.Leaf(LaneType.Float, "x"), (x, i) => p.Fma(x, x, p.Constant(i)) - x);
        var leaves = 0;
        var root = new LaneEmitter(il, VectorWidth.Scalar, 4).EmitBody([chain], _ =>
        {
            leaves++;
            il.Emit(OpCodes.Ldarg_0);
        });
        Assert.Equal(1, leaves);
        Assert.InRange(Assert.Single(root).LocalIndex, 0, 3);
    }

    [Fact]
    public void Long_chains_neither_recurse_nor_deepen_the_stack()
    {
        foreach (var width in LaneKernel.Widths)
        {
            var y = LaneKernel.Map<float>(
                width,
                (p, x) => Enumerable.Range(0, 20_000).Aggregate(x, (sum, i) => i % 2 == 0 ? p.Constant(i % 7) + sum : sum - 1.0),
                [1f]);
            var expected = Enumerable.Range(0, 20_000).Aggregate(1f, (sum, i) => i % 2 == 0 ? (i % 7) + sum : sum - 1f);
            Assert.Equal(expected, y[0]);
        }
    }
}
