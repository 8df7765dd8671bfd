using System.Collections.Immutable;
using static Elbo.Compute.TensorMath;

namespace Elbo.Compute.Phases;

/// <summary>Formulae that overflow or cancel, replaced by equal ones that do not. Written for the forms people write.</summary>
internal static class Stabilise
{
    public static RewritePhase Phase { get; } = new("stabilise",
        new("log(1 + exp x) = softplus x", LogOnePlusExp),
        new("log(1 + x) = log1p x", LogOnePlus),
        new("exp x - 1 = expm1 x", ExpMinusOne),
        new("log(sigmoid x) = -softplus(-x)", n => n.Is(Unary.Log, out var y) && y.Is(Unary.Sigmoid, out var x) ? -Softplus(-x) : null),
        new("log(1 - sigmoid x) = -softplus x", LogOneMinusSigmoid),
        new("1 - sigmoid x = sigmoid(-x)", n => n.Is(Binary.Subtract, out var one, out var y) && one.IsConstant(1) && y.Is(Unary.Sigmoid, out var x) ? Sigmoid(-x) : null),
        new("1 / (1 + exp x) = sigmoid(-x)", OneOverOnePlusExp),
        new("log(exp x) = x", n => n.Is(Unary.Log, out var y) && y.Is(Unary.Exp, out var x) ? x : null),
        new("log(c sum(exp x)) = log(sum(exp x)) + log c", LogMeanOfExp),
        new("log(sum(exp x)) = log-sum-exp x", LogSumOfExp),
        new("1 - erf x = erfc x", n => n.Is(Binary.Subtract, out var one, out var y) && one.IsConstant(1) && y.Is(Unary.Erf, out var x) ? Erfc(x) : null));

    private static Tensor? LogOnePlusExp(Tensor node)
    {
        if (node.Is(Unary.Log1p, out var direct) && direct.Is(Unary.Exp, out var x))
            return Softplus(x);
        return node.Is(Unary.Log, out var sum) && sum.IsWithConstant(Binary.Add, out var exp, out var one) && one == 1 && exp.Is(Unary.Exp, out x) ? Softplus(x) : null;
    }

    private static Tensor? LogOnePlus(Tensor node) =>
        node.Is(Unary.Log, out var sum) && sum.IsWithConstant(Binary.Add, out var x, out var one) && one == 1 ? Log1p(x) : null;

    private static Tensor? ExpMinusOne(Tensor node)
    {
        if (node.Is(Binary.Subtract, out var exp, out var one) && one.IsConstant(1) && exp.Is(Unary.Exp, out var x))
            return Expm1(x);
        return node.IsWithConstant(Binary.Add, out exp, out var constant) && constant == -1 && exp.Is(Unary.Exp, out x) ? Expm1(x) : null;
    }

    private static Tensor? LogOneMinusSigmoid(Tensor node)
    {
        if (node.Is(Unary.Log1p, out var negative) && negative.Is(Unary.Negate, out var y) && y.Is(Unary.Sigmoid, out var x))
            return -Softplus(x);
        return node.Is(Unary.Log, out var difference) && difference.Is(Binary.Subtract, out var one, out y) && one.IsConstant(1) && y.Is(Unary.Sigmoid, out x) ? -Softplus(x) : null;
    }

    private static Tensor? OneOverOnePlusExp(Tensor node) =>
        node.Is(Binary.Divide, out var one, out var sum) && one.IsConstant(1)
        && sum.IsWithConstant(Binary.Add, out var exp, out var constant) && constant == 1 && exp.Is(Unary.Exp, out var x) ? Sigmoid(-x) : null;

    private static Tensor? LogSumOfExp(Tensor node) =>
        node.Is(Unary.Log, out var y) && IsSumOfExp(y, out var x, out var axes) ? LogSumExp(x, axes.AsSpan()).Reshape(node.Shape) : null;

    // A mean is a sum times or by a number.
    private static Tensor? LogMeanOfExp(Tensor node)
    {
        if (!node.Is(Unary.Log, out var mean))
            return null;
        var isProduct = mean.IsWithConstant(Binary.Multiply, out var sum, out var factor);
        if (!isProduct && mean.Is(Binary.Divide, out sum, out var divisor) && divisor.ConstantValue is { } constant)
            factor = 1 / constant;
        return factor > 0 && double.IsFinite(factor) && IsSumOfExp(sum, out _, out _) ? Log(sum) + Math.Log(factor) : null;
    }

    private static bool IsSumOfExp(Tensor node, out Tensor x, out ImmutableArray<int> axes)
    {
        var sum = node.Operation is Operation.Reshape ? node.Inputs[0] : node;
        if (sum.Operation is Operation.Reduce { Function: Reduction.Sum } reduce && sum.Inputs[0].Is(Unary.Exp, out x))
        {
            axes = reduce.Axes;
            return true;
        }
        (x, axes) = (node, []);
        return false;
    }
}
