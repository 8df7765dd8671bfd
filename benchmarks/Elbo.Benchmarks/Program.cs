using Elbo.Benchmarks;
using Elbo.Benchmarks.Calibration;
using Elbo.Benchmarks.Gradients;
using Elbo.Benchmarks.Loops;
using Elbo.Benchmarks.Posteriors;
using Elbo.Benchmarks.Results;

const string Usage = """
    Measures what the engine reaches on this machine, each figure beside the bar set for it.

      benchmarks [NAME...]              suites whose name contains one of these; all of them without a name
        --list                          only their names and titles
        --json                          a line of JSON for each figure
        --profile                       instead: where the time of their compiled functions goes, kernel by kernel
        --no-peers                      without the other systems that run beside ours where they are installed
        --write FILE                    also a page of Markdown, and its picture beside it
      benchmarks calibration [--data-sets N] [--write FILE]   whether fits that pass are right, as Markdown
      benchmarks gradients [--runs N] [--write FILE]          bias and noise of the gradient estimators, as Markdown
      benchmarks instruments --data DIR --runs DIR [--only NAME] [--write FILE]   beside exact answers and published ones
      benchmarks posteriors [--write FILE]     fits of 27 real models beside their reference posteriors, as Markdown
        --stan DIR                      and beside Stan's ADVI, where rstan is installed: the folder of posteriordb's .stan files
        --stan-compiled DIR             where its compiled models are kept, half a minute each the first time
      benchmarks digits --data DIR --runs DIR [--only NAME] [--epochs N] [--write FILE]   autoencoders of binarised MNIST; trainings are kept in --runs
      benchmarks missing --data DIR [--runs DIR] [--only NAME] [--write FILE]   filling in cells of real tables; results are kept in --runs
      benchmarks factors --data DIR --runs DIR [--only NAME,…] [--minutes N] [--write FILE]   hidden factors of sprites; trainings are kept in --runs
      benchmarks labels --data DIR --runs DIR [--only NAME] [--write FILE]   few labels: m1, m1m2, m1m2-plain, m2, m2-plain of MNIST, or adult; trainings are kept in --runs
      benchmarks diffusion --data DIR --runs DIR [--only plane|optdigits|mnist|speed] [--epochs N] [--images N] [--write FILE]   diffusion models; trainings are kept in --runs
      benchmarks results --data DIR [--write FILE]   fits to real tables, as Markdown
      benchmarks texts --data DIR [--only topics|routing] [--seeds N] [--write FILE]   topics of news and routing of short texts, as Markdown
    """;

// A line for each suite; the page has them in this order.
Suite[] suites =
[
    new("machine", "The machine: multiply-add peak and memory bandwidth", MachineBenchmark.Run, MachineBenchmark.Remaining),
    new("vae-step", "One training step of a variational autoencoder with Adam", VaeStepBenchmark.Run, VaeStepBenchmark.Remaining) { Functions = VaeStepBenchmark.Functions },
    new("autoencoder", "Training of autoencoders of images as a user calls it", AutoencoderBenchmark.Run, AutoencoderBenchmark.Remaining),
    new("table-training", "From a file of 100,000 rows and 50 columns to a model, default network, 2 threads", TableTrainingBenchmark.Run, TableTrainingBenchmark.Remaining),
    new("matrix-product", "Matrix products against the multiply-add peak of the core, on two threads against one, and small or narrow ones against OpenBLAS on one thread", MatrixProductBenchmark.Run, MatrixProductBenchmark.Remaining),
    new("convolution", "Convolutions of images and sequences, and attention", ConvolutionBenchmark.Run, ConvolutionBenchmark.Remaining),
    new("unet-step", "One training step of the U-Net of a diffusion model of MNIST, and samples", UNetStepBenchmark.Run, UNetStepBenchmark.Remaining) { Functions = UNetStepBenchmark.Functions },
    new("loops", "Fused loops on one thread against the same loops written by hand with intrinsics", LoopBenchmark.Run, LoopBenchmark.Remaining),
    new("random", "Draws on one thread", RandomBenchmark.Run, RandomBenchmark.Remaining),
    new("small-models", "Gradient steps of small Bayesian models", SmallModelBenchmark.Run, SmallModelBenchmark.Remaining) { Functions = SmallModelBenchmark.Functions },
    new("recurrent", "A training step of a recurrent layer: LSTM, 64 inputs, 128 units, batch 32, 100 steps, Adam", RecurrentBenchmark.Run, RecurrentBenchmark.Remaining) { Functions = RecurrentBenchmark.Functions },
    new("compile", "From a traced model to machine code", CompileBenchmark.Run, CompileBenchmark.Remaining),
];

// How the suite "compile" measures a process that has compiled nothing yet.
if (args is [CompileProbe.Argument, var what])
    return CompileProbe.Run(what);
if (args is ["calibration", ..])
    return CalibrationResults.Run(args[1..]);
if (args is ["gradients", ..])
    return GradientResults.Run(args[1..]);
if (args is ["instruments", ..])
    return InstrumentResults.Run(args[1..]);
if (args is ["posteriors", ..])
    return PosteriorResults.Run(args[1..]);
if (args is ["digits", ..])
    return DigitResults.Run(args[1..]);
if (args is ["missing", ..])
    return MissingResults.Run(args[1..]);
if (args is ["factors", ..])
    return FactorResults.Run(args[1..]);
if (args is ["labels", ..])
    return LabelResults.Run(args[1..]);
if (args is ["diffusion", ..])
    return DiffusionResults.Run(args[1..]);
if (args is ["results", ..])
    return TableResults.Run(args[1..]);
if (args is ["texts", ..])
    return TextResults.Run(args[1..]);
if (BenchmarkRun.Parse(args, out var problem) is not { } run)
{
    Console.Error.WriteLine(problem ?? Usage);
    return problem is null ? 0 : 2;
}
return run.Execute(suites);
