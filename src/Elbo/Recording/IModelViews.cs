using Elbo.Autoencoders;

namespace Elbo.Recording;

/// <summary>What there is to be seen of an autoencoder as it stands.</summary>
internal interface IModelViews
{
    /// <summary>The kind of the fit, as in <see cref="FitStarted.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>Options of the model.</summary>
    IEnumerable<FitSetting> Settings { get; }

    /// <summary>Tables and pictures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="judged">Rows to look at, those that judge: indices in what the views are of.</param>
    /// <param name="epoch">After which epoch; null at the end, where more is shown.</param>
    IEnumerable<FitEvent> Of(Vae model, IReadOnlyList<int> judged, int? epoch);
}
