namespace Elbo.Programs;

/// <summary>
/// Changes what a run of a model does at its sites. Handlers compose: each sees a site before it has a value, innermost first,
/// and after.
/// </summary>
public interface IHandler
{
    /// <summary>Before the site gets a value: a handler may give it one, or change its distribution, kind or scale.</summary>
    void Before(Site site);

    /// <summary>After the site got its value.</summary>
    void After(Site site)
    {
    }
}
