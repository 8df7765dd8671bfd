using Elbo.Compute;
using Elbo.Diagnostics;
using Elbo.Distributions;
using Elbo.Optimisers;
using Elbo.Programs;
using MathNet.Numerics.LinearAlgebra;

namespace Elbo.Inference;

/// <summary>
/// The objective by draws that are held fixed, climbed by L-BFGS: on one set of draws, and from there on another. Noise of each set has
/// mean 0 and covariance I exactly, as far as there are enough draws, so that a normal posterior is found without error.
/// </summary>
internal sealed class SampleAverage : IMaximisation
{
    private const int FewestDraws = 256;
    private const int DrawsOfADimension = 4;

    private readonly BegunFit _begun;
    private readonly ulong _seed;
    private readonly Tensor _noise;
    private readonly Tensor _objective;
    private readonly IReadOnlyList<Tensor> _gradients;
    private readonly Tensor _watched;
    private readonly bool _isAveraged;
    private readonly ParameterVector _parameters;
    private readonly CompiledFunction _function;
    private readonly CompiledFunction _watch;
    private readonly Recording.StepReports? _reports;
    private int _steps;
    private double _bound;

    public SampleAverage(BegunFit begun, FitOptions options)
    {
        if (begun.State.DrawsDiscrete)
            throw new ModelException($"{options.Optimiser} climbs a smooth function, and the guide draws discrete unknowns. Use Optimiser.Adam(), or sum them out with Enumerate.");
        (_begun, _seed) = (begun, options.Seed);
        _reports = options.Recorder is { } recorder ? new(recorder) : null;
        Variable[] moved = [.. begun.State.Variables, .. begun.Parameters.Variables];
        var (dimension, type) = (begun.Space.Dimension, begun.Space.Type);
        _parameters = new(moved);
        var source = new RandomSource(RandomDraws.SeedOf(options.Seed), Tensor.Scalar(1, DType.Int32));
        Tensor? noise = null;
        (_objective, _gradients) = options.Objective.Of(new(begun.Model.Whole(), begun.Space, begun.State, source)
        {
            Parameters = [.. begun.Parameters.Variables],
            Draws = options.Optimiser.HeldDraws ?? Math.Max(FewestDraws, DrawsOfADimension * dimension),
            Held = rows => noise ??= Tensor.Input("noise", [rows, dimension], type),
        });
        _noise = noise!;
        _function = begun.Cpu.Compile([_objective, .. _gradients]);
        // The weights of two networks have no mean that would be a network of the same use.
        _isAveraged = begun.State.Watched is null;
        Tensor[] each = begun.State.Watched is { } watched ? [watched, .. begun.Parameters.Variables.Select(Flat)] : [.. moved.Select(Flat)];
        _watched = Tensor.Concatenate(0, each).Convert(DType.Float64);
        _watch = begun.Cpu.Compile([_watched]);

        static Tensor Flat(Variable variable) => variable.Value.Reshape([variable.Shape.Elements]);
    }

    public Convergence Convergence { get; private set; } = Convergence.OfNothing;

    public void Run()
    {
        var point = new double[_parameters.Length];
        _parameters.CopyTo(point);
        var first = Climb(point, set: 0);
        var firstWatched = Watched();
        var second = Climb([.. first], set: 1);
        _reports?.Flush();
        var apart = firstWatched.Zip(Watched(), (a, b) => Math.Abs(a - b)).Max();
        // Half the difference of two results of the same precision estimates the standard error of their mean.
        Convergence = new(null, _isAveraged ? apart / 2 : apart / Math.Sqrt(2), null, Drifts: false, _steps);
        _parameters.Set(_isAveraged ? [.. first.Zip(second, (a, b) => 0.5 * (a + b))] : second);
    }

    public void Dispose()
    {
        _function.Dispose();
        _watch.Dispose();
    }

    private double[] Climb(double[] point, ulong set)
    {
        Fill(Noise(set));
        new Lbfgs { Visited = Visit }.Minimise(Evaluate, point);
        _parameters.Set(point);
        return point;
    }

    private double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        _parameters.Set(point);
        _function.Run();
        var at = 0;
        foreach (var part in _gradients)
        {
            for (var i = 0; i < part.Shape.Elements; i++)
                gradient[at++] = -(part.Type == DType.Float64 ? _function.Output<double>(part)[i] : _function.Output<float>(part)[i]);
        }
        return -(_bound = _function.Scalar(_objective));
    }

    // A step of the climb, whose end was looked at last.
    private void Visit(double[] point)
    {
        _steps++;
        _reports?.Add(_bound);
    }

    private double[] Watched()
    {
        _watch.Run();
        return _watch.Output<double>(_watched).ToArray();
    }

    private Matrix<double> Noise(ulong set)
    {
        var (draws, n) = (_noise.Shape[0], _noise.Shape[1]);
        var random = new RandomNumbers(_seed, 0x5341_4100 + set);
        var noise = Matrix<double>.Build.Dense(draws, n, (_, _) => random.NextNormal());
        var means = noise.ColumnSums() / draws;
        noise = Matrix<double>.Build.Dense(draws, n, (i, j) => noise[i, j] - means[j]);
        var covariance = noise.TransposeThisAndMultiply(noise) / draws;
        // With no more draws than dimensions there is no telling them apart: each is brought to its scale alone.
        return draws > 2 * n
            ? noise * covariance.Cholesky().Factor.Transpose().Inverse()
            : noise * Matrix<double>.Build.DenseOfDiagonalVector(covariance.Diagonal().PointwiseSqrt().DivideByThis(1));
    }

    private void Fill(Matrix<double> noise)
    {
        var elements = noise.ToRowMajorArray();
        for (var i = 0; i < elements.Length; i++)
        {
            if (_noise.Type == DType.Float64)
                _function.Input<double>(_noise)[i] = elements[i];
            else
                _function.Input<float>(_noise)[i] = (float)elements[i];
        }
    }
}
