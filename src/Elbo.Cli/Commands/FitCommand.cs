using System.CommandLine;
using Elbo.Cli.Output;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo fit</c>: a table or images in, a trained model file out.</summary>
internal static class FitCommand
{
    /// <summary>K of the importance-weighted bound in the report.</summary>
    public const int ReportSamples = 128;

    private const string Description = """
        Train a model of a table, of images or of texts.

        What DATA is, is found out from it. What each column of a table is, is found out and shown with the reason. The model is saved while it trains and at the end; Ctrl-C
        finishes the epoch, saves, and says how to go on.

          elbo fit customers.csv
          elbo fit customers.csv -o model.elbo --latent 4 --epochs 200 --seed 7
          elbo fit customers.csv --column "satisfaction=ordinal:low<medium<high" --likelihood income=student-t
          elbo fit customers.csv --importance 20 --missing income=self-masking:high
          elbo fit customers.csv --resume --epochs 1000
          elbo fit train-images-idx3-ubyte.gz -o digits.elbo --latent 20 --importance 5
          elbo fit customers.csv --label churned
          elbo fit photos/ --network convolutional --prior mixture:20
          elbo fit sprites.npy --latent 10 --disentangle tc=6 --batch 256
          elbo fit customers.csv --model diffusion --label plan
          elbo fit digits.npy --model diffusion --schedule cosine --objective simple
          elbo fit news.csv --text story --topics 20
          elbo fit questions.csv --text question --label department
        """;

    public static Command Create(Terminal terminal)
    {
        var options = new FitOptions();
        var command = new DescribedCommand("fit", Description) { options.Data };
        foreach (var option in options.All)
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(options.Header) && result.GetValue(options.NoHeader))
                result.AddError("--header and --no-header contradict each other.");
            if (result.GetResult(options.FreeBits) is not null && result.GetResult(options.Capacity) is not null)
                result.AddError("--free-bits and --capacity are two budgets; choose one.");
            if (result.GetResult(options.Disentangle) is not null)
            {
                if (result.GetResult(options.FreeBits) is not null || result.GetResult(options.Capacity) is not null)
                    result.AddError("--disentangle says what the divergence is charged with, and so do --free-bits and --capacity; choose one.");
                if (result.GetValue(options.Importance) > 1)
                    result.AddError("--disentangle charges parts of the divergence, of which the importance-weighted bound has none; leave --importance out.");
            }
        });
        command.SetAction(parsed =>
        {
            if (TextRequest.Of(parsed, options) is { } texts)
                return new TextFit(texts, terminal).Run();
            if (DiffusionRequest.Of(parsed, options) is { } diffusion)
                return new DiffusionFit(diffusion, terminal).Run();
            var request = FitRequest.Of(parsed, options);
            terminal.FinishWhenInterrupted();
            return new FitRun(request, terminal, Display(terminal, request.Json)).Run();
        });
        return command;
    }

    private static IFitDisplay Display(Terminal terminal, bool json) => (json, terminal.IsQuiet, terminal.IsInteractive) switch
    {
        (true, _, _) => new JsonFitDisplay(terminal),
        (_, true, _) => new SilentFitDisplay(),
        (_, _, true) => new LiveFitDisplay(terminal),
        _ => new PlainFitDisplay(terminal),
    };
}
