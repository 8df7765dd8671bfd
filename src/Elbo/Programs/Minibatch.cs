using Elbo.Compute;

namespace Elbo.Programs;

/// <summary>The entries of minibatches.</summary>
internal static class Minibatch
{
    /// <summary>Of a value for all places of some plates, along its first axes, those of the minibatches.</summary>
    public static Tensor Rows(Tensor value, IReadOnlyList<Plate> plates)
    {
        for (var axis = 0; axis < plates.Count; axis++)
        {
            if (plates[axis].Indices is not { } indices)
                continue;
            var at = axis;
            int[] order = [at, .. Enumerable.Range(0, value.Rank).Where(a => a != at)];
            int[] back = [.. Enumerable.Range(0, value.Rank).Select(a => Array.IndexOf(order, a))];
            value = value.Transpose(order).Gather(indices).Transpose(back);
        }
        return value;
    }
}
