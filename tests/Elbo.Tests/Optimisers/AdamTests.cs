using Elbo.Compute;
using Elbo.Optimisers;

namespace Elbo.Tests.Optimisers;

public sealed class AdamTests
{
    private const int Size = 6;

    // Kingma and Ba (2015), algorithm 1, with the decay of Loshchilov and Hutter (2019): line by line, in double precision.
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Steps_are_those_of_the_algorithm(double decay)
    {
        using var run = new AdamRun(decay);
        var (matrix, vector) = (run.Matrix.AsSpan<float>().ToArray().Select(v => (double)v).ToArray(), run.Vector.AsSpan<float>().ToArray().Select(v => (double)v).ToArray());
        var (first, second) = (new double[2 * Size], new double[2 * Size]);
        for (var t = 1; t <= 30; t++)
        {
            var (rate, gradients) = (0.05 / t, new double[2 * Size]);
            for (var i = 0; i < 2 * Size; i++)
            {
                // Gradients of very different sizes, some all but constant, some changing sign.
                var g = gradients[i] = (float)(Math.Pow(10, i - 6) * Math.Sin(i + t * (i % 3)));
                first[i] = 0.9 * first[i] + 0.1 * g;
                second[i] = 0.999 * second[i] + 0.001 * g * g;
                var step = rate * (first[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(second[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
                if (i < Size)
                    matrix[i] -= step + rate * decay * matrix[i];
                else
                    vector[i - Size] -= step;
            }
            run.Step(gradients, rate, accept: true);
        }
        Assert.Equal(30, run.Adam.Steps.AsSpan<int>()[0]);
        for (var i = 0; i < Size; i++)
        {
            Assert.Equal(matrix[i], run.Matrix.AsSpan<float>()[i], 2e-6);
            Assert.Equal(vector[i], run.Vector.AsSpan<float>()[i], 2e-6);
        }
    }

    [Fact]
    public void The_first_step_is_of_the_size_of_the_rate_however_large_the_gradient()
    {
        using var run = new AdamRun(0);
        var before = run.Matrix.AsSpan<float>().ToArray();
        run.Step([1e-3, -1, 1e6, -1e12, 1e15, -1e-4, .. new double[Size]], 0.01, accept: true);
        double[] signs = [1, -1, 1, -1, 1, -1];
        for (var i = 0; i < Size; i++)
            Assert.Equal(before[i] - 0.01 * signs[i], run.Matrix.AsSpan<float>()[i], 2e-6);
    }

    [Fact]
    public void A_step_that_is_not_accepted_leaves_every_bit_as_it_was()
    {
        using var run = new AdamRun(0.1);
        run.Step([.. Enumerable.Range(1, 2 * Size).Select(i => (double)i)], 0.1, accept: true);
        var before = run.Bytes();
        run.Step([.. Enumerable.Repeat(double.NaN, Size), .. Enumerable.Repeat(double.PositiveInfinity, Size)], double.NaN, accept: false);
        Assert.Equal(before, run.Bytes());
        run.Step([.. Enumerable.Range(1, 2 * Size).Select(i => (double)i)], 0.1, accept: true);
        Assert.NotEqual(before, run.Bytes());
    }

    private sealed class AdamRun : IDisposable
    {
        private readonly Cpu _cpu = new(1);
        private readonly Tensor _byMatrix = Tensor.Input("byMatrix", [2, 3]);
        private readonly Tensor _byVector = Tensor.Input("byVector", [Size]);
        private readonly Tensor _rate = Tensor.Input("rate", []);
        private readonly Tensor _accept = Tensor.Input("accept", [], DType.Int32);
        private readonly CompiledFunction _function;

        public AdamRun(double decay)
        {
            for (var i = 0; i < Size; i++)
            {
                Matrix.AsSpan<float>()[i] = i - 2.5f;
                Vector.AsSpan<float>()[i] = 1 - i;
            }
            Adam = new([Matrix, Vector]) { WeightDecay = decay };
            _function = _cpu.Compile([], Adam.Step([_byMatrix, _byVector], _rate, _accept.EqualTo(1)));
        }

        public Variable Matrix { get; } = new("matrix", [2, 3]);

        public Variable Vector { get; } = new("vector", [Size]);

        public Adam Adam { get; }

        public void Step(double[] gradients, double rate, bool accept)
        {
            for (var i = 0; i < Size; i++)
            {
                _function.Input<float>(_byMatrix)[i] = (float)gradients[i];
                _function.Input<float>(_byVector)[i] = (float)gradients[Size + i];
            }
            _function.Input<float>(_rate)[0] = (float)rate;
            _function.Input<int>(_accept)[0] = accept ? 1 : 0;
            _function.Run();
        }

        public byte[] Bytes() => [.. new[] { Matrix, Vector }.Concat(Adam.State).SelectMany(v => v.AsBytes().ToArray())];

        public void Dispose()
        {
            _function.Dispose();
            _cpu.Dispose();
            foreach (var variable in Adam.State.Concat([Matrix, Vector]))
                variable.Dispose();
        }
    }
}
