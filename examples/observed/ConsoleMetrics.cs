using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Elbo.Examples.Observed;

/// <summary>Metrics to the console, in the place of a collector.</summary>
internal sealed class ConsoleMetrics : BaseExporter<Metric>
{
    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var value = metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
                    _ => double.NaN,
                };
                Console.WriteLine($"{metric.Name} {value.ToString("G6", CultureInfo.InvariantCulture)} {metric.Unit}");
            }
        }
        return ExportResult.Success;
    }
}
