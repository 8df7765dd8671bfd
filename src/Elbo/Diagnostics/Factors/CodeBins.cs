namespace Elbo.Diagnostics.Factors;

/// <summary>Latent numbers in bins.</summary>
internal static class CodeBins
{
    /// <summary>The bin of each row, from the least number to the greatest in equal steps.</summary>
    public static int[] Equal(Points codes, int j, int bins)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < codes.Count; i++)
            (low, high) = (Math.Min(low, codes[i][j]), Math.Max(high, codes[i][j]));
        var binned = new int[codes.Count];
        for (var i = 0; i < binned.Length && high > low; i++)
            binned[i] = Math.Min(bins - 1, (int)((codes[i][j] - low) / (high - low) * bins));
        return binned;
    }

    /// <summary>The bin of each row, with about as many rows in each; equal numbers are in one bin.</summary>
    public static byte[] OfRanks(Points codes, int j, int bins)
    {
        float[] sorted = [.. Enumerable.Range(0, codes.Count).Select(i => codes[i][j]).Order()];
        float[] bounds = [.. Enumerable.Range(1, bins - 1).Select(b => sorted[(int)((long)b * sorted.Length / bins)]).Distinct()];
        var binned = new byte[codes.Count];
        for (var i = 0; i < binned.Length; i++)
        {
            var at = Array.BinarySearch(bounds, codes[i][j]);
            binned[i] = (byte)(at >= 0 ? at + 1 : ~at);
        }
        return binned;
    }

    /// <summary>The mutual information of bins and a factor over rows, nats.</summary>
    public static double Information(int[] binned, int bins, KnownFactor factor)
    {
        var (joint, ofBin, ofLevel) = (new double[bins * factor.Levels], new double[bins], new double[factor.Levels]);
        var each = 1.0 / binned.Length;
        for (var i = 0; i < binned.Length; i++)
        {
            joint[binned[i] * factor.Levels + factor.Values[i]] += each;
            ofBin[binned[i]] += each;
            ofLevel[factor.Values[i]] += each;
        }
        var information = 0.0;
        for (var i = 0; i < joint.Length; i++)
        {
            if (joint[i] > 0)
                information += joint[i] * Math.Log(joint[i] / (ofBin[i / factor.Levels] * ofLevel[i % factor.Levels]));
        }
        return Math.Max(0, information);
    }
}
