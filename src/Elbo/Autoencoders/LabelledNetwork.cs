using Elbo.Compute;
using Elbo.Networks;
using static Elbo.Compute.TensorMath;

namespace Elbo.Autoencoders;

/// <summary>
/// The label as one more latent, p(y)p(z)p(x|y,z) with q(y|x)q(z|x,y) (M2 of Kingma, Mohamed, Rezende and Welling, 2014). Where a row has no label, the bound
/// is Σ_y q(y|x)·(L(x,y) − ln q(y|x)), exact over classes (their equation 7); where it has one, L(x,y) itself (equation 6).
/// </summary>
/// <remarks>
/// A code is z with 1 at the class and 0 at the others behind it, so the mean of its last numbers is q(y|x). The class enters q(z|x,y) at its last hidden
/// layer, so that what is before it is computed once for all classes.
/// </remarks>
public sealed class LabelledNetwork : LatentNetwork
{
    // Of numbers that are not random given the class.
    private const double NoVariance = -30;

    private readonly int _size;
    private readonly int _features;
    private readonly Tensor _logPrior;
    private readonly double[] _classPrior;
    private readonly PosteriorFamily _posterior;
    private readonly PriorFamily _prior;
    private readonly INetwork _classifier;
    private readonly INetwork _trunk;
    private readonly Activation? _activation;
    private readonly int _width;
    private readonly VariableWeights _ofClass = new(DType.Float32);
    private readonly Tensor _classWeights;
    private readonly Mlp? _head;
    private readonly INetwork _decoder;
    private readonly bool _hasClosedDivergence;

