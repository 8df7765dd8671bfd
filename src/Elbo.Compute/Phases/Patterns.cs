namespace Elbo.Compute.Phases;

/// <summary>Reading a graph in rewrite rules.</summary>
internal static class Patterns
{
    public static bool Is(this Tensor node, Unary function, out Tensor x)
    {
        var matches = node.Operation is Operation.Map1 map && map.Function == function;
        x = matches ? node.Inputs[0] : node;
        return matches;
    }

    public static bool Is(this Tensor node, Binary function, out Tensor x, out Tensor y)
    {
        var matches = node.Operation is Operation.Map2 map && map.Function == function;
        (x, y) = matches ? (node.Inputs[0], node.Inputs[1]) : (node, node);
        return matches;
    }

    /// <summary>A sum or product with a constant on either side; <paramref name="x"/> is the other side.</summary>
    public static bool IsWithConstant(this Tensor node, Binary function, out Tensor x, out double constant)
    {
        if (node.Is(function, out var left, out var right))
        {
            if (right.ConstantValue is { } onRight)
            {
                (x, constant) = (left, onRight);
                return true;
            }
            if (left.ConstantValue is { } onLeft)
            {
                (x, constant) = (right, onLeft);
                return true;
            }
        }
        (x, constant) = (node, 0);
        return false;
    }

    public static Tensor FullLike(this Tensor node, double value) => Tensor.Full(node.Shape, value, node.Type);
}
