using Elbo.Compute;
using Elbo.Distributions;
using static Elbo.Compute.TensorMath;

namespace Elbo.Programs;

/// <summary>Another way to write an unknown: a site in its stead, and the unknown as a function of that.</summary>
/// <param name="Name">The name of the site in its stead.</param>
/// <param name="Prior">Its distribution.</param>
/// <param name="Map">From its value to that of the unknown.</param>
internal sealed record Rewriting(string Name, Distribution Prior, Func<Tensor, Tensor> Map);

/// <summary>
/// Writes normal unknowns by their deviations: θ ~ N(μ, σ) becomes θ = μ + σ·e with e ~ N(0, 1), whose posterior is less entangled with σ
/// where data are few (Papaspiliopoulos, Roberts and Sköld, 2007). With a learned degree λ between 0 and 1, e ~ N(λμ, σ^λ) and
/// θ = μ + σ^(1−λ)·(e − λμ): centred at λ = 1 (Gorinova, Moore and Hoffman, 2020).
/// </summary>
internal sealed class NonCentring(Func<Site, bool> applies, bool learns) : IHandler
{
    public void Before(Site site)
    {
        if (site.Kind != SiteKind.Latent || site.Value is not null || !applies(site))
            return;
        var (each, axes) = site.Distribution is Independent independent ? (independent.Each, independent.EventShape.Rank) : (site.Distribution!, 0);
        if (each is not Normal normal)
            throw new ModelException($"Site '{site.Name}' is {site.Distribution!.Name}; only normal unknowns are written by their deviations.");
        var shape = site.Distribution!.Shape;
        var (mean, scale) = (normal.Location, normal.Scale);
        if (!learns)
        {
            var standard = Distribution.Normal(Tensor.Full(shape, 0, each.Type), 1).ToEvent(axes);
            site.Rewriting = new($"{site.Name}, non-centred", standard, e => mean + scale * e);
            return;
        }
        var degree = site.Context!.SharedParam($"{site.Name}, centredness", 0.5, Support.UnitInterval);
        var partly = Distribution.Normal((degree * mean).BroadcastTo(shape), Exp(degree * Log(scale)).BroadcastTo(shape)).ToEvent(axes);
        site.Rewriting = new($"{site.Name}, partly centred", partly, e => mean + Exp((1.0 - degree) * Log(scale)) * (e - degree * mean));
    }
}