    /// <summary>A network with weights drawn at random.</summary>
    /// <param name="setting">What it is made for.</param>
    /// <param name="label">The label.</param>
    /// <param name="latent">Numbers of z, at least 1.</param>
    /// <param name="architecture">Of all networks: that of q(y|x) and that of q(z|x,y) are encoders of their own.</param>
    /// <param name="posterior">The family of q(z|x,y); null for <see cref="CodePosterior.Diagonal"/>.</param>
    /// <param name="prior">The family of p(z); null for <see cref="CodePrior.StandardNormal"/>.</param>
    /// <param name="decoderScale">Multiplies the initial weights of the decoder's last layer.</param>
    /// <exception cref="ArgumentException">A part is out of its range, or the prior is a VampPrior.</exception>
    public LabelledNetwork(
        LatentSetting setting, LabelModel label, int latent, Architecture architecture, CodePosterior? posterior = null, CodePrior? prior = null, double decoderScale = 0.1)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentOutOfRangeException.ThrowIfLessThan(latent, 1);
        (posterior, prior) = (posterior ?? CodePosterior.Diagonal, prior ?? CodePrior.StandardNormal);
        posterior.Check();
        prior.Check(latent, posterior);
        architecture.Check();
        if (prior is VampPrior)
            throw new ArgumentException("A VampPrior is made of q(z|x), which with a label is one for each class; use CodePrior.Mixture.", nameof(prior));
        var random = setting.Random;
        (_size, _features, Classes) = (latent, setting.Features, label.Classes.Count);
        _classPrior = [.. label.Prior];
        _logPrior = Tensor.FromArray([.. _classPrior.Select(p => Math.Log(p))], [1, 1, Classes]);
        _posterior = posterior.Begin(latent, random);
        _prior = prior.Begin(new(latent, random, setting.Features, _ => throw new InvalidOperationException("No prior of labelled codes asks for the encoder.")));
        _hasClosedDivergence = _prior.IsStandardNormal && posterior is not FlowPosterior;
        _classifier = architecture.Encoder(setting.Rows, setting.Features, Classes, random, "classifier");
        (_trunk, _width, _activation) = architecture.Trunk(setting.Rows, setting.Features, _posterior.ParameterCount, random, "encoder");
        var scale = Math.Sqrt(6.0 / (Classes + _width));
        _classWeights = _ofClass.Add("encoder.class.weight", Distributions.Value.Of([.. Enumerable.Range(0, Classes * _width).Select(_ => scale * (2 * random.NextUniform() - 1))], [Classes, _width]));
        if (_activation is { } activation)
            _head = new Mlp("encoder.last", [_width, _posterior.ParameterCount], activation, random);
        _decoder = architecture.Decoder(setting.Rows, latent + Classes, setting.Parameters, random, decoderScale);
        Groups = [new("z", latent), new("label", Classes)];
    }

    /// <inheritdoc/>
    public override int Classes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<LatentGroup> Groups { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DivergenceTerms => [.. _hasClosedDivergence ? Enumerable.Range(1, _size).Select(d => $"z{d}") : ["z"], "label"];

    /// <inheritdoc/>
    public override IReadOnlyList<Variable> EncoderVariables => [.. _classifier.Variables, .. _trunk.Variables, .. _ofClass.All, .. _head?.Variables ?? [], .. _posterior.Variables];

    /// <inheritdoc/>
    public override IReadOnlyList<Variable> DecoderVariables => [.. _decoder.Variables, .. _prior.Variables];

    /// <inheritdoc/>
    public override int PriorNoise => _prior.NoiseWidth + 1;

    /// <inheritdoc/>
    public override CodeDraw Infer(Tensor features, Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(noise);
        var (samples, rows) = (noise.Shape[0], noise.Shape[1]);
        var (x, label) = (features.Slice(1, 0, _features), features.Slice(1, _features, Classes));
        var isLabelled = label.Sum(1);
        var isOpen = 1.0 - isLabelled;
        var logClasses = LogSoftmax(_classifier.Apply(x));

        // For each class a row of its own: where the label is known, all are of that class.
        var each = Tensor.FromArray([.. Enumerable.Range(0, Classes * Classes).Select(i => i % Classes == i / Classes ? 1.0 : 0)], [Classes, 1, Classes]);
        var classes = label.Reshape([1, rows, Classes]) + isOpen.Reshape([1, rows, 1]) * each;
        var draw = _posterior.Draw(Parameters(x, classes), OfClasses(noise.Slice(2, 0, _size), samples, rows));
        var codes = draw.Z.Reshape([samples * Classes * rows, _size]);
        var ofCodes = Repeat(classes, samples);
        var whole = Tensor.Concatenate(1, codes, ofCodes.Reshape([samples * Classes * rows, Classes]));
        var parameters = _decoder.Apply(whole);

        var draws = samples * Classes;
        var logQ = draw.LogDensity.Reshape([draws, rows]);
        var logP = _prior.LogDensity(codes).Reshape([draws, rows]);
        var divergence = _hasClosedDivergence ? Repeat(draw.FromStandardNormal!.Reshape([Classes, rows, _size]), samples) : (logQ - logP).Reshape([draws, rows, 1]);
        var logPriorOfClass = (classes * _logPrior).Sum(2);
        var logOfClass = isOpen.Reshape([1, rows]) * logClasses.Transpose(1, 0);
        var ofClass = Repeat((logOfClass - logPriorOfClass).Reshape([Classes, rows, 1]), samples);
        var shares = logOfClass - Math.Log(Classes) * isLabelled.Reshape([1, rows]) - Math.Log(samples);
        return new(
            whole.Reshape([draws, rows, _size + Classes]),
            parameters.Reshape([draws, rows, parameters.Shape[1]]),
            logP + Repeat(logPriorOfClass, samples),
            logQ + Repeat(logOfClass, samples),
            Tensor.Concatenate(2, divergence, ofClass),
            Tensor.Concatenate(2, Repeat(draw.Mean.Reshape([Classes, rows, _size]), samples), ofCodes),
            Tensor.Concatenate(2, Repeat(draw.LogVariance.Reshape([Classes, rows, _size]), samples), Tensor.Full([draws, rows, Classes], NoVariance)))
        {
            LogShares = Repeat(shares, samples),
            LogLabel = (label * logClasses).Sum(1),
            IsLabelled = isLabelled,
        };
    }

    // What q(z|x,y) is by, for rows [rows, features] and classes [classes, rows, classes]: [classes·rows, parameters].
    private Tensor Parameters(Tensor x, Tensor classes)
    {
        var rows = x.Shape[0];
        var ofClass = classes.Reshape([Classes * rows, Classes]).MatMul(_classWeights).Reshape([Classes, rows, _width]);
        var hidden = (_trunk.Apply(x).Reshape([1, rows, _width]) + ofClass).Reshape([Classes * rows, _width]);
        return _head is null ? hidden : _head.Apply(_activation!.Value.Apply(hidden));
    }

    // The same noise for each class, so that what classes differ by is not noise.
    private Tensor OfClasses(Tensor noise, int samples, int rows) =>
        noise.Reshape([samples, 1, rows, _size]).BroadcastTo([samples, Classes, rows, _size]).Reshape([samples, Classes * rows, _size]);

    // Of [classes, …], once for each of some samples: [samples·classes, …].
    private static Tensor Repeat(Tensor each, int samples)
    {
        if (samples == 1)
            return each;
        int[] shape = [.. each.Shape.AsSpan()];
        return each.Reshape(Shape.Create([1, .. shape])).BroadcastTo(Shape.Create([samples, .. shape])).Reshape(Shape.Create([samples * shape[0], .. shape[1..]]));
    }

    /// <inheritdoc/>
    public override (Tensor LogPrior, Tensor Parameters) Score(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        var logClass = (z.Slice(1, _size, Classes) * _logPrior.Reshape([1, Classes])).Sum(1);
        return (_prior.LogDensity(z.Slice(1, 0, _size)) + logClass, _decoder.Apply(z));
    }

    /// <inheritdoc/>
    public override Tensor FromPrior(Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(noise);
        // The class is the one in whose share of [0, 1] the uniform number Φ(ε) lies.
        var uniform = 0.5 * Erfc(-Math.Sqrt(0.5) * noise.Slice(1, _prior.NoiseWidth, 1));
        var (above, sum) = (new double[Classes], 0.0);
        for (var k = 0; k < Classes - 1; k++)
            above[k] = sum += _classPrior[k];
        above[^1] = 2;
        var isBelow = (uniform <= Tensor.FromArray(above, [1, Classes])).Convert(noise.Type);
        // 0 … 0 1 … 1, less itself moved by one.
        var chosen = isBelow - Tensor.Concatenate(1, Tensor.Full([noise.Shape[0], 1], 0, noise.Type), isBelow.Slice(1, 0, Classes - 1));
        return Tensor.Concatenate(1, _prior.Draw(noise.Slice(1, 0, _prior.NoiseWidth)), chosen);
    }

    /// <inheritdoc/>
    public override Tensor FromPrior(Tensor noise, int label)
    {
        ArgumentNullException.ThrowIfNull(noise);
        if (label < 0 || label >= Classes)
            throw new ArgumentException($"The class is {label}; the label has {Classes} classes, from 0 to {Classes - 1}.", nameof(label));
        var chosen = Tensor.FromArray([.. Enumerable.Range(0, Classes).Select(k => k == label ? 1.0 : 0)], [1, Classes]).BroadcastTo([noise.Shape[0], Classes]);
        return Tensor.Concatenate(1, _prior.Draw(noise.Slice(1, 0, _prior.NoiseWidth)), chosen);
    }

    /// <inheritdoc/>
    public override void Start(FirstLook data)
    {
        ArgumentNullException.ThrowIfNull(data);
        data.Begin(_decoder);
    }
}
