using System.Numerics;

namespace Elbo.Compute.Kernels;

/// <summary>Copies a box of elements between two strided layouts: transposes, concatenations, paddings, slices across the grain.</summary>
internal sealed unsafe class StridedCopy : Kernel, IParallelBody
{
    // A tile of this many elements a side stays in the first-level cache while both sides are walked.
    private const int Tile = 16;

    private readonly int _from;
    private readonly int _to;
    private readonly int _elementBytes;
    private readonly long _fromOffset;
    private readonly long _toOffset;
    private readonly int[] _extents;
    private readonly int[] _fromStrides;
    private readonly int[] _toStrides;
    private nint* _slots;

    /// <summary>A copy of <paramref name="extents"/> elements. Offsets and strides are in elements of 4 or 8 bytes.</summary>
    public StridedCopy(string name, int elementBytes, ReadOnlySpan<int> extents, (int Slot, int Offset, int[] Strides) from, (int Slot, int Offset, int[] Strides) to)
        : base(name)
    {
        (_elementBytes, _from, _to) = (elementBytes, from.Slot, to.Slot);
        (_fromOffset, _toOffset) = ((long)from.Offset * elementBytes, (long)to.Offset * elementBytes);
        var (sizes, sources, targets) = (new List<int>(), new List<int>(), new List<int>());
        for (var axis = 0; axis < extents.Length; axis++)
        {
            if (extents[axis] == 1)
                continue;
            if (sizes.Count > 0 && sources[^1] == from.Strides[axis] * extents[axis] && targets[^1] == to.Strides[axis] * extents[axis])
            {
                sizes[^1] *= extents[axis];
                (sources[^1], targets[^1]) = (from.Strides[axis], to.Strides[axis]);
                continue;
            }
            sizes.Add(extents[axis]);
            sources.Add(from.Strides[axis]);
            targets.Add(to.Strides[axis]);
        }
        // At least two loops, so that the inner pair can be tiled.
        while (sizes.Count < 2)
        {
            sizes.Insert(0, 1);
            sources.Insert(0, 0);
            targets.Insert(0, 0);
        }
        (_extents, _fromStrides, _toStrides) = ([.. sizes], [.. sources], [.. targets]);
    }

    public override void Run(nint* slots, WorkerTeam team)
    {
        _slots = slots;
        var work = 4L;
        foreach (var extent in _extents)
            work *= extent;
        if (_extents[0] > 1 && work >= WorthSharing)
            team.Run(this, _extents[0]);
        else
            ((IParallelBody)this).Run(0, _extents[0], 0);
    }

    void IParallelBody.Run(int firstTask, int endTask, int worker)
    {
        var from = (byte*)_slots[_from] + _fromOffset;
        var to = (byte*)_slots[_to] + _toOffset;
        if (_elementBytes == 8)
            Copy((ulong*)from, (ulong*)to, 0, firstTask, endTask);
        else
            Copy((uint*)from, (uint*)to, 0, firstTask, endTask);
    }

    private void Copy<T>(T* from, T* to, int loop, int first, int end) where T : unmanaged, INumber<T>
    {
        if (loop == _extents.Length - 2)
        {
            CopyPlane(from, to, first, end);
            return;
        }
        for (var i = first; i < end; i++)
            Copy(from + (long)i * _fromStrides[loop], to + (long)i * _toStrides[loop], loop + 1, 0, _extents[loop + 1]);
    }

    private void CopyPlane<T>(T* from, T* to, int firstRow, int endRow) where T : unmanaged, INumber<T>
    {
        var columns = _extents[^1];
        var (fromRow, fromColumn, toRow, toColumn) = ((long)_fromStrides[^2], (long)_fromStrides[^1], (long)_toStrides[^2], (long)_toStrides[^1]);
        if (fromColumn == 1 && toColumn == 1)
        {
            for (var row = firstRow; row < endRow; row++)
                new ReadOnlySpan<T>(from + row * fromRow, columns).CopyTo(new Span<T>(to + row * toRow, columns));
            return;
        }
        for (var tileRow = firstRow; tileRow < endRow; tileRow += Tile)
        {
            for (var tileColumn = 0; tileColumn < columns; tileColumn += Tile)
            {
                var (lastRow, lastColumn) = (Math.Min(tileRow + Tile, endRow), Math.Min(tileColumn + Tile, columns));
                for (var row = tileRow; row < lastRow; row++)
                {
                    for (var column = tileColumn; column < lastColumn; column++)
                        to[row * toRow + column * toColumn] = from[row * fromRow + column * fromColumn];
                }
            }
        }
    }
}
