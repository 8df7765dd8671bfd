using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diffusion;

/// <summary>How samples are drawn from the levels of noise.</summary>
public enum SamplingPath
{
    /// <summary>From p(z_s|z_t), step by step: draws of the model itself where all levels are visited (Ho, Jain and Abbeel, 2020).</summary>
    Ancestral,

    /// <summary>With as much fresh noise as <see cref="SamplingOptions.FreshNoise"/> says, by default none, which needs fewer steps (Song, Meng and Ermon, 2021).</summary>
    Implicit,

    /// <summary>Along the flow without noise by Heun's method, whose error is of the second order (Karras, Aittala, Aila and Laine, 2022); two looks of the network a step.</summary>
    Heun,
}

/// <summary>How samples are drawn.</summary>
public sealed record SamplingOptions
{
    /// <summary>The way.</summary>
    public SamplingPath Path { get; init; } = SamplingPath.Ancestral;

    /// <summary>Levels that are visited, at most all; null for all.</summary>
    public int? Steps { get; init; }

    /// <summary>For <see cref="SamplingPath.Implicit"/>: the share of the standard deviation of q(z_s|z_t, x) that is fresh noise, from 0 to 1 (η of Song, Meng and Ermon, 2021, eq. 16).</summary>
    public double FreshNoise { get; init; }

    /// <summary>The class that rows are to be of; null for any.</summary>
    public int? Class { get; init; }

    /// <summary>How far to go from what rows of any class look like, past what those of the class do: ε̂ + w(ε̂ − ε̂ of any class). 0 for the model's own samples (Ho and Salimans, 2022, eq. 6).</summary>
    public double Guidance { get; init; }

    /// <summary>How often each step of a completion is done where known numbers are put back, noise being added in between (Lugmayr et al., 2022).</summary>
    public int Repeats { get; init; } = 1;

    internal void Check(DiffusionModel model)
    {
        if (Steps is { } steps && (steps < 1 || steps > model.Chain.Count))
            throw new ArgumentException($"Steps is {steps}; the model has {model.Chain.Count} levels, so it must be from 1 to {model.Chain.Count}.");
        if (!(FreshNoise is >= 0 and <= 1))
            throw new ArgumentException($"FreshNoise is {FreshNoise}; it must be from 0 to 1.");
        if (Repeats < 1)
            throw new ArgumentException($"Repeats is {Repeats}; it must be at least 1.");
        if (Class is { } c && (c < 0 || c >= model.Classes))
            throw new ArgumentException(model.Classes == 0 ? "The model knows of no classes: fit it with some, or leave the class out." : $"Class is {c}; the model knows classes 0 to {model.Classes - 1}.");
        if (Guidance != 0 && Class is null)
            throw new ArgumentException("Guidance goes towards a class; say which.");
        if (!double.IsFinite(Guidance))
            throw new ArgumentException($"Guidance is {Guidance}; it must be a number.");
    }
}

/// <summary>What is known of rows to be completed.</summary>
/// <param name="Values">The rows.</param>
/// <param name="IsKnown">Whether each number of them is known.</param>
/// <param name="Vectors">The vectors that they are taken for.</param>
/// <param name="IsSeen">Whether each number of the vectors is known.</param>
internal sealed record KnownNumbers(float[] Values, bool[] IsKnown, float[] Vectors, bool[] IsSeen)
{
    public static KnownNumbers Of(DiffusionModel model, float[] values, bool[] isKnown)
    {
        var (size, width, count) = (model.Size, model.Width, values.Length / model.Size);
        var (vectors, isSeen) = (new float[count * width], new bool[count * width]);
        using var one = new RowVectors(model, 1);
        // What stands where a number is not known need not be one.
        var row = new float[size];
        for (var i = 0; i < count; i++)
        {
            var known = isKnown.AsSpan(i * size, size);
            for (var k = 0; k < size; k++)
                row[k] = known[k] ? values[i * size + k] : 0;
            one.Fill(row, known);
            one.Values(0).CopyTo(vectors.AsSpan(i * width));
            for (var k = 0; k < width; k++)
                isSeen[i * width + k] = width == size ? known[k] : one.IsThere(0)[k] > 0;
        }
        return new(values, isKnown, vectors, isSeen);
    }
}

/// <summary>Rows on their way from noise to data.</summary>
/// <param name="Level">The level of noise, from 1.</param>
/// <param name="Noisy">z: [rows, numbers].</param>
/// <param name="Data">What the network takes them for, as numbers from −1 to 1 where data are shades: [rows, numbers].</param>
public sealed record DenoisingMoment(int Level, float[] Noisy, float[] Data);

/// <summary>Takes noise away, level by level.</summary>
internal sealed class DiffusionSampler : IDisposable
{
    public const int RowsACall = 64;

    private readonly DiffusionModel _model;
    private readonly SamplingOptions _options;
    private readonly ulong _seed;
    private readonly IReadOnlyList<int> _along;
    private readonly Dictionary<int, Look> _looks = [];

