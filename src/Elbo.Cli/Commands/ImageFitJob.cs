using Elbo.Autoencoders;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Training;

namespace Elbo.Cli.Commands;

/// <summary>Images to be fitted.</summary>
internal sealed class ImageFitJob : FitJob
{
    private readonly ImageFit _fit;
    private readonly VaeOptions _options;
    private readonly Func<Func<EpochReport, Vae, bool>, Vae> _train;

    private ImageFitJob(ImageFit fit, VaeOptions options, TrainingOptions training, Func<Func<EpochReport, Vae, bool>, Vae> train) =>
        (_fit, _options, Training, _train) = (fit, options, training, train);

    public override TrainingOptions Training { get; }

    public override bool HoldsOut => _fit.Validation is not null || base.HoldsOut;

    public override IEnumerable<string> Found => _fit.Read.Notices.Concat(_fit.Validation?.Notices ?? []);

    public static ImageFitJob New(FitRequest request)
    {
        request.RefuseTableOptions();
        var fit = Read(request, request.Images);
        if (request.Label is null)
            request.RefuseLabelOptions();
        var options = Refusing(request.Data, () => (request.ImageModel() with { Label = LabelOf(fit) }).For(fit.Read.Images));
        var training = request.Training(Vae.ForImages);
        return new(fit, options, training, progress => Refusing(request.Data, () => Vae.Fit(fit.Read.Images, options, training, fit.Validation?.Images, progress, fit.Labels?.Labels)))
        {
            Labelled = fit.Labelled,
        };
    }

    private static LabelModel? LabelOf(ImageFit fit) => fit.Labels is { } labels ? LabelModel.Of(labels.Classes, new LabelledRows(fit.Read.Images, labels.Labels)) : null;

    public static ImageFitJob Resumed(FitRequest request)
    {
        request.RefuseTableOptions();
        var file = ImageModelFile.Load(request.Model);
        var (state, training, notice) = Continued(request, file);
        var fit = Read(request, OpenedImages.ReadingFor(file, request.Images));
        ResumeCheck.Same(request, file, fit);
        if (fit.Labels is null && file.Classes.Count > 0)
            throw new UsageException($"{request.Model}: the model has a label; name the file of labels that it was fitted with, by --label.");
        var description = file.Description with { Training = training };
        return new(fit, description.Options, training, progress => Refusing(
            request.Model, () => Vae.Resume(description, file.Weights, state, fit.Read.Images, fit.Validation?.Images, progress, fit.Labels?.Labels)))
        {
            Labelled = fit.Labelled,
            EpochsDone = state.Epoch,
            SecondsBefore = file.Seconds,
            Notices = [notice],
        };
    }

    public override void Show(IFitDisplay display) => display.Images(_fit, _options);

    public override FittedModel Train(Func<EpochReport, FittedModel, bool> progress) =>
        new FittedImageModel(_train((epoch, model) => progress(epoch, new FittedImageModel(model, _fit))), _fit);

    private static ImageFit Read(FitRequest request, ImageReadOptions options)
    {
        var images = ImageReader.Read(request.Data, options);
        return new(request.Data, images, request.Validation is { } validation ? ImageReader.Read(validation, options) : null)
        {
            Labels = request.Label is { } labels ? LabelFile.Read(labels, images.Images.Count) : null,
        };
    }
}
