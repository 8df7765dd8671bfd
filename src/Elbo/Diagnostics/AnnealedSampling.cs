using Elbo.Compute;
using Elbo.Inference;

namespace Elbo.Diagnostics;

/// <summary>How chains go.</summary>
/// <param name="Temperatures">Steps of the way.</param>
/// <param name="Leapfrogs">Steps of a trajectory.</param>
/// <param name="Acceptance">The share of trajectories that is to be accepted.</param>
/// <param name="Stretches">Parts of the way, each with a step size of its own.</param>
internal sealed record AnnealedWay(int Temperatures, int Leapfrogs, double Acceptance, int Stretches)
{
    /// <summary>From a guide: in the coordinates of its noise both ends of the way are nearly the same, and so is the step size.</summary>
    public static AnnealedWay FromGuide(int temperatures) => new(temperatures, 4, 0.8, 1);

    /// <summary>β after a step. Both ends of the way are gone slowly: there the family of distributions changes fastest.</summary>
    public double Inverse(int step)
    {
        var u = (double)step / Temperatures;
        return u * u * (3 - 2 * u);
    }

    /// <summary>The stretch that a step is in.</summary>
    public int StretchOf(int step) => Math.Min(Stretches - 1, (int)((long)step * Stretches / Temperatures));
}

/// <summary>
/// Annealed importance sampling (Neal, 2001) by Hamiltonian steps, of many chains at once, from a distribution that can be drawn from to one
/// that is known but for a constant; and the same way back (Grosse, Ghahramani and Adams, 2015).
/// </summary>
internal sealed class AnnealedSampling
{
    private readonly AnnealedDensity _density;
    private readonly AnnealedWay _way;
    private readonly RandomNumbers _random;
    private readonly AnnealedPoints _now;
    private readonly AnnealedPoints _proposed;
    private readonly double[] _momentum;
    private readonly double[] _accepted;
    // By stretch, then by posterior.
    private readonly double[][] _stepSizes;

    private AnnealedSampling(AnnealedDensity density, AnnealedWay way, ulong seed, double[][]? stepSizes = null)
    {
        (_density, _way, _random) = (density, way, new(seed, 0x4149_5300));
        (_now, _proposed) = (new(density.Points, density.Dimension), new(density.Points, density.Dimension));
        _momentum = new double[density.Points * density.Dimension];
        _accepted = new double[density.Groups];
        var first = 0.8 * Math.Pow(density.Dimension, -0.25);
        _stepSizes = stepSizes ?? [.. Enumerable.Range(0, way.Stretches).Select(_ => Enumerable.Repeat(first, density.Groups).ToArray())];
    }

    /// <summary>Runs chains from a guide to the posterior, and on in it.</summary>
    /// <param name="density">The posterior, seen from the noise.</param>
    /// <param name="temperatures">Steps of the way.</param>
    /// <param name="steps">Steps in the posterior, of which a quarter is left out as the way in.</param>
    /// <param name="seed">Of all draws.</param>
    /// <returns>
    /// Logarithms of the weights of all chains, whose mean is an unbiased estimate of the evidence, and the noise of their states in the
    /// posterior: step by step, of each step one row for each chain.
    /// </returns>
    public static (double[] LogWeights, double[] States) Run(NoiseDensity density, int temperatures, int steps, ulong seed)
    {
        var way = AnnealedWay.FromGuide(temperatures);
        var chains = new AnnealedSampling(density, way, seed, StepSizes(density, way, seed));
        var weights = chains.Forward(adapts: false);
        var (at, sizes) = (chains._now.At, chains._stepSizes[^1]);
        var states = new double[(steps - steps / 4) * at.Length];
        for (var step = 0; step < steps; step++)
        {
            chains.Move(1, sizes);
            if (step >= steps / 4)
                at.CopyTo(states, (step - steps / 4) * at.Length);
        }
        return (weights, states);
    }

    /// <summary>Runs chains from one draw of the posterior back to the guide.</summary>
    /// <param name="density">The posterior, seen from the noise.</param>
    /// <param name="noise">The draw.</param>
    /// <param name="temperatures">Steps of the way.</param>
    /// <param name="seed">Of all draws.</param>
    /// <returns>Logarithms of weights whose mean is an unbiased estimate of 1/evidence.</returns>
    public static double[] RunBack(NoiseDensity density, double[] noise, int temperatures, ulong seed)
    {
        var way = AnnealedWay.FromGuide(temperatures);
        var start = new double[density.Points * density.Dimension];
        for (var i = 0; i < start.Length; i++)
            start[i] = noise[i % noise.Length];
        return Back(density, way, start, StepSizes(density, way, seed), seed);
    }

    /// <summary>Step sizes, by stretch and by posterior, at which about the share asked for is accepted: found on a way of its own, so that no weight depends on it.</summary>
    public static double[][] StepSizes(AnnealedDensity density, AnnealedWay way, ulong seed)
    {
        var pilot = new AnnealedSampling(density, way with { Temperatures = Math.Max(way.Temperatures / 4, 10) }, seed ^ 0x5049_4c4f);
        pilot.Forward(adapts: true);
        return pilot._stepSizes;
    }

