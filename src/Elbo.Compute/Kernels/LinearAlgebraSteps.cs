namespace Elbo.Compute.Kernels;

/// <summary>A matrix product as a step of a compiled function.</summary>
internal sealed unsafe class MatrixProductStep(MatrixProductPlan plan, int left, int right, int target, int workspace) : Kernel("MatrixProduct")
{
    public override void Run(nint* slots, WorkerTeam team) =>
        plan.Run((void*)slots[left], (void*)slots[right], (void*)slots[target], (void*)slots[workspace], team);
}

/// <summary>Cholesky factors as a step of a compiled function.</summary>
internal sealed unsafe class CholeskyStep(bool isDouble, int source, int target, int batch, int size) : Kernel("Cholesky")
{
    public override void Run(nint* slots, WorkerTeam team)
    {
        if (isDouble)
            CholeskyKernel.Run((double*)slots[source], (double*)slots[target], batch, size);
        else
            CholeskyKernel.Run((float*)slots[source], (float*)slots[target], batch, size);
    }
}

/// <summary>Triangular solutions as a step of a compiled function.</summary>
internal sealed unsafe class TriangularSolveStep(bool isDouble, int factor, int right, int target, int batch, int size, int columns, bool transposed) : Kernel("TriangularSolve")
{
    public override void Run(nint* slots, WorkerTeam team)
    {
        if (isDouble)
            TriangularSolveKernel.Run((double*)slots[factor], (double*)slots[right], (double*)slots[target], batch, size, columns, transposed);
        else
            TriangularSolveKernel.Run((float*)slots[factor], (float*)slots[right], (float*)slots[target], batch, size, columns, transposed);
    }
}
