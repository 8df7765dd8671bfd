namespace Elbo.Likelihoods;

/// <summary>The families that a column's values can be given, conditional on the latent code.</summary>
public enum LikelihoodKind
{
    /// <summary>Normal with a mean from the decoder and a learned scale of the column.</summary>
    Gaussian,

    /// <summary>Student's t with a location from the decoder and learned scale and degrees of freedom: heavy tails.</summary>
    StudentT,

    /// <summary>Log-normal: the logarithm is Gaussian. Counts use x + 1.</summary>
    LogNormal,

    /// <summary>One of two, by its log-odds.</summary>
    Bernoulli,

    /// <summary>One of several, by a logit each.</summary>
    Categorical,

    /// <summary>Counts with variance equal to their mean.</summary>
    Poisson,

    /// <summary>Counts with variance above their mean: a learned dispersion of the column.</summary>
    NegativeBinomial,

    /// <summary>Ordered levels: a cumulative logit with learned thresholds of the column.</summary>
    Ordinal,
}
