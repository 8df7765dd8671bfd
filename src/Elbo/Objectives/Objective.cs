using Elbo.Compute;

namespace Elbo.Objectives;

/// <summary>
/// What a fit maximises, and how it estimates the gradient of that from draws: <c>model.Fit(guide, new FitOptions { Objective =
/// Objective.PathDerivative })</c>.
/// </summary>
public abstract class Objective
{
    private protected Objective()
    {
    }

    /// <summary>
    /// The ELBO, E_q[ln p − ln q], reparameterised (Kingma and Welling, 2014): what of it has a closed form, the entropy of a normal
    /// guide and the divergence from a normal prior, is exact, and draws are taken for the rest. For what a guide draws from discrete
    /// distributions the gradient is that of <see cref="ScoreFunction"/>. The default.
    /// </summary>
    public static Objective Elbo { get; } = new EvidenceLowerBound();

    /// <summary>
    /// The ELBO with the gradient along the path of the draws alone (sticking the landing; Roeder, Wu and Duvenaud, 2017): unbiased, and
    /// without any noise where the guide is the posterior. Best where the guide can come close to it, as flows can.
    /// </summary>
    public static Objective PathDerivative { get; } = new PathDerivative();

    /// <summary>
    /// The ELBO of a normal guide by natural gradients (Khan and Rue, 2023), which follow the shape of the guide rather than its numbers: a
    /// step of size 1 from anywhere lands on a normal posterior, and step sizes mean the same in every model. For <see
    /// cref="Guides.Guide.FullRank"/> and <see cref="Guides.Guide.MeanField"/>; each step takes second derivatives by all unknowns, so it is for tens of
    /// them rather than thousands. The optimiser moves parameters without a prior alone, and gives the step sizes.
    /// </summary>
    public static Objective NaturalGradient { get; } = new NaturalGradient();

    /// <summary>
    /// The importance-weighted bound E ln (1/K) Σ p/q (Burda, Grosse and Salakhutdinov, 2016): closer to the evidence the larger K, and a
    /// guide that covers the posterior more widely than the ELBO's.
    /// </summary>
    /// <param name="particles">K.</param>
    /// <param name="isDoublyReparameterised">
    /// Whether the gradient of the guide is the doubly reparameterised one (Tucker, Lawson, Gu and Maddison, 2019), of the same mean and,
    /// with growing K, of far less noise.
    /// </param>
    public static Objective ImportanceWeighted(int particles, bool isDoublyReparameterised = true) => new RenyiBound(0, particles, isDoublyReparameterised);

    /// <summary>
    /// Rényi's variational bound (Li and Turner, 2016), 1/(1 − α) · E ln (1/K) Σ (p/q)^(1 − α), by K draws: the ELBO at α = 1, the
    /// importance-weighted bound at α = 0; below 0 it tends to an upper bound of the evidence as K grows. The smaller α, the wider the guide.
    /// </summary>
    /// <param name="alpha">α, any number.</param>
    /// <param name="particles">K.</param>
    /// <param name="isDoublyReparameterised">As of <see cref="ImportanceWeighted"/>.</param>
    public static Objective Renyi(double alpha, int particles, bool isDoublyReparameterised = true) => new RenyiBound(alpha, particles, isDoublyReparameterised);

    /// <summary>
    /// The ELBO by the score function, E ∇ln q·(ln p − ln q) (Williams, 1992), with the mean of the other draws as the baseline of each
    /// (leave-one-out; its gradient is that of the variance of ln p − ln q over the draws, VarGrad; Richter and others, 2020). It needs no
    /// derivative through draws, so a guide of one's own may draw discrete unknowns, and a model need not be differentiable; where there are
    /// derivatives <see cref="Elbo"/> has far less noise.
    /// </summary>
    /// <param name="byPlace">
    /// Whether the score of each factor of the guide, and of each place of its plates, is weighed with those terms alone that depend on it
    /// (Rao-Blackwellisation; Ranganath, Gerrish and Blei, 2014): of the same mean, and of a noise that does not grow with the number of places.
    /// </param>
    public static Objective ScoreFunction(bool byPlace = true) => new ScoreFunction(byPlace, isForAll: true);

    /// <summary>
    /// A tempered ELBO, λ·E_q[ln p(data|z)] − β·KL(q(z)‖p(z)): β above 1 holds the guide closer to the prior (Higgins et al., 2017), λ below 1
    /// trusts the data less, as where the model is known to be wrong (Grünwald, 2012). A bound of the evidence for β ≥ 1 = λ alone; the
    /// certificate judges the fit by the model as it stands.
    /// </summary>
    /// <param name="divergenceWeight">β, at least 0.</param>
    /// <param name="likelihoodWeight">λ, at least 0.</param>
    public static Objective Tempered(double divergenceWeight = 1, double likelihoodWeight = 1) => new EvidenceLowerBound(divergenceWeight, likelihoodWeight);

    /// <summary>What it is called.</summary>
    public abstract string Name { get; }

    /// <summary>What it takes to make it again.</summary>
    public abstract ObjectiveRecipe Recipe { get; }

    /// <summary>What it is called.</summary>
    public override string ToString() => Name;

    /// <summary>Whether the bound of held-out rows tells which epoch is best.</summary>
    internal virtual bool IsJudgedByBound => true;

    /// <summary>Whether the derivatives of an estimate are those of its value: only then is it, by draws held fixed, a function to be climbed.</summary>
    internal virtual bool IsDifferentiated => false;

    /// <summary>An estimate of the objective, in nats, total, and of its derivatives by all that moves.</summary>
    internal abstract ObjectiveEstimate Of(ObjectiveSetting setting);

    /// <summary>Draws of the code that an estimate takes for each row of an autoencoder.</summary>
    internal virtual int DrawsOfRow => 1;

    /// <summary>The same of an autoencoder and a batch of rows, in nats per row.</summary>
    /// <exception cref="ArgumentException">The objective is not one of autoencoders, or not with this network or these options.</exception>
    internal virtual RowEstimate OfRows(RowTerms terms) =>
        throw new ArgumentException($"The objective, {Name}, is not for autoencoders; use Objective.Elbo, PathDerivative, ImportanceWeighted, Renyi or Tempered.");
}

/// <summary>An estimate of an objective by some draws.</summary>
/// <param name="Value">In nats, total: a scalar.</param>
/// <param name="Gradients">Its derivatives by the variables of the guide, then by those of the model, in their order.</param>
internal sealed record ObjectiveEstimate(Tensor Value, IReadOnlyList<Tensor> Gradients)
{
    /// <summary>By a step size, the steps of those variables that it moves itself, whatever the optimiser; null where it moves none.</summary>
    public Func<Tensor, IReadOnlyList<Update>>? OwnSteps { get; init; }

    /// <summary>The updates of an optimiser, but for those variables that the objective moves itself.</summary>
    /// <param name="ofOptimiser">The updates of the optimiser.</param>
    /// <param name="rate">The step size, a scalar.</param>
    /// <param name="accept">Whether to take the step, a scalar truth value.</param>
    public IEnumerable<Update> Updates(IReadOnlyList<Update> ofOptimiser, Tensor rate, Tensor accept)
    {
        if (OwnSteps is null)
            return ofOptimiser;
        var own = OwnSteps(rate).ToDictionary(u => u.Variable, u => TensorMath.Where(accept, u.Value, u.Variable.Value));
        return ofOptimiser.Select(u => own.TryGetValue(u.Variable, out var value) ? u with { Value = value } : u);
    }
}
