using Elbo.Compute;
using Elbo.Likelihoods;
using static Elbo.Compute.TensorMath;

namespace Elbo.Objectives;

/// <summary>
/// Something that has to hold of an autoencoder, on the mean over rows, while its divergence is made as small as can be: an expectation below
/// a limit, by a Lagrange multiplier that training finds (after GECO; Rezende and Viola, 2018). With the reconstruction as the constraint and a
/// multiplier of 1 this is the ELBO.
/// </summary>
public sealed class Constraint
{
    private readonly Func<ConstraintTerms, Tensor> _value;

    private Constraint(string name, double limit, Func<ConstraintTerms, Tensor> value)
    {
        if (!double.IsFinite(limit))
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "The limit of a constraint is a finite number.");
        (Name, Limit, _value) = (name, limit, value);
    }

    /// <summary>What is constrained.</summary>
    public string Name { get; }

    /// <summary>What it may be at most.</summary>
    public double Limit { get; }

    /// <summary>−E_q ln p(x|z), in nats per row, is at most a limit.</summary>
    public static Constraint Reconstruction(double atMost) => new("reconstruction loss", atMost, terms => -terms.LogLikelihood);

    /// <summary>The mean squared difference between the numbers of a row and what the decoder says of them is at most a limit.</summary>
    /// <param name="atMost">In squared units of the values: of images, whose shades go from 0 to 1.</param>
    public static Constraint SquaredError(double atMost)
    {
        if (atMost <= 0)
            throw new ArgumentOutOfRangeException(nameof(atMost), atMost, "A mean squared error is above 0.");
        return new("squared error", atMost, terms => Square(terms.Values.Reshape(Shape.Create([1, .. terms.Values.Shape])) - terms.Means).Mean(2));
    }

    /// <summary>Any expectation is at most a limit.</summary>
    /// <param name="name">What it is called in reports.</param>
    /// <param name="value">Its value for each draw and row, [draws, rows].</param>
    /// <param name="atMost">The limit.</param>
    public static Constraint Expectation(string name, Func<ConstraintTerms, Tensor> value, double atMost)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        return new(name, atMost, value);
    }

    internal Tensor Of(ConstraintTerms terms)
    {
        var value = _value(terms);
        return value.Shape == terms.LogLikelihood.Shape ? value
            : throw new ShapeException($"The constraint '{Name}' gives {value.Shape}; it needs a number for each draw and row, {terms.LogLikelihood.Shape}.");
    }
}

/// <summary>What a constraint may be made of.</summary>
/// <param name="Values">The rows, [rows, numbers].</param>
/// <param name="Parameters">Outputs of the decoder, [draws, rows, parameters].</param>
/// <param name="LogLikelihood">ln p(x|z), [draws, rows], nats.</param>
/// <param name="Z">The codes, [draws, rows, latent].</param>
/// <param name="Observation">What the outputs of the decoder mean.</param>
public sealed record ConstraintTerms(Tensor Values, Tensor Parameters, Tensor LogLikelihood, Tensor Z, Observation Observation)
{
    /// <summary>The mean of each number by the outputs of the decoder, [draws, rows, numbers].</summary>
    /// <exception cref="ArgumentException">The numbers have no means, as levels have none.</exception>
    public Tensor Means => Observation.Means(Parameters);
}

/// <summary>How a constraint stands.</summary>
/// <param name="Name">What is constrained.</param>
/// <param name="Value">What it is, as a moving average over some two hundred batches.</param>
/// <param name="Limit">What it may be at most.</param>
/// <param name="Multiplier">The Lagrange multiplier: nats of divergence that a unit of the constraint costs.</param>
public sealed record ConstraintReport(string Name, double Value, double Limit, double Multiplier)
{
    /// <summary>By how much the value lies above the limit, relative to it; below 0 where there is room to spare.</summary>
    public double Excess => (Value - Limit) / (Limit == 0 ? 1 : Math.Abs(Limit));

