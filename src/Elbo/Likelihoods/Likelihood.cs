using Elbo.Compute;
using Elbo.Distributions;

namespace Elbo.Likelihoods;

/// <summary>
/// The likelihood of a block of columns of one family. In the graph it turns decoder outputs and values into log-densities;
/// outside it turns decoder outputs of a row into predictions and draws. Log-densities are in the units of the data, so bounds
/// of different families over the same column can be compared.
/// </summary>
public abstract class Likelihood
{
    private readonly List<Variable> _shared = [];

    private protected Likelihood(IReadOnlyList<ModelledColumn> columns, int parameterCount)
    {
        Columns = columns;
        ParameterCount = parameterCount;
    }

    /// <summary>The columns of the block.</summary>
    public IReadOnlyList<ModelledColumn> Columns { get; }

    /// <summary>How many decoder outputs the block takes in all.</summary>
    public int ParameterCount { get; }

    /// <summary>Learned parameters of the columns that do not depend on the row: scales, dispersions, thresholds.</summary>
    public IReadOnlyList<Variable> Shared => _shared;

    /// <summary>What the encoder sees of the block: [rows, features].</summary>
    /// <param name="values">Encoded values, [rows, columns], 0 where missing.</param>
    /// <param name="mask">1 where observed, 0 where missing, [rows, columns].</param>
    public abstract Tensor Features(Tensor values, Tensor mask);

    /// <summary>ln p of each cell given the code, in nats: [samples, rows, columns]. Missing cells give some finite number.</summary>
    /// <param name="parameters">Decoder outputs, [samples, rows, <see cref="ParameterCount"/>].</param>
    /// <param name="values">Encoded values, [1, rows, columns], 0 where missing.</param>
    public abstract Tensor LogDensity(Tensor parameters, Tensor values);

    /// <summary>How many numbers the prediction of a column consists of: one, or a probability for each level.</summary>
    public virtual int StatisticCount(int column) => 1;

    /// <summary>Adds a weighted expectation of a cell: its mean in the column's units, or the probability of each level.</summary>
    /// <param name="column">The column within the block.</param>
    /// <param name="parameters">The block's decoder outputs for one row.</param>
    /// <param name="weight">The weight of this code.</param>
    /// <param name="statistics">Where to add: <see cref="StatisticCount"/> numbers.</param>
    public abstract void AddExpectation(int column, ReadOnlySpan<float> parameters, double weight, Span<double> statistics);

    /// <summary>One draw of a cell, in the column's units.</summary>
    public abstract double Draw(int column, ReadOnlySpan<float> parameters, RandomNumbers random);

    /// <summary>The single best value for expectations: a mean within the range seen in training, the most probable level.</summary>
    public virtual double Point(int column, ReadOnlySpan<double> statistics) =>
        Columns[column].Nearest(Math.Clamp(statistics[0], Columns[column].Minimum, Columns[column].Maximum));

    /// <summary>Features of each column: see <see cref="Places"/>.</summary>
    internal virtual int FeaturesEach => 1;

    /// <summary>Where values lie for a model that adds noise to them: what the encoder sees of them, unless levels are better kept apart.</summary>
    /// <inheritdoc cref="Features"/>
    internal virtual Tensor Places(Tensor values, Tensor mask) => Features(values, mask);

    /// <summary>Whether the values of a column are so few that what is seen of it behind noise is a mean over them, each by its probability.</summary>
    internal virtual bool IsMeanOfValues(int column) => false;

    /// <summary>What is seen of features behind noise: for columns whose values are few, their mean by probabilities that the noise and the network have part in; for others what the network sees.</summary>
    /// <param name="output">What the network says of each feature, [rows, features].</param>
    /// <param name="seen">The features that this means.</param>
    /// <param name="noisy">The features with noise: α·f + σ·ε.</param>
    /// <param name="signal">α, [rows, 1] or a scalar.</param>
    /// <param name="noise">σ, likewise.</param>
    internal virtual Tensor Seen(Tensor output, Tensor seen, Tensor noisy, Tensor signal, Tensor noise) => seen;

    /// <summary>ln p of each cell, [rows, columns], where its features are known up to a little normal noise: of numbers a density, of counts and levels a probability.</summary>
    /// <param name="features">Features with the noise, [rows, features].</param>
    /// <param name="values">Encoded values, [rows, columns], 0 where missing.</param>
    /// <param name="logDeviation">The logarithm of the standard deviation of the noise, a scalar.</param>
    internal abstract Tensor LogDensityNear(Tensor features, Tensor values, Tensor logDeviation);

    /// <summary>A value of a column in its units, where its features are known up to a little normal noise.</summary>
    /// <param name="column">The column within the block.</param>
    /// <param name="features">Its features with the noise.</param>
    /// <param name="deviation">The standard deviation of the noise.</param>
    /// <param name="random">For a draw; null for the most probable value.</param>
    internal abstract double ValueNear(int column, ReadOnlySpan<double> features, double deviation, RandomNumbers? random);

    /// <summary>The most levels of a column; 0 where values are numbers.</summary>
    internal virtual int LevelWidth => 0;

    /// <summary>ln p of each level given the code, [samples, rows, columns, <see cref="LevelWidth"/>].</summary>
    internal virtual Tensor LogLevels(Tensor parameters) => throw new InvalidOperationException("The values of these columns are not levels.");

    /// <summary>How a number lies about what the decoder says, in the units of the network.</summary>
    internal virtual NumberSpread Spread(Tensor parameters) => throw new InvalidOperationException("The values of these columns are not real numbers.");

    /// <summary>Draws of numbers, [samples, rows, columns], through which gradients flow.</summary>
    internal virtual Tensor DrawNumbers(Tensor parameters, RandomDraws random) => throw new InvalidOperationException("The values of these columns are not real numbers.");

    /// <summary>A learned number per column (or per column and threshold).</summary>
    private protected Variable Share(string name, Shape shape, double initial)
    {
        var variable = new Variable(name, shape);
        variable.AsSpan<float>().Fill((float)initial);
        _shared.Add(variable);
        return variable;
    }

    /// <summary>A constant per column, shaped to meet [samples, rows, columns].</summary>
    private protected Tensor PerColumn(Func<ModelledColumn, double> number) =>
        Tensor.FromArray([.. Columns.Select(number)], [1, 1, Columns.Count]);
}

/// <summary>Numbers that are normal about a location, with one of several scales.</summary>
/// <param name="Location">[samples, rows, columns].</param>
/// <param name="Scales">[1, 1, columns, scales].</param>
/// <param name="LogWeights">Logarithms of their probabilities, of the same shape; null where there is one.</param>
internal sealed record NumberSpread(Tensor Location, Tensor Scales, Tensor? LogWeights);
