using System.Globalization;
using System.Text;

namespace Elbo.Inference;

/// <summary>One number of a posterior.</summary>
/// <param name="Name">Its name, with the index in brackets where a quantity has several.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Sd">The standard deviation.</param>
/// <param name="Q05">The 5 % quantile.</param>
/// <param name="Median">The median.</param>
/// <param name="Q95">The 95 % quantile.</param>
public sealed record SummaryLine(string Name, double Mean, double Sd, double Q05, double Median, double Q95);

/// <summary>A table of what is known of every number that a model names.</summary>
public sealed class Summary
{
    internal Summary(Draws draws)
    {
        Lines = [.. draws.Names.SelectMany(name => Enumerable.Range(0, draws.ShapeOf(name).Elements).Select(index => Line(draws, name, index)))];
    }

    /// <summary>A line for each number, in the order of the model.</summary>
    public IReadOnlyList<SummaryLine> Lines { get; }

    /// <summary>The line of a name.</summary>
    public SummaryLine this[string name] => Lines.FirstOrDefault(l => l.Name == name) ?? throw new Programs.ModelException($"The summary has no line '{name}'. It has {string.Join(", ", Lines.Take(20).Select(l => $"'{l.Name}'"))}{(Lines.Count > 20 ? ", …" : "")}.");

    /// <summary>The table as text.</summary>
    public override string ToString()
    {
        var width = Math.Max(8, Lines.Select(l => l.Name.Length).DefaultIfEmpty(0).Max());
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{"".PadRight(width)}  {"mean",10} {"sd",10} {"5 %",10} {"median",10} {"95 %",10}");
        foreach (var line in Lines)
            text.AppendLine(CultureInfo.InvariantCulture, $"{line.Name.PadRight(width)}  {line.Mean,10:G4} {line.Sd,10:G4} {line.Q05,10:G4} {line.Median,10:G4} {line.Q95,10:G4}");
        return text.ToString();
    }

    private static SummaryLine Line(Draws draws, string name, int index)
    {
        var values = draws.Of(name, index);
        var mean = values.Average();
        var sd = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1));
        Array.Sort(values);
        return new(Label(draws.ShapeOf(name), name, index), mean, sd, Quantile(values, 0.05), Quantile(values, 0.5), Quantile(values, 0.95));
    }

    private static string Label(Compute.Shape shape, string name, int index)
    {
        if (shape.Rank == 0)
            return name;
        var place = new int[shape.Rank];
        for (var axis = shape.Rank - 1; axis >= 0; index /= shape[axis], axis--)
            place[axis] = index % shape[axis];
        return $"{name}[{string.Join(",", place)}]";
    }

    // Between neighbours, linearly.
    private static double Quantile(double[] sorted, double probability)
    {
        var at = probability * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }
}
