namespace Elbo.Recording;

/// <summary>
/// Reports steps, many at a time. The clock is looked at after so many steps as go by in a part of the time between two reports, since there are steps that take less time than a
/// look at it.
/// </summary>
/// <param name="recorder">Who is told.</param>
/// <param name="taken">Steps that were taken before.</param>
/// <param name="areLosses">Whether what steps find is not a bound but a loss.</param>
internal sealed class StepReports(IProgress<FitEvent> recorder, long taken = 0, bool areLosses = false)
{
    private const int LooksBetweenReports = 8;

    // Forty a second to begin with; two thousand for each time that the fit takes e times as long.
    private readonly Pace _pace = new(TimeSpan.FromMilliseconds(25), 1.0 / 2000);
    private long _step = taken;
    private int _count;
    private int _looksAt = 1;
    private double _elbo;
    private double _kl;
    private (double Epoch, double GradientNorm, double Rate, double KlWeight) _last;

    /// <summary>Counts a step. What is not known of it is NaN.</summary>
    /// <param name="elbo">What it found the bound, or the loss, to be.</param>
    /// <param name="kl">What it found the divergence to be.</param>
    /// <param name="epoch">Epochs, with the part of the one that goes on.</param>
    /// <param name="gradientNorm">The length of the gradient.</param>
    /// <param name="rate">The step size.</param>
    /// <param name="klWeight">What the divergence counted.</param>
    public void Add(double elbo, double kl = double.NaN, double epoch = double.NaN, double gradientNorm = double.NaN, double rate = double.NaN, double klWeight = double.NaN)
    {
        _step++;
        (_elbo, _kl, _last) = (_elbo + elbo, _kl + kl, (epoch, gradientNorm, rate, klWeight));
        if (++_count < _looksAt)
            return;
        if (_pace.IsDue())
        {
            _looksAt = Math.Max(1, _count / LooksBetweenReports);
            Flush();
        }
        else
        {
            _looksAt = _count + Math.Max(1, _count / LooksBetweenReports);
        }
    }

    /// <summary>Reports what was not reported yet.</summary>
    public void Flush()
    {
        if (_count == 0)
            return;
        recorder.Report(new StepsTaken(_step, _count, areLosses ? double.NaN : _elbo / _count)
        {
            Loss = areLosses ? _elbo / _count : null,
            Kl = Known(_kl / _count),
            Epoch = Known(_last.Epoch),
            GradientNorm = Known(_last.GradientNorm),
            Rate = Known(_last.Rate),
            KlWeight = Known(_last.KlWeight),
        });
        (_elbo, _kl, _count) = (0, 0, 0);
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
