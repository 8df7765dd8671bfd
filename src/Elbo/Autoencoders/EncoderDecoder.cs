using Elbo.Compute;
using Elbo.Networks;

namespace Elbo.Autoencoders;

/// <summary>
/// One group of latent numbers (Kingma and Welling, 2014): p(z), a decoder from z to what is said of x, and an encoder from x to the parameters of
/// q(z|x).
/// </summary>
internal sealed class EncoderDecoder : LatentNetwork
{
    private readonly INetwork _encoder;
    private readonly INetwork _decoder;
    private readonly PosteriorFamily _posterior;
    private readonly PriorFamily _prior;

    public EncoderDecoder(LatentSetting setting, int latent, Architecture architecture, CodePosterior posterior, CodePrior prior, double decoderScale)
    {
        var random = setting.Random;
        _posterior = posterior.Begin(latent, random);
        _encoder = architecture.Encoder(setting.Rows, setting.Features, _posterior.ParameterCount, random);
        _decoder = architecture.Decoder(setting.Rows, latent, setting.Parameters, random, decoderScale);
        _prior = prior.Begin(new(latent, random, setting.Features, Encode));
        Groups = [new("z", latent)];
        HasClosedDivergence = _prior.IsStandardNormal && posterior is not FlowPosterior;
    }

    public override IReadOnlyList<LatentGroup> Groups { get; }

    public override IReadOnlyList<string> DivergenceTerms => HasClosedDivergence ? [.. Enumerable.Range(1, Latent).Select(d => $"z{d}")] : ["z"];

    public override IReadOnlyList<Variable> EncoderVariables => [.. _encoder.Variables, .. _posterior.Variables];

    public override IReadOnlyList<Variable> DecoderVariables => [.. _decoder.Variables, .. _prior.Variables];

    public override bool HasDiagonalPosterior => _posterior is DiagonalFamily;

    public override bool HasStandardNormalPrior => _prior.IsStandardNormal;

    public override int PriorNoise => _prior.NoiseWidth;

    public override int FirstRows => _prior.FirstRows;

    private bool HasClosedDivergence { get; }

    public override CodeDraw Infer(Tensor features, Tensor noise)
    {
        var draw = _posterior.Draw(_encoder.Apply(features), noise);
        var (draws, rows) = (noise.Shape[0], noise.Shape[1]);
        var codes = draw.Z.Reshape([draws * rows, Latent]);
        var parameters = _decoder.Apply(codes);
        var logPrior = _prior.LogDensity(codes).Reshape([draws, rows]);
        var divergence = HasClosedDivergence ? draw.FromStandardNormal! : (draw.LogDensity - logPrior).Reshape([draws, rows, 1]);
        return new(draw.Z, parameters.Reshape([draws, rows, parameters.Shape[1]]), logPrior, draw.LogDensity, divergence, draw.Mean, draw.LogVariance)
        {
            // A prior that is made of the encoder depends on what would be held.
            LogPosteriorHeld = _prior is VampFamily ? null : draw.LogDensityHeld,
        };
    }

    public override (Tensor LogPrior, Tensor Parameters) Score(Tensor z) => (_prior.LogDensity(z), _decoder.Apply(z));

    public override Tensor FromPrior(Tensor noise) => _prior.Draw(noise);

    public override void Start(FirstLook data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _prior.Start(data.Features);
        data.Begin(_decoder);
    }

    private (Tensor Mean, Tensor LogVariance) Encode(Tensor features)
    {
        var parameters = _encoder.Apply(features);
        return (_posterior.MeanOf(parameters), _posterior.LogVarianceOf(parameters));
    }
}
