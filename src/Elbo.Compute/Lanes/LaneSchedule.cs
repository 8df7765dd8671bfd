namespace Elbo.Compute.Lanes;

/// <summary>
/// The order in which the values of a body are computed, and which of them get a local: roots, values used more than
/// once, and values whose expression would make the evaluation stack deep. The others are computed on the stack where
/// they are used; constants are pushed wherever they occur.
/// </summary>
internal sealed class LaneSchedule
{
    private const int MaximumStack = 16;
    private const int MaximumHeight = 64;

    private readonly Dictionary<Lane, int> _uses = [];
    private readonly HashSet<Lane> _inLocals = [];

    public LaneSchedule(IReadOnlyList<Lane> roots)
    {
        var order = Order(roots);
        foreach (var lane in order)
        {
            foreach (var input in lane.Inputs)
            {
                _uses[input] = _uses.GetValueOrDefault(input) + 1;
            }
        }

        foreach (var root in roots)
        {
            _uses[root] = _uses.GetValueOrDefault(root) + 1;
            _inLocals.Add(root);
        }

        ChooseLocals(order);
        InLocals = [.. order.Where(_inLocals.Contains)];
    }

    /// <summary>The values that get a local, inputs before what uses them.</summary>
    public IReadOnlyList<Lane> InLocals { get; }

    /// <summary>Whether a value gets a local.</summary>
    public bool IsInLocal(Lane lane) => _inLocals.Contains(lane);

    /// <summary>How often a value is read, being a root counted as one reading.</summary>
    public int Uses(Lane lane) => _uses[lane];

    /// <summary>Depth first, without recursion: a fused chain can be thousands of operations long.</summary>
    private static List<Lane> Order(IReadOnlyList<Lane> roots)
    {
        var order = new List<Lane>();
        var seen = new HashSet<Lane>();
        var pending = new Stack<(Lane Lane, int Next)>();
        foreach (var root in roots)
        {
            if (seen.Add(root))
            {
                pending.Push((root, 0));
            }

            while (pending.TryPop(out var top))
            {
                if (top.Next == top.Lane.Inputs.Length)
                {
                    order.Add(top.Lane);
                    continue;
                }

                pending.Push((top.Lane, top.Next + 1));
                if (seen.Add(top.Lane.Inputs[top.Next]))
                {
                    pending.Push((top.Lane.Inputs[top.Next], 0));
                }
            }
        }

        return order;
    }

    private void ChooseLocals(List<Lane> order)
    {
        var shape = new Dictionary<Lane, (int Stack, int Height)>();
        foreach (var lane in order)
        {
            var (stack, height) = (1, 1);
            for (var i = 0; i < lane.Inputs.Length; i++)
            {
                var input = lane.Inputs[i];
                var (inputStack, inputHeight) = _inLocals.Contains(input) ? (1, 1) : shape[input];
                stack = Math.Max(stack, i + inputStack);
                height = Math.Max(height, 1 + inputHeight);
            }

            shape[lane] = (stack, height);
            if (!lane.IsConstant && (_uses[lane] > 1 || stack > MaximumStack || height > MaximumHeight))
            {
                _inLocals.Add(lane);
            }
        }
    }
}
