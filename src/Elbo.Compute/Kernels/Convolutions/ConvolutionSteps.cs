namespace Elbo.Compute.Kernels;

/// <summary>A convolution as a step of a compiled function.</summary>
internal sealed unsafe class ConvolutionStep(ConvolutionPlan plan, int inputs, int weights, int outputs, int workspace) : Kernel("Convolution")
{
    public override void Run(nint* slots, WorkerTeam team) =>
        plan.Run((void*)slots[inputs], (void*)slots[weights], (void*)slots[outputs], (void*)slots[workspace], team);
}

/// <summary>The sums over a convolution's windows as a step of a compiled function.</summary>
internal sealed unsafe class CorrelationStep(CorrelationPlan plan, int inputs, int outputs, int weights, int workspace) : Kernel("Correlation")
{
    public override void Run(nint* slots, WorkerTeam team) =>
        plan.Run((void*)slots[inputs], (void*)slots[outputs], (void*)slots[weights], (void*)slots[workspace], team);
}
