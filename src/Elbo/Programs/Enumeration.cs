using Elbo.Compute;

namespace Elbo.Programs;

/// <summary>Leaves a symbol in place of the value of each unknown that takes finitely many values, to be summed over.</summary>
internal sealed class EnumerateHandler(Func<Site, bool> enumerates) : IHandler
{
    public void Before(Site site)
    {
        if (site.Kind != SiteKind.Latent || site.Value is not null || site.Distribution!.Support is not { IsDiscrete: true } support || !enumerates(site))
            return;
        if (support.Count is null)
            throw new ModelException($"Site '{site.Name}' ({site.Distribution.Name}) takes infinitely many values ({support.Description}); only finitely many can be summed over. Truncate it, or sum it out by hand.");
        site.Value = Tensor.Input(site.Name, site.Distribution.Shape, site.Distribution.ValueType);
        site.IsEnumerated = true;
    }
}

/// <summary>
/// The sum over all values of the enumerated unknowns of a trace, exactly: factors that share an unknown are multiplied and summed
/// over it, one unknown after another, those in more plates first (tensor variable elimination, Obermeyer et al. 2019). The places
/// of a plate are independent, so a local unknown costs its number of values, not that to the power of the places.
/// </summary>
internal sealed class Enumeration
{
    private readonly Vectorisation _many = new();
    private readonly Dictionary<Site, VectorAxis> _axes = [];
    private readonly List<Factor> _factors = [];

    /// <summary>Of the given sites, those that count in the density.</summary>
    public Enumeration(IEnumerable<Site> sites)
    {
        Site[] all = [.. sites];
        foreach (var site in all.Where(s => s.IsEnumerated))
        {
            var axis = _axes[site] = new VectorAxis(site.Name, site.Distribution!.Support.Count!.Value);
            var each = Tensor.Iota([axis.Size, .. Enumerable.Repeat(1, site.Value!.Rank)], 0).Convert(site.Value.Type);
            _many.Replace(site.Value, each.BroadcastTo(Shape.Create([axis.Size, .. site.Value.Shape])), axis);
            Weights[site] = Tensor.Input($"weight of {site.Name}", Shape.Create([axis.Size, .. site.BatchShape]), site.Distribution.Type);
        }
        foreach (var site in all)
            _factors.Add(FactorOf(site));
    }

    /// <summary>For each enumerated site, log-weights of its values in each place, an input: 0 leaves the model as it is, and the derivative of the sum by them is the posterior probability.</summary>
    public Dictionary<Site, Tensor> Weights { get; } = [];

    /// <summary>ln of the sum over all values: a scalar in nats.</summary>
    /// <param name="isWeighted">Whether the log-weights count.</param>
    public Tensor LogSum(bool isWeighted = false)
    {
        foreach (var (site, axis) in _axes.OrderByDescending(pair => pair.Key.Plates.Count))
            Eliminate(site, axis, isWeighted);
        return _factors.Select(f => f.Over([]).Value).Aggregate((sum, next) => sum + next);
    }

    private Factor FactorOf(Site site)
    {
        var logProbability = site.Kind == SiteKind.Factor ? site.Value! : site.LogProbability;
        var plates = site.Plates.Aggregate(1.0, (scale, plate) => scale * plate.Scale);
        var (value, axes) = _many.Of(site.Scale == plates ? logProbability : logProbability * (site.Scale / plates));
        return new(value, [.. axes], site.Plates, site.Name);
    }

    private void Eliminate(Site site, VectorAxis axis, bool isWeighted)
    {
        var touched = _factors.Where(f => f.Axes.Contains(axis)).ToList();
        _factors.RemoveAll(touched.Contains);
        if (isWeighted)
            touched.Add(new(Weights[site], [axis], site.Plates, site.Name));
        var outside = touched.Find(f => site.Plates.Any(p => !f.Plates.Contains(p)));
        if (outside is not null)
            throw new ModelException($"Site '{outside.Name}' lies outside plate '{site.Plates.First(p => !outside.Plates.Contains(p)).Name}', but depends on the enumerated site '{site.Name}' inside it: the places would no longer be independent, and all their combinations would have to be summed. Move it into the plate, or sum '{site.Name}' out by hand.");
        var inPlates = touched.ConvertAll(f => f.Over(site.Plates));
        VectorAxis[] axes = [.. inPlates.SelectMany(f => f.Axes).Distinct().OrderBy(a => a == axis ? 0 : 1)];
        var product = inPlates.Select(f => f.Along(axes)).Aggregate((sum, next) => sum + next);
        var summed = TensorMath.LogSumExp(product, 0);
        _factors.Add(new(summed, axes[1..], site.Plates, site.Name));
    }

    /// <summary>A part of the log-density: axes of unknowns in front, then those of its plates.</summary>
    private sealed record Factor(Tensor Value, VectorAxis[] Axes, IReadOnlyList<Plate> Plates, string Name)
    {
        /// <summary>Added up over the places of all plates but the given ones.</summary>
        public Factor Over(IReadOnlyList<Plate> kept)
        {
            int[] dropped = [.. Enumerable.Range(0, Plates.Count).Where(k => !kept.Contains(Plates[k])).Select(k => k + Axes.Length)];
            if (dropped.Length == 0)
                return this;
            var scale = Plates.Where(p => !kept.Contains(p)).Aggregate(1.0, (product, plate) => product * plate.Scale);
            var sum = Value.Sum(dropped);
            return new(scale == 1 ? sum : sum * scale, Axes, [.. Plates.Where(kept.Contains)], Name);
        }

        /// <summary>With axes in this order, of size one where it does not depend on them.</summary>
        public Tensor Along(VectorAxis[] axes)
        {
            int[] order = [.. axes.Where(Axes.Contains).Select(a => Array.IndexOf(Axes, a)), .. Enumerable.Range(Axes.Length, Plates.Count)];
            var sorted = Value.Transpose(order);
            return sorted.Reshape(Shape.Create([.. axes.Select(a => Axes.Contains(a) ? a.Size : 1), .. Value.Shape.AsSpan()[Axes.Length..]]));
        }
    }
}
