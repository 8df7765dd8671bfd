using System.Globalization;

namespace Elbo.Data;

/// <summary>What the elements of a NumPy array are.</summary>
/// <param name="Kind">b for true or false, u and i for whole numbers without and with a sign, f for floating-point numbers.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="IsBigEndian">Whether the greatest byte comes first.</param>
internal readonly record struct NumpyType(char Kind, int Size, bool IsBigEndian)
{
    /// <summary>The type of a name such as &lt;f4 or |u1; null for what is no number.</summary>
    public static NumpyType? Parse(string name)
    {
        if (name.Length < 3 || name[0] is not ('<' or '>' or '|' or '=') || !int.TryParse(name.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return null;
        var known = name[1] switch
        {
            'b' => size == 1,
            'u' or 'i' => size is 1 or 2 or 4 or 8,
            'f' => size is 2 or 4 or 8,
            _ => false,
        };
        return known ? new(name[1], size, name[0] == '>') : null;
    }

    /// <summary>NumPy's own name.</summary>
    public override string ToString() => Kind switch
    {
        'b' => "bool",
        'u' => $"uint{8 * Size}",
        'i' => $"int{8 * Size}",
        _ => $"float{8 * Size}",
    };
}
