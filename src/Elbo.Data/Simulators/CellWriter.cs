using System.Globalization;

namespace Elbo.Data.Simulators;

/// <summary>Writes simulated cells row by row without making a string for each.</summary>
internal sealed class CellWriter(TextWriter writer)
{
    private bool _first = true;

    public void Number(double value, int decimals, bool isMissing = false)
    {
        Separate();
        if (isMissing)
            return;
        Span<char> text = stackalloc char[48];
        Span<char> format = ['F', (char)('0' + decimals)];
        value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        writer.Write(text[..length]);
    }

    public void Text(ReadOnlySpan<char> text, bool isMissing = false)
    {
        Separate();
        if (!isMissing)
            writer.Write(text);
    }

    public void EndRow()
    {
        writer.Write('\n');
        _first = true;
    }

    private void Separate()
    {
        if (!_first)
            writer.Write(',');
        _first = false;
    }
}
