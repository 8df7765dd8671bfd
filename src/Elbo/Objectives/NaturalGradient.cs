using Elbo.Compute;
using Elbo.Distributions;
using Elbo.Guides;
using Elbo.Programs;
using Elbo.Transforms;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>
/// The ELBO of a normal guide, climbed by natural gradients (Amari, 1998; Khan and Rue, 2023): a step of size η takes the precision S to
/// (1 − η)S − η·E∇²ln p and the mean by η·S'⁻¹·E∇ln p, both in the coordinates in which the guide moves. Where ln p curves upwards on the whole,
/// that would be no precision, and ηG, with G = S + E∇²ln p, is taken off with ½η²·G·S⁻¹·G added (Lin, Schmidt and Khan, 2020). The
/// expectations are by pairs of draws on either side of the mean, so of a normal posterior both are exact.
/// </summary>
internal sealed class NaturalGradient : Objective
{
    public override string Name => "ELBO by natural gradients";

    public override ObjectiveRecipe Recipe => new(ObjectiveFamily.NaturalGradient);

    internal override ObjectiveEstimate Of(ObjectiveSetting setting)
    {
        if (setting.Guide.Natural is not { } normal)
            throw new ModelException($"The objective, {Name}, is for Guide.FullRank and Guide.MeanField of all unknowns, whose natural parameters are known. Use Objective.Elbo or Objective.PathDerivative with this guide.");
        var half = setting.Noise((setting.Draws + 1) / 2);
        var joint = setting.LogJoint(Tensor.Concatenate(0, half, -half)).Mean();
        var bound = joint + setting.Guide.Entropy!;
        var (slope, curvature) = Derivatives(joint, normal.Shift.Value);
        return new(bound, setting.Gradients(bound))
        {
            OwnSteps = rate => normal.Below is { } below ? FullStep(normal, below, slope, curvature, rate) : DiagonalStep(normal, slope, MatrixForms.Diagonal(curvature), rate),
        };
    }

    // By the shift, which moves all draws alike: the means over draws of the derivatives at each.
    private static (Tensor Slope, Tensor Curvature) Derivatives(Tensor mean, Tensor shift)
    {
        var n = shift.Shape[0];
        var slope = Gradient.Of(mean, shift)[0];
        var direction = Tensor.Input("direction", [n], shift.Type);
        var product = Gradient.Of((slope * direction).Sum(), shift)[0];
        var columns = new VectorAxis("column", n);
        var many = new Vectorisation(columns);
        many.Replace(direction, Identity(n, shift.Type), columns);
        var curvature = many.Of(product, columns);
        return (slope, 0.5 * (curvature + curvature.Transpose()));
    }

    private static IReadOnlyList<Update> DiagonalStep(NormalVariables normal, Tensor slope, Tensor curvature, Tensor rate)
    {
        var precision = Exp(-2.0 * normal.LogDiagonal.Value);
        var straight = precision - rate * (precision + curvature);
        var next = Where(curvature < 0.0, straight, 0.5 * (precision + straight * straight / precision));
        return IfFinite(rate, [new(normal.Shift, normal.Shift.Value + rate * slope / next), new(normal.LogDiagonal, -0.5 * Log(next))]);
    }

    private static IReadOnlyList<Update> FullStep(NormalVariables normal, Variable below, Tensor slope, Tensor curvature, Tensor rate)
    {
        var n = slope.Shape[0];
        var factor = MatrixForms.OfDiagonal(Exp(normal.LogDiagonal.Value)) + Where(Triangle.Below([n, n]), below.Value, Tensor.Scalar(0, slope.Type));
        var inverse = factor.TriangularSolve(Identity(n, slope.Type));
        var precision = inverse.MatMul(inverse, transposeLeft: true);
        var straight = precision - rate * (precision + curvature);
        // ½(S + (S − ηG)·S⁻¹·(S − ηG)), which is the same and plainly positive.
        var moved = straight.MatMul(factor);
        var safe = 0.5 * (precision + moved.MatMul(moved, transposeRight: true));
        var isPrecision = IsFinite((-curvature).Cholesky().Sum());
        var root = Where(isPrecision.Reshape([1, 1]).BroadcastTo([n, n]), straight, safe).Cholesky();
        var rootInverse = root.TriangularSolve(Identity(n, slope.Type));
        var covariance = rootInverse.MatMul(rootInverse, transposeLeft: true);
        var next = covariance.Cholesky();
        var move = covariance.MatMul(slope.Reshape([n, 1])).Reshape([n]);
        return IfFinite(rate,
        [
            new(normal.Shift, normal.Shift.Value + rate * move),
            new(normal.LogDiagonal, MatrixForms.LogDiagonal(next)),
            new(below, Where(Triangle.Below([n, n]), next, Tensor.Scalar(0, slope.Type))),
        ]);
    }

    // All of them or, where one is not finite, none.
    private static IReadOnlyList<Update> IfFinite(Tensor rate, IReadOnlyList<Update> updates)
    {
        var isFinite = IsFinite(updates.Select(u => u.Value.Sum()).Aggregate(rate, (sum, next) => sum + next));
        return [.. updates.Select(u => u with { Value = Where(isFinite, u.Value, u.Variable.Value) })];
    }

    private static Tensor Identity(int n, DType type) => MatrixForms.OfDiagonal(Tensor.Full([n], 1, type));
}