    /// <summary>Told of the rows at each level before a step is taken from it.</summary>
    public Action<DenoisingMoment>? Seen { get; init; }

    public DiffusionSampler(DiffusionModel model, SamplingOptions options, ulong seed)
    {
        options.Check(model);
        (_model, _options, _seed) = (model, options, seed);
        _along = model.Chain.Along(options.Steps ?? model.Chain.Count);
    }

    /// <summary>Rows of values, [count, numbers].</summary>
    /// <param name="count">How many.</param>
    /// <param name="known">What is known of them; null for new rows.</param>
    /// <param name="labels">The label of each, null for any; null for the class of the options.</param>
    public float[] Draw(int count, KnownNumbers? known, IReadOnlyList<int?>? labels)
    {
        var (size, values) = (_model.Size, new float[count * _model.Size]);
        for (var start = 0; start < count; start += RowsACall)
        {
            var rows = Math.Min(RowsACall, count - start);
            if (!_looks.TryGetValue(rows, out var look))
                _looks[rows] = look = new(_model, _options, rows);
            // Each row has its own stream of noise, whatever rows are drawn along with it.
            var noise = new RandomNumbers[rows];
            for (var i = 0; i < rows; i++)
                noise[i] = new(_seed, ((ulong)RandomUse.Samples << 40) + (uint)(start + i));
            look.SetLabels(i => labels is null ? _options.Class : labels[start + i]);
            var (range, seen) = ((start * size)..((start + rows) * size), (start * _model.Width)..((start + rows) * _model.Width));
            Walk(look, noise, values.AsSpan(range), known is null ? null : new(known.Values[range], known.IsKnown[range], known.Vectors[seen], known.IsSeen[seen]));
        }
        return values;
    }

    private void Walk(Look look, RandomNumbers[] noise, Span<float> values, KnownNumbers? known)
    {
        var (size, width, chain) = (_model.Size, _model.Width, _model.Chain);
        look.SetGiven(known);
        // Where cells can be given, nothing need be put back.
        var putBack = _model.Readout.AllowsMissing ? null : known;
        var z = new float[noise.Length * width];
        for (var i = 0; i < z.Length; i++)
            z[i] = (float)noise[i / width].NextNormal();
        for (var step = 0; step < _along.Count - 1; step++)
        {
            if (Seen is not null)
            {
                look.At(z, chain[_along[step]]);
                Tell(look, z, _along[step]);
            }
            var between = new NoiseStep(chain[_along[step + 1]], chain[_along[step]]);
            for (var repeat = 1; ; repeat++)
            {
                Step(look, noise, z, between);
                if (putBack is null)
                    break;
                for (var i = 0; i < z.Length; i++)
                {
                    if (putBack.IsSeen[i])
                        z[i] = (float)(between.Earlier.Signal * putBack.Vectors[i] + between.Earlier.Noise * noise[i / width].NextNormal());
                }
                if (repeat >= _options.Repeats)
                    break;
                var (kept, added) = (between.Later.Signal / between.Earlier.Signal, Math.Sqrt(between.Variance));
                for (var i = 0; i < z.Length; i++)
                    z[i] = (float)(kept * z[i] + added * noise[i / width].NextNormal());
            }
        }
        // With one step alone, noise is read out at once.
        var last = chain[_along[^1]];
        look.At(z, last);
        Tell(look, z, _along[^1]);
        for (var row = 0; row < noise.Length; row++)
        {
            var drawn = values.Slice(row * size, size);
            _model.Readout.Read(look.Data.AsSpan(row * width, width), last.RelativeNoise, _options.Path == SamplingPath.Ancestral ? noise[row] : null, drawn);
            for (var i = 0; known is not null && i < size; i++)
            {
                if (known.IsKnown[row * size + i])
                    drawn[i] = known.Values[row * size + i];
            }
        }
    }

    private void Tell(Look look, float[] z, int level) => Seen?.Invoke(new(level, [.. z], Array.ConvertAll(look.Data, x => (float)x)));

    private void Step(Look look, RandomNumbers[] noise, float[] z, NoiseStep step)
    {
        var width = _model.Width;
        look.At(z, step.Later, step);
        var (earlier, later) = (step.Earlier, step.Later);
        switch (_options.Path)
        {
            case SamplingPath.Ancestral:
                var logPosterior = Math.Log(step.PosteriorVariance);
                for (var i = 0; i < z.Length; i++)
                    z[i] = (float)(step.OfNoisy * z[i] + step.OfData * look.Data[i] + Math.Exp(0.5 * (logPosterior + look.LogRatio(i))) * noise[i / width].NextNormal());
                break;
            case SamplingPath.Implicit:
                var fresh = _options.FreshNoise * Math.Sqrt(step.PosteriorVariance);
                var kept = Math.Sqrt(earlier.Variance - fresh * fresh);
                for (var i = 0; i < z.Length; i++)
                    z[i] = (float)(earlier.Signal * look.Data[i] + kept * look.Noise[i] + (fresh > 0 ? fresh * noise[i / width].NextNormal() : 0));
                break;
            default:
                // dy/dσ̃ = ε̂ for y = z/α and σ̃ = σ/α.
                var (y, slope, way) = (new double[z.Length], new double[z.Length], earlier.RelativeNoise - later.RelativeNoise);
                for (var i = 0; i < z.Length; i++)
                {
                    (y[i], slope[i]) = (z[i] / later.Signal, look.Noise[i]);
                    z[i] = (float)(earlier.Signal * (y[i] + way * slope[i]));
                }
                look.At(z, earlier);
                for (var i = 0; i < z.Length; i++)
                    z[i] = (float)(earlier.Signal * (y[i] + 0.5 * way * (slope[i] + look.Noise[i])));
                break;
        }
    }

