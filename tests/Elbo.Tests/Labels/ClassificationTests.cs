using Elbo.Classification;
using Elbo.Compute;

namespace Elbo.Tests.Labels;

public sealed class ClassificationTests
{
    [Fact]
    public void Probabilities_are_normalised_whatever_their_scale()
    {
        var classes = new ClassProbabilities([[1000, 1000 + Math.Log(3)], [double.NegativeInfinity, -5]]);
        Assert.Equal(0.25, classes[0, 0], 1e-12);
        Assert.Equal((1, 0.75), (classes.Best(0).Label, Math.Round(classes.Best(0).Probability, 12)));
        Assert.Equal((0.0, 1.0), (classes[1, 0], classes[1, 1]));
        // p^(1/2) of 1/4 and 3/4.
        Assert.Equal(1 / (1 + Math.Sqrt(3)), classes.At(2)[0, 0], 1e-12);
        var other = new ClassProbabilities([[0, 0], [0, double.NegativeInfinity]]);
        var mean = ClassProbabilities.Average(classes, other);
        Assert.Equal([0.375, 0.625, 0.5, 0.5], new[] { mean[0, 0], mean[0, 1], mean[1, 0], mean[1, 1] }.Select(p => Math.Round(p, 12)));
        Assert.Throws<ArgumentException>(() => ClassProbabilities.Average(classes, classes.Select([0])));
        Assert.Throws<ArgumentException>(() => ClassProbabilities.Average());
        Assert.Throws<ArgumentException>(() => new ClassProbabilities([[double.NegativeInfinity, double.NegativeInfinity]]));
        Assert.Throws<ArgumentException>(() => new ClassProbabilities([[0, 1], [0]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => classes.At(0));
    }

    // A classifier that knows the probabilities and reports their powers: the temperature is the power.
    [Theory]
    [InlineData(2.5)]
    [InlineData(1)]
    [InlineData(0.5)]
    public void The_temperature_undoes_how_much_too_sure_a_classifier_is(double power)
    {
        var (said, labels) = Simulate(6000, power);
        var temperature = TemperatureScaling.Fit(said, labels);
        Assert.InRange(temperature / power, 0.93, 1.07);
        var calibration = LabelCalibration.Of(said, labels, [.. Enumerable.Range(0, 6000).Select(i => i % 5)]);
        Assert.Equal(temperature, calibration.Temperature, 1e-9);
        Assert.InRange(calibration.Error, 0, 0.03);
        Assert.Equal(CalibrationError.Of(said, labels).Value, calibration.ErrorBefore, 1e-12);
        if (power != 1)
            Assert.True(calibration.ErrorBefore > 2 * calibration.Error, $"{calibration.ErrorBefore} and {calibration.Error}");
        // The least possible log loss is the entropy, which the true probabilities have.
        var (truth, _) = Simulate(6000, 1);
        Assert.InRange(calibration.LogLoss - ClassMeasures.LogLoss(truth, labels), -0.005, 0.005);
    }

    [Fact]
    public void A_few_rows_that_are_all_right_do_not_make_a_classifier_certain()
    {
        var temperature = TemperatureScaling.Fit(new([[0, -2], [0, -2], [-2, 0]]), [0, 0, 1]);
        Assert.InRange(temperature, 0.3, 0.99);
    }

    [Fact]
    public void The_calibration_error_is_the_distance_of_confidence_from_accuracy()
    {
        // Sure by 0.9 and right in 3 of 5; sure by 0.6 and right in all of 2.
        double[][] p = [[.9, .1], [.9, .1], [.9, .1], [.1, .9], [.1, .9], [.6, .4], [.4, .6]];
        var classes = new ClassProbabilities([.. p.Select(row => (IReadOnlyList<double>)[.. row.Select(v => Math.Log(v))])]);
        var error = CalibrationError.Of(classes, [0, 0, 1, 0, 1, 0, 1]);
        Assert.Equal((5 * 0.3 + 2 * 0.4) / 7, error.Value, 1e-9);
        Assert.Equal([2, 5], error.Bins.Select(b => b.Rows));
        Assert.Equal([1, 0.6], error.Bins.Select(b => b.Accuracy));
        Assert.Throws<ArgumentException>(() => CalibrationError.Of(classes, [0, 1]));
        Assert.Throws<ArgumentException>(() => CalibrationError.Of(classes, [0, 0, 1, 0, 1, 0, 2]));
    }

    [Fact]
    public void The_surer_answers_come_first_and_those_alike_together()
    {
        double[][] p = [[.9, .1], [.8, .2], [.8, .2], [.3, .7], [.45, .55]];
        var classes = new ClassProbabilities([.. p.Select(row => (IReadOnlyList<double>)[.. row.Select(v => Math.Log(v))])]);
        var curve = RiskCoverage.Of(classes, [0, 0, 1, 1, 0]);
        Assert.Equal([0.2, 0.6, 0.8, 1], curve.Points.Select(q => q.Coverage), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([0, 1 / 3.0, 0.25, 0.4], curve.Points.Select(q => q.Risk), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.2 * 0 + 0.4 / 3 + 0.2 * 0.25 + 0.2 * 0.4, curve.Area, 1e-12);
        Assert.Equal((0.8, 0.25), (curve.At(0.6).Coverage, curve.At(0.6).Risk));
        Assert.Equal(new CoveragePoint(0.95, 0, 0), curve.At(0.95));
    }

    private static (ClassProbabilities Said, int[] Labels) Simulate(int rows, double power)
    {
        var random = new RandomNumbers(3, 9);
        var (said, labels) = (new List<IReadOnlyList<double>>(), new int[rows]);
        for (var row = 0; row < rows; row++)
        {
            var logits = new double[3];
            foreach (ref var logit in logits.AsSpan())
                logit = 1.5 * random.NextNormal();
            var sum = logits.Sum(Math.Exp);
            var u = random.NextUniform();
            labels[row] = u < Math.Exp(logits[0]) / sum ? 0 : u < (Math.Exp(logits[0]) + Math.Exp(logits[1])) / sum ? 1 : 2;
            said.Add([.. logits.Select(l => l * power)]);
        }
        return (new(said), labels);
    }
}
