namespace Elbo.Objectives;

/// <summary>A part of a bound that has a name.</summary>
/// <param name="Name">What it belongs to: a column, a latent dimension.</param>
/// <param name="Value">Nats per row.</param>
public sealed record Term(string Name, double Value);

/// <summary>
/// An Evidence Lower Bound with its terms, in nats per row, averaged over rows:
/// E_q[ln p(x|z)] − KL(q(z|x)‖p(z)) ≤ ln p(x), of the observed cells alone. Densities are in the units of the data.
/// </summary>
/// <param name="Elbo">Reconstruction − Kl.</param>
/// <param name="Reconstruction">E_q[ln p(x|z)], the sum of its columns.</param>
/// <param name="Kl">KL(q(z|x)‖p(z)), the sum over latent dimensions.</param>
/// <param name="Columns">The reconstruction term of each column: only rows where it is observed add to it, all rows divide it.</param>
/// <param name="Latents">The divergence of each latent dimension.</param>
/// <param name="StandardError">Of <paramref name="Elbo"/>, over rows.</param>
/// <param name="Rows">The number of rows averaged over.</param>
public sealed record Bound(
    double Elbo, double Reconstruction, double Kl, IReadOnlyList<Term> Columns, IReadOnlyList<Term> Latents, double StandardError, int Rows);

/// <summary>The importance-weighted bound ln (1/K) Σₖ p(x, zₖ)/q(zₖ|x) ≤ ln p(x) (Burda, Grosse and Salakhutdinov, 2016), in nats per row.</summary>
/// <param name="Value">Its mean over rows; never below the ELBO in expectation, and closer to ln p(x) the larger K.</param>
/// <param name="Samples">K.</param>
/// <param name="StandardError">Over rows.</param>
public sealed record ImportanceWeightedBound(double Value, int Samples, double StandardError);
