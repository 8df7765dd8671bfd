using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Diffusion;

/// <summary>The vectors that rows are taken for in a diffusion model, outside the functions that add noise to them.</summary>
internal sealed class RowVectors : IDisposable
{
    private readonly RowInputs _rows;
    private readonly Tensor _vectors;
    private readonly Tensor _isThere;
    private readonly CompiledFunction _function;
    private readonly int _width;

    public RowVectors(DiffusionModel model, int rows)
    {
        (_width, _rows) = (model.Width, RowInputs.Of(rows, model.Size, model.Readout.AllowsMissing));
        _vectors = model.Readout.Embed(_rows.Observed(model.Readout.Observe), _rows.Mask);
        _isThere = _rows.Mask is null ? Tensor.Full([rows, _width], 1) : model.Readout.Repeat(_rows.Mask);
        _function = model.Cpu.Compile([_vectors, _isThere]);
        RowInputs.SetSeed(_function, _rows.Seed, model.Options.Seed);
    }

    /// <summary>The vector of a row.</summary>
    public ReadOnlySpan<float> Values(int row) => _function.Output<float>(_vectors).Slice(row * _width, _width);

    /// <summary>1 for each number of it that is there.</summary>
    public ReadOnlySpan<float> IsThere(int row) => _function.Output<float>(_isThere).Slice(row * _width, _width);

    /// <summary>Takes rows of data.</summary>
    public void Fill(IRows data, ReadOnlySpan<int> rows, int look)
    {
        _rows.Fill(_function, data, rows, look, look);
        _function.Run();
    }

    /// <summary>Takes rows as they are.</summary>
    public void Fill(ReadOnlySpan<float> values, ReadOnlySpan<bool> isKnown)
    {
        values.CopyTo(_function.Input<float>(_rows.Values));
        for (var i = 0; _rows.Mask is not null && i < isKnown.Length; i++)
            _function.Input<float>(_rows.Mask)[i] = isKnown[i] ? 1 : 0;
        _function.Run();
    }

    public void Dispose() => _function.Dispose();
}
