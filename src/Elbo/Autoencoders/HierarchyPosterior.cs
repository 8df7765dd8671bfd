namespace Elbo.Autoencoders;

/// <summary>How q(z|x) of a hierarchy p(z_L)…p(z₁|z₂)p(x|z₁) is factorised.</summary>
public enum HierarchyPosterior
{
    /// <summary>q(z₁|x)q(z₂|x)…: every group by itself. It cannot say that groups depend on each other given x, and its bound stops short by what that is worth.</summary>
    MeanField,

    /// <summary>q(z₁|x)q(z₂|z₁)…: from the data up (Rezende, Mohamed and Wierstra, 2014; Burda, Grosse and Salakhutdinov, 2016).</summary>
    BottomUp,

    /// <summary>q(z_L|x)…q(z₁|x, z₂): in the order in which the prior draws.</summary>
    TopDown,

    /// <summary>
    /// As <see cref="TopDown"/>, where q(z_l|x, z_{l+1}) is the prior p(z_l|z_{l+1}) times what x says of z_l, both normal: means are weighted
    /// by precisions, which add (Sønderby, Raiko, Maaløe, Sønderby and Winther, 2016).
    /// </summary>
    Ladder,
}
