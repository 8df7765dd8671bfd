using Elbo.Compute;

namespace Elbo.Autoencoders;

/// <summary>A first look at the data, so that training begins with what it tells: the mean of all rows, and some of them.</summary>
internal sealed class DataStart(Vae model, IRows rows, int[] training)
{
    // Enough to know a mean by.
    private const int RowsLookedAt = 10_000;
    private const int RowsACall = 64;

    public void Begin()
    {
        var order = training.ToArray();
        new RandomNumbers(model.Seed, (ulong)RandomUse.FirstRows).Shuffle<int>(order);
        var outputs = model.Observation.FirstOutputs(Means(order.AsSpan(0, Math.Min(order.Length, RowsLookedAt))));
        model.Network.Start(new(Features(order), outputs));
    }

    private double[] Means(ReadOnlySpan<int> some)
    {
        var size = rows.Size;
        var (sums, counts) = (new double[size], new double[size]);
        var (values, mask) = (new float[size], new float[size]);
        foreach (var row in some)
        {
            rows.Fill([row], values, mask);
            for (var i = 0; i < size; i++)
            {
                sums[i] += values[i];
                counts[i] += mask[i];
            }
        }
        return [.. sums.Select((sum, i) => sum / Math.Max(1, counts[i]))];
    }

    private float[] Features(int[] order)
    {
        var (wanted, width) = (model.Network.FirstRows, model.Observation.FeatureCount);
        var features = new float[wanted * width];
        if (wanted == 0)
            return features;
        var inputs = RowInputs.Of(RowsACall, rows.Size, rows.HasMissing);
        var output = model.Observation.Features(inputs.Observed(model.Observation), inputs.Mask);
        using var function = model.Cpu.Compile([output]);
        RowInputs.SetSeed(function, inputs.Seed, model.Seed);
        for (var start = 0; start < wanted; start += RowsACall)
        {
            // Where more rows are wanted than there are, some come again.
            int[] batch = [.. Enumerable.Range(start, Math.Min(RowsACall, wanted - start)).Select(i => order[i % order.Length])];
            inputs.Fill(function, rows, batch, 0, start / RowsACall);
            function.Run();
            function.Output<float>(output)[..(batch.Length * width)].CopyTo(features.AsSpan(start * width));
        }
        return features;
    }
}