    /// <summary>A sentence where the constraint does not hold, with remedies; null where it does, to one in a hundred.</summary>
    public string? Doubt => Excess <= 0.01 ? null
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The constraint does not hold: the {Name} is {Value:G4}, and may be at most {Limit:G4} (multiplier {Multiplier:G3}). Where the multiplier still grows, train for more epochs; otherwise the model cannot reach the limit: raise it, or give the model more latent dimensions or units.");
}

/// <summary>A constraint at work: its multiplier, and the moving average of its value.</summary>
internal sealed class ConstraintState : IDisposable
{
    // The average is over so many batches or so. The logarithm of the multiplier is led by the excess and by the sum of it over batches (a
    // proportional-integral controller): the sum finds the multiplier, and the excess keeps it from swinging about it.
    private const double Decay = 0.98;
    private const double ReportedDecay = 0.995;
    private const double Speed = 0.1;
    private const double Proportion = 10;

    // An excess that is far out, as to begin with, says no more than a clear one; and the sum does not take the way there for a lack of multiplier.
    private const double LargestExcess = 0.3;
    private const double LargestSummed = 0.1;

    private readonly Constraint _constraint;
    private readonly Variable _logMultiplier = new("constraint.logMultiplier", []);
    private readonly Variable _average = new("constraint.average", []);
    private readonly Variable _weight = new("constraint.weight", []);
    private readonly Variable _reported = new("constraint.reported", []);
    private readonly Variable _reportedWeight = new("constraint.reportedWeight", []);
    private readonly Tensor _each;

    public ConstraintState(Constraint constraint, ConstraintTerms terms)
    {
        _constraint = constraint;
        _each = constraint.Of(terms);
    }

    public IReadOnlyList<Variable> Variables => [_logMultiplier, _average, _weight, _reported, _reportedWeight];

    public ConstraintReport Report => new(
        _constraint.Name, _reported.AsSpan<float>()[0] / Math.Max(_reportedWeight.AsSpan<float>()[0], 1e-9), _constraint.Limit, Math.Exp(_logMultiplier.AsSpan<float>()[0]) / Scale);

    private double Scale => Math.Abs(_constraint.Limit) is > 0 and var size ? size : 1;

    /// <summary>−(divergence + μ·relative excess), over 1 + μ so that its gradients keep their size.</summary>
    public Tensor Objective(RowTerms terms)
    {
        var multiplier = Multiplier;
        return -(terms.WeightedDivergence + multiplier * ((Value(terms) - _constraint.Limit) / Scale)) / (1.0 + multiplier);
    }

    private Tensor Multiplier => Exp(_logMultiplier.Value + Proportion * Excess(_average.Value / Maximum(_weight.Value, Tensor.Scalar(1e-9)), LargestExcess));

    private Tensor Excess(Tensor value, double largest) => Clamp((value - _constraint.Limit) / Scale, -largest, largest);

    /// <summary>The step of the sum, where a step is taken.</summary>
    public IEnumerable<Update> Updates(RowTerms terms, Tensor accept)
    {
        var average = Decay * _average.Value + (1 - Decay) * Value(terms);
        var weight = Decay * _weight.Value + (1 - Decay);
        yield return new(_average, Where(accept, average, _average.Value));
        yield return new(_weight, Where(accept, weight, _weight.Value));
        yield return new(_reported, Where(accept, ReportedDecay * _reported.Value + (1 - ReportedDecay) * Value(terms), _reported.Value));
        yield return new(_reportedWeight, Where(accept, ReportedDecay * _reportedWeight.Value + (1 - ReportedDecay), _reportedWeight.Value));
        yield return new(_logMultiplier, Where(accept, Clamp(_logMultiplier.Value + Speed * Excess(average / weight, LargestSummed), -20, 20), _logMultiplier.Value));
    }

    private Tensor Value(RowTerms terms) => terms.MeanOverRows(terms.Code.OverDraws(_each));

    public void Dispose()
    {
        foreach (var variable in Variables)
            variable.Dispose();
    }
}
