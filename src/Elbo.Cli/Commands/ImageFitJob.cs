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
        var options = Refusing(request.Data, () => request.ImageModel().For(fit.Read.Images));
        var training = request.Training(Vae.ForImages);
        return new(fit, options, training, progress => Refusing(request.Data, () => Vae.Fit(fit.Read.Images, options, training, fit.Validation?.Images, progress)));
    }

    public static ImageFitJob Resumed(FitRequest request)
    {
        request.RefuseTableOptions();
        var file = ImageModelFile.Load(request.Model);
        var (state, training, notice) = Continued(request, file);
        var fit = Read(request, OpenedImages.ReadingFor(file, request.Images));
        ResumeCheck.Same(request, file, fit);
        var description = file.Description with { Training = training };
        return new(fit, description.Options, training, progress => Refusing(
            request.Model, () => Vae.Resume(description, file.Weights, state, fit.Read.Images, fit.Validation?.Images, progress)))
        {
            EpochsDone = state.Epoch,
            SecondsBefore = file.Seconds,
            Notices = [notice],
        };
    }

    public override void Show(IFitDisplay display) => display.Images(_fit, _options);

    public override FittedModel Train(Func<EpochReport, FittedModel, bool> progress) =>
        new FittedImageModel(_train((epoch, model) => progress(epoch, new FittedImageModel(model, _fit))), _fit);

    private static ImageFit Read(FitRequest request, ImageReadOptions options) =>
        new(request.Data, ImageReader.Read(request.Data, options), request.Validation is { } validation ? ImageReader.Read(validation, options) : null);
}
