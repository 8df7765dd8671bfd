using BenchmarkDotNet.Running;

// Without arguments asks which; --filter '*' runs all of them.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
