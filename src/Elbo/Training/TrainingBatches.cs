using Elbo.Autoencoders;
using Elbo.Compute;

namespace Elbo.Training;

/// <summary>Which rows each step of an epoch is taken on, and what they count.</summary>
internal abstract class TrainingBatches
{
    /// <summary>Steps of an epoch.</summary>
    public abstract int Count { get; }

    /// <summary>Puts the rows into the order of an epoch.</summary>
    public abstract void Shuffle(int epoch);

    /// <summary>The rows of a step, and what each counts; no weights where all count alike. They hold until the next call.</summary>
    public abstract Batch Of(int step);
}

/// <summary>The rows of a step.</summary>
internal readonly ref struct Batch(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights)
{
    private readonly ReadOnlySpan<int> _rows = rows;
    private readonly ReadOnlySpan<float> _weights = weights;

    public void Deconstruct(out ReadOnlySpan<int> rows, out ReadOnlySpan<float> weights)
    {
        rows = _rows;
        weights = _weights;
    }
}

/// <summary>Every row once an epoch, in an order drawn anew.</summary>
internal sealed class ShuffledBatches(int[] rows, int batch, ulong seed) : TrainingBatches
{
    private readonly int[] _order = [.. rows];

    public override int Count => (_order.Length + batch - 1) / batch;

    public override void Shuffle(int epoch)
    {
        rows.CopyTo(_order, 0);
        new RandomNumbers(seed, ((ulong)RandomUse.Order << 32) + (uint)epoch).Shuffle<int>(_order);
    }

    public override Batch Of(int step) => new(_order.AsSpan(step * batch, Math.Min(batch, _order.Length - step * batch)), []);
}

/// <summary>
/// In each step some rows with a label and some without, however few there are of one kind: of the other each comes once an epoch. Rows are weighed by how
/// often they come, so that a step estimates the objective of all rows without bias.
/// </summary>
internal sealed class BalancedBatches : TrainingBatches
{
    // Of each batch at least this share have labels, as far as there are so many.
    private const double LeastShare = 0.2;

    private readonly RowCycle _labelled;
    private readonly RowCycle _others;
    private readonly int[] _rows;
    private readonly float[] _weights;

    /// <exception cref="ArgumentException">A batch has no room for both kinds.</exception>
    public BalancedBatches(IRows data, int[] rows, int batch, ulong seed)
    {
        int[] labelled = [.. rows.Where(row => data.LabelOf(row) is not null)];
        int[] others = [.. rows.Where(row => data.LabelOf(row) is null)];
        var some = labelled.Length == 0 || others.Length == 0 ? labelled.Length == 0 ? 0 : batch : LabelledABatch(labelled.Length, rows.Length, batch);
        _labelled = new(labelled, some, seed, 0);
        _others = new(others, batch - some, seed, 1);
        _rows = new int[batch];
        _weights = new float[batch];
        // How many rows of its kind a row stands for, relative to the mean.
        _weights.AsSpan(0, some).Fill((float)((double)labelled.Length / rows.Length * batch / Math.Max(1, some)));
        _weights.AsSpan(some).Fill((float)((double)others.Length / rows.Length * batch / Math.Max(1, batch - some)));
    }

    public override int Count => Math.Max(_labelled.Batches, _others.Batches);

    public override void Shuffle(int epoch)
    {
        _labelled.Begin(epoch);
        _others.Begin(epoch);
    }

    public override Batch Of(int step)
    {
        _labelled.Take(step, _rows);
        _others.Take(step, _rows.AsSpan(_labelled.Size));
        return new(_rows, _weights);
    }

    private static int LabelledABatch(int labelled, int rows, int batch) => batch < 2
        ? throw new ArgumentException("A batch of one row has no room for rows with and without a label; use a batch of at least 2.", nameof(batch))
        : Math.Min(labelled, Math.Clamp((int)Math.Round(Math.Max((double)labelled / rows, LeastShare) * batch), 1, batch - 1));

    /// <summary>Rows in passes over all of them, each in an order of its own.</summary>
    private sealed class RowCycle(int[] rows, int size, ulong seed, int kind)
    {
        private readonly int[] _pass = [.. rows];
        private int _epoch;
        private int _passAt;

        /// <summary>Rows of a batch.</summary>
        public int Size => size;

        /// <summary>Batches of a pass.</summary>
        public int Batches => size == 0 ? 0 : (rows.Length + size - 1) / size;

        public void Begin(int epoch) => (_epoch, _passAt) = (epoch, -1);

        public void Take(int step, Span<int> to)
        {
            for (var i = 0; i < size; i++)
            {
                var (pass, place) = Math.DivRem((long)step * size + i, rows.Length);
                if (pass != _passAt)
                    Order((int)pass);
                to[i] = _pass[place];
            }
        }

        private void Order(int pass)
        {
            rows.CopyTo(_pass, 0);
            new RandomNumbers(seed, ((ulong)RandomUse.LabelledOrder << 57) + ((ulong)kind << 56) + ((ulong)(uint)_epoch << 28) + (uint)pass).Shuffle<int>(_pass);
            _passAt = pass;
        }
    }
}