    public void Dispose()
    {
        foreach (var look in _looks.Values)
            look.Dispose();
    }

    /// <summary>A look of the network at rows of one level.</summary>
    private sealed class Look : IDisposable
    {
        private readonly DiffusionModel _model;
        private readonly Tensor _noisy;
        private readonly Tensor _signal = Tensor.Input("signal", []);
        private readonly Tensor _noise = Tensor.Input("noise", []);
        private readonly Tensor _place;
        private readonly Tensor _logRatio = Tensor.Input("logRatio", []);
        private readonly Tensor? _labels;
        private readonly Tensor? _told;
        private KnownNumbers? _given;
        private readonly Tensor _data;
        private readonly Tensor _ratios;
        private readonly CompiledFunction _function;

        public Look(DiffusionModel model, SamplingOptions options, int rows)
        {
            _model = model;
            (_noisy, _place) = (Tensor.Input("noisy", [rows, model.Width]), Tensor.Input("place", [rows, 1]));
            _labels = model.Classes > 0 ? Tensor.Input("labels", [rows, model.Classes]) : null;
            _told = model.Readout.AllowsMissing ? Tensor.Input("told", [rows, 2 * model.Size]) : null;
            var said = new Denoised(model, _noisy, _signal, _noise, _place, _labels, _told);
            _data = said.Data;
            if (options.Guidance != 0)
                _data += options.Guidance * (said.Data - new Denoised(model, _noisy, _signal, _noise, _place, Tensor.Full([rows, model.Classes], 0), _told).Data);
            _ratios = said.LogRatio(_logRatio) ?? Tensor.Scalar(0);
            _function = model.Cpu.Compile([_data, _ratios]);
            (Data, Noise) = (new double[rows * model.Width], new double[rows * model.Width]);
        }

        /// <summary>Says which classes the rows are of.</summary>
        public void SetLabels(Func<int, int?> labelOf)
        {
            if (_labels is null)
                return;
            var input = _function.Input<float>(_labels);
            input.Clear();
            for (var i = 0; i < input.Length / _model.Classes; i++)
            {
                if (labelOf(i) is { } label)
                    input[i * _model.Classes + label] = 1;
            }
        }

        /// <summary>The data that the network sees.</summary>
        public double[] Data { get; }

        /// <summary>The noise that goes with them.</summary>
        public double[] Noise { get; }

        /// <summary>Says which cells are given; all others are sought.</summary>
        public void SetGiven(KnownNumbers? given)
        {
            if (_told is null)
                return;
            _given = given;
            var told = _function.Input<float>(_told);
            var size = _model.Size;
            for (var i = 0; i < told.Length / 2; i++)
            {
                var isGiven = given?.IsKnown[i] ?? false;
                var at = 2 * size * (i / size) + i % size;
                (told[at], told[at + size]) = (isGiven ? 0 : 1, isGiven ? 1 : 0);
            }
        }

        public double LogRatio(int number)
        {
            var ratios = _function.Output<float>(_ratios);
            return ratios[ratios.Length == 1 ? 0 : number];
        }

        public void At(float[] z, NoiseLevel level, NoiseStep? step = null)
        {
            var noisy = _function.Input<float>(_noisy);
            z.CopyTo(noisy);
            for (var i = 0; _given is not null && i < noisy.Length; i++)
            {
                if (_given.IsSeen[i])
                    noisy[i] = _given.Vectors[i];
            }
            _function.Input<float>(_place).Fill((float)_model.Chain.Place(level));
            Put(_signal, level.Signal);
            Put(_noise, level.Noise);
            Put(_logRatio, step?.LogVarianceRatio ?? 0);
            _function.Run();
            var data = _function.Output<float>(_data);
            for (var i = 0; i < data.Length; i++)
            {
                Data[i] = _model.Readout.Limit(data[i]);
                Noise[i] = (z[i] - level.Signal * Data[i]) / level.Noise;
            }
        }

        private void Put(Tensor input, double value)
        {
            if (_function.Reads(input))
                _function.Input<float>(input)[0] = (float)value;
        }

        public void Dispose() => _function.Dispose();
    }
}
