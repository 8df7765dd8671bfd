using Elbo.Benchmarks;
using Elbo.Benchmarks.Results;

const string Usage = """
    Measures what the engine reaches on this machine, each figure beside the bar set for it.

      benchmarks [NAME...]              suites whose name contains one of these; all of them without a name
        --list                          only their names and titles
        --json                          a line of JSON for each figure
        --profile                       instead: where the time of their compiled functions goes, kernel by kernel
        --no-peers                      without the other systems that run beside ours where they are installed
        --write FILE                    also a page of Markdown, and its picture beside it
      benchmarks results --data DIR [--write FILE]   fits to real tables, as Markdown
    """;

// A line for each suite; the page has them in this order.
Suite[] suites =
[
    new("machine", "The machine: multiply-add peak and memory bandwidth", MachineBenchmark.Run, MachineBenchmark.Remaining),
    new("vae-step", "One training step of a variational autoencoder, 784-400-20, batch 128, Adam", VaeStepBenchmark.Run) { Functions = VaeStepBenchmark.Functions },
    new("table-training", "From a file of 100,000 rows and 50 columns to a model, default network, 2 threads", TableTrainingBenchmark.Run),
    new("matrix-product", "Matrix products against the multiply-add peak of the core, on two threads against one, and small or narrow ones against OpenBLAS on one thread", MatrixProductBenchmark.Run),
    new("small-models", "Gradient steps of small Bayesian models", SmallModelBenchmark.Run) { Functions = SmallModelBenchmark.Functions },
];

if (args is ["results", ..])
    return TableResults.Run(args[1..]);
if (BenchmarkRun.Parse(args, out var problem) is not { } run)
{
    Console.Error.WriteLine(problem ?? Usage);
    return problem is null ? 0 : 2;
}
return run.Execute(suites);
