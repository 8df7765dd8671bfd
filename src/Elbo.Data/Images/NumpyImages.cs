using System.Globalization;

namespace Elbo.Data;

/// <summary>The elements of a NumPy array as bytes from 0 to 255.</summary>
internal static class NumpyImages
{
    /// <summary>The elements as bytes; floating-point numbers from 0 to 1 are rounded to the nearest of 256 steps.</summary>
    /// <param name="array">The array.</param>
    /// <param name="file">For errors.</param>
    /// <param name="notices">Takes what was rounded.</param>
    /// <exception cref="DataException">An element is neither from 0 to 1 nor a whole number to 255.</exception>
    public static byte[] Bytes(NumpyArray array, string file, List<string> notices)
    {
        var type = array.Type;
        if (type is { Kind: 'u', Size: 1 } or { Kind: 'b' })
            return array.Bytes;
        // Fractions are only meant where nothing is above 1; otherwise the numbers are whole ones up to 255.
        var isFraction = type.Kind == 'f' && Greatest(array) <= 1;
        var bytes = new byte[array.Count];
        var isRounded = false;
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = array[i];
            var scaled = isFraction ? value * 255 : value;
            if (!(scaled is >= 0 and <= 255) || (!isFraction && scaled != Math.Floor(scaled)))
                throw Unsuitable(array, file, i);
            bytes[i] = (byte)Math.Round(scaled, MidpointRounding.AwayFromZero);
            // What came from bytes comes back to them within the precision of the type.
            isRounded |= isFraction && Math.Abs(scaled - bytes[i]) > (type.Size == 2 ? 0.13 : 1e-4);
        }

        if (isRounded)
            notices.Add($"the numbers of {file} from 0 to 1 were rounded to 8 bits.");
        return bytes;
    }

    private static double Greatest(NumpyArray array)
    {
        var greatest = double.NegativeInfinity;
        for (var i = 0; i < array.Count; i++)
        {
            if (array[i] > greatest)
                greatest = array[i];
        }

        return greatest;
    }

    private static DataException Unsuitable(NumpyArray array, string file, int index)
    {
        var place = new List<long>();
        long rest = index;
        for (var d = array.Shape.Count - 1; d >= 0; d--)
        {
            place.Insert(0, rest % array.Shape[d]);
            rest /= array.Shape[d];
        }

        return new(
            file, $"the number at [{string.Join(", ", place)}] is {array[index].ToString("G6", CultureInfo.InvariantCulture)}; pixels are from 0 to 1, or whole numbers from 0 to 255",
            "Scale the array, or save rows of numbers that are no pixels as two dimensions");
    }
}
