using Elbo.Compute.Phases;

namespace Elbo.Compute;

/// <summary>
/// What the derivative of a loop needs to know of the loop's steps: it is stacked by the loop and read back, step by step. What is made
/// of remembered values by a view, or by arithmetic that is sure to give the same bits again, is made again instead.
/// </summary>
internal sealed class StepMemory
{
    private readonly Level.Loop _loop;
    private readonly LoopScope _forward;
    private readonly Tensor _index;
    private readonly HashSet<Tensor> _kept = [];
    private readonly Substitution _backward;

    /// <param name="loop">The loop that is remembered.</param>
    /// <param name="scope">The loop that remembers.</param>
    /// <param name="index">Its number of the step.</param>
    /// <param name="adjoints">What the latter computes, in terms of nodes of the former.</param>
    public StepMemory(Level.Loop loop, LoopScope scope, Tensor index, Tensor[] adjoints)
    {
        (_loop, _forward, _index) = (loop, Loops.ScopeOf(loop.Node), index);
        if (!_forward.Recomputes)
        {
            foreach (var node in TopologicalOrder.Of(adjoints, node => node.Dependencies, node => node.ChangesWith(scope)))
                _kept.UnionWith(node.Dependencies.Where(read => !read.ChangesWith(scope) && IsOfTheStep(read) && !IsGiven(read) && !View.IsView(read) && !IsRepeatable(read)));
        }
        _backward = new(node => node.ChangesWith(_forward), (node, _) => Replacement(node));
    }

    /// <summary>The same value in the loop that remembers.</summary>
    public Tensor Of(Tensor node) => _backward.Of(node);

    private Tensor? Replacement(Tensor node)
    {
        if (node.Operation is Operation.StepIndex step && step.Scope == _forward)
            return _index;
        if (node.Operation is Operation.Carry carry && carry.Scope == _forward)
            return FromStack(node);
        return IsMadeAgain(node) ? null : FromStack(node);
    }

    private Tensor FromStack(Tensor node) => Loops.Entry(Loops.Stack(_loop.Node, node), _index);

    // Only what a step of the loop itself computes can be stacked by it.
    private bool IsMadeAgain(Tensor node) =>
        !IsOfTheStep(node) || _forward.Recomputes || IsGiven(node) || View.IsView(node) || node.Operation is Operation.Loop
        || (IsRepeatable(node) && node.Inputs.ToArray().All(IsAtHand));

    private bool IsOfTheStep(Tensor node) => node.ChangesWith(_forward) && node.Scopes.All(scope => scope == _forward || _loop.Node.Scopes.Contains(scope));

    private bool IsGiven(Tensor node) => !node.ChangesWith(_forward) || node.Operation is Operation.StepIndex or Operation.Carry or Operation.Entry;

    private bool IsAtHand(Tensor node) => IsGiven(node) || _kept.Contains(node) || (View.IsView(node) && IsAtHand(node.Inputs[0]));

    // One operation that rounds at most once. A product that a sum took in without rounding it might be rounded the next time: a value
    // that is compared with another, as in the derivative of a maximum, must not change by that.
    private static bool IsRepeatable(Tensor node) => node.Operation switch
    {
        Operation.Map1 map => map.Function is Unary.Negate or Unary.Abs or Unary.Sign or Unary.Floor or Unary.Round or Unary.Not or Unary.StopGradient or Unary.Copy,
        Operation.Map2 { Function: Binary.Add or Binary.Subtract } => !node.Inputs.ToArray().Any(input => input.Operation is Operation.Map2 { Function: Binary.Multiply }),
        Operation.Map2 map => map.Function is not (Binary.Divide or Binary.Power),
        Operation.Select or Operation.Convert => true,
        _ => false,
    };
}