    /// <summary>Runs chains to the end of the way.</summary>
    /// <returns>Logarithms of weights, whose mean over the chains of a posterior is an unbiased estimate of what w has as its mean; and the shares of trajectories that were accepted, by posterior.</returns>
    public static (double[] LogWeights, double[] Accepted) Forward(AnnealedDensity density, AnnealedWay way, double[][] stepSizes, ulong seed)
    {
        var chains = new AnnealedSampling(density, way, seed, stepSizes);
        var accepted = new double[density.Groups];
        var weights = chains.Forward(adapts: false, accepted);
        return (weights, accepted);
    }

    /// <summary>Runs chains from draws of the posteriors back to the beginning.</summary>
    /// <returns>Logarithms of weights, whose mean is an unbiased estimate of 1 over what w has as its mean.</returns>
    public static double[] Back(AnnealedDensity density, AnnealedWay way, ReadOnlySpan<double> start, double[][] stepSizes, ulong seed)
    {
        var chains = new AnnealedSampling(density, way, seed ^ 0x4241_434b, stepSizes);
        start.CopyTo(chains._now.At);
        density.Evaluate(chains._now);
        var weights = new double[density.Points];
        for (var t = way.Temperatures; t >= 1; t--)
        {
            var (now, before) = (way.Inverse(t), way.Inverse(t - 1));
            for (var chain = 0; chain < weights.Length; chain++)
                weights[chain] -= (now - before) * chains._now.Values[chain];
            if (t > 1)
                chains.Move(before, stepSizes[way.StretchOf(t - 1)]);
        }
        return weights;
    }

    private double[] Forward(bool adapts, double[]? accepted = null)
    {
        _density.Begin(_random, _now.At);
        _density.Evaluate(_now);
        var weights = new double[_density.Points];
        for (var t = 1; t <= _way.Temperatures; t++)
        {
            var (before, now) = (_way.Inverse(t - 1), _way.Inverse(t));
            for (var chain = 0; chain < weights.Length; chain++)
                weights[chain] += (now - before) * _now.Values[chain];
            if (t == _way.Temperatures)
                break;
            var sizes = _stepSizes[_way.StretchOf(t)];
            Move(now, sizes);
            for (var group = 0; accepted is not null && group < accepted.Length; group++)
                accepted[group] += _accepted[group] / (_way.Temperatures - 1);
            if (adapts)
                Adapt(t, sizes);
        }
        return weights;
    }

    // The sizes of the stretches to come begin with those of this one.
    private void Adapt(int step, double[] sizes)
    {
        for (var group = 0; group < sizes.Length; group++)
            sizes[group] *= Math.Exp((_accepted[group] - _way.Acceptance) / Math.Sqrt(step));
        for (var stretch = _way.StretchOf(step) + 1; stretch < _stepSizes.Length; stretch++)
            sizes.CopyTo(_stepSizes[stretch], 0);
    }

    // One trajectory of every chain towards the distribution at an inverse temperature; the shares that were accepted are left in _accepted.
    private void Move(double temperature, double[] sizes)
    {
        for (var i = 0; i < _momentum.Length; i++)
            _momentum[i] = _random.NextNormal();
        var kinetic = KineticEnergies();
        _proposed.CopyFrom(_now);
        var part = 0.8 + 0.4 * _random.NextUniform();
        for (var step = 0; step < _way.Leapfrogs; step++)
        {
            Kick(part, sizes, temperature);
            Drift(part, sizes);
            _density.Evaluate(_proposed);
            Kick(part, sizes, temperature);
        }
        var kineticAfter = KineticEnergies();
        Array.Clear(_accepted);
        for (var chain = 0; chain < kinetic.Length; chain++)
        {
            var gain = temperature * (_proposed.Values[chain] - _now.Values[chain]) + _proposed.Base[chain] - _now.Base[chain] - kineticAfter[chain] + kinetic[chain];
            var probability = double.IsNaN(gain) ? 0 : Math.Min(1, Math.Exp(gain));
            _accepted[chain % _accepted.Length] += probability;
            if (_random.NextUniform() < probability)
                _now.CopyFrom(_proposed, chain);
        }
        for (var group = 0; group < _accepted.Length; group++)
            _accepted[group] /= kinetic.Length / _accepted.Length;
    }

    private void Kick(double part, double[] sizes, double temperature)
    {
        var n = _density.Dimension;
        for (var chain = 0; chain < _density.Points; chain++)
        {
            var size = 0.5 * (sizes[chain % sizes.Length] * part);
            for (var i = chain * n; i < (chain + 1) * n; i++)
                _momentum[i] += size * (temperature * _proposed.Slopes[i] + _proposed.BaseSlopes[i]);
        }
    }

    private void Drift(double part, double[] sizes)
    {
        var n = _density.Dimension;
        for (var chain = 0; chain < _density.Points; chain++)
        {
            var size = sizes[chain % sizes.Length] * part;
            for (var i = chain * n; i < (chain + 1) * n; i++)
                _proposed.At[i] += size * _momentum[i];
        }
    }

    // ½|momentum|² of each chain.
    private double[] KineticEnergies()
    {
        var n = _density.Dimension;
        var sums = new double[_density.Points];
        for (var i = 0; i < _momentum.Length; i++)
            sums[i / n] += 0.5 * _momentum[i] * _momentum[i];
        return sums;
    }
}
