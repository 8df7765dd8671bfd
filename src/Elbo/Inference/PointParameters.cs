using Elbo.Compute;
using Elbo.Programs;

namespace Elbo.Inference;

/// <summary>The parameters without a prior: one unconstrained variable for each, moved along with the guide.</summary>
internal sealed class PointParameters : IHandler, IDisposable
{
    private readonly Dictionary<string, Variable> _variables = [];

    public PointParameters(ModelTrace trace, Cpu cpu)
    {
        Site[] sites = [.. trace.Parameters];
        if (sites.Length == 0)
            return;
        Tensor[] starts = [.. sites.Select(s => s.Support.FromReal!.Inverse(s.Value!))];
        using var function = cpu.Compile(starts);
        function.Run();
        for (var k = 0; k < sites.Length; k++)
        {
            var variable = _variables[sites[k].Name] = new Variable(sites[k].Name, starts[k].Shape, starts[k].Type);
            if (variable.Type == DType.Float64)
                function.Output<double>(starts[k]).CopyTo(variable.AsSpan<double>());
            else
                function.Output<float>(starts[k]).CopyTo(variable.AsSpan<float>());
        }
    }

    public IEnumerable<Variable> Variables => _variables.Values;

    public void Before(Site site)
    {
        if (site.Kind == SiteKind.Parameter && site.Value is null && _variables.TryGetValue(site.Name, out var variable))
            site.Value = site.Support.FromReal!.Forward(variable);
    }

    public void Dispose()
    {
        foreach (var variable in Variables)
            variable.Dispose();
    }
}
