using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>
/// A normal whose mean and variances networks tell by a row, by another group of latent numbers, or by both: what a row says is
/// computed once, however many draws of the other group there are.
/// </summary>
internal sealed class ConditionalNormal
{
    private readonly Mlp? _trunk;
    private readonly Mlp _head;
    private readonly Activation _activation;

    /// <param name="name">Leads the names of its variables.</param>
    /// <param name="features">Numbers of a row; 0 where only the other group counts.</param>
    /// <param name="given">Numbers of the other group; 0 where only the row counts.</param>
    /// <param name="hidden">Hidden layers; none for an affine map.</param>
    /// <param name="size">Numbers of the normal.</param>
    /// <param name="activation">Between layers.</param>
    /// <param name="random">Where weights come from.</param>
    /// <param name="outputScale">Multiplies the initial weights of the last layer.</param>
    public ConditionalNormal(string name, int features, int given, IReadOnlyList<int> hidden, int size, Activation activation, RandomNumbers random, double outputScale = 1)
    {
        _activation = activation;
        if (features > 0 && hidden.Count > 0)
            _trunk = new Mlp($"{name}.row", [features, .. hidden], activation, random);
        var width = _trunk is null ? features : hidden[^1];
        var between = features == 0 ? hidden : given > 0 && hidden.Count > 0 ? [hidden[^1]] : [];
        _head = new Mlp(name, [width + given, .. between, 2 * size], activation, random, outputScale);
    }

    public IEnumerable<Variable> Variables => [.. _trunk?.Variables ?? [], .. _head.Variables];

    /// <summary>What rows say, [rows, ..], for <see cref="Given"/>.</summary>
    public Tensor Read(Tensor features) => _trunk is null ? features : _activation.Apply(_trunk.Apply(features));

    /// <summary>The normals, [draws or 1, rows, size].</summary>
    /// <param name="read">What rows say, [rows, ..]; null where only the other group counts.</param>
    /// <param name="given">The other group, [draws, rows, ..]; null where only the row counts.</param>
    /// <param name="held">Whether weights count as constants, and the other group alone has a gradient.</param>
    public DiagonalNormal Given(Tensor? read, Tensor? given, bool held = false)
    {
        if (held && read is not null)
            read = StopGradient(read);
        var rows = (read ?? given!).Shape[read is null ? 1 : 0];
        var draws = given is null ? 1 : given.Shape[0];
        var inputs = read?.Reshape([1, rows, read.Shape[1]]);
        if (given is not null)
            inputs = inputs is null ? given : Tensor.Concatenate(2, inputs.BroadcastTo([draws, rows, inputs.Shape[2]]), given);
        var flat = inputs!.Reshape([draws * rows, inputs.Shape[2]]);
        var outputs = held ? _head.ApplyHeld(flat) : _head.Apply(flat);
        return DiagonalNormal.Of(outputs.Reshape([draws, rows, outputs.Shape[1]]));
    }
}
