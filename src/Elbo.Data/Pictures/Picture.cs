using System.Text;

namespace Elbo.Data.Pictures;

/// <summary>A drawing that is written as SVG: text without scripts or links, readable on light and dark pages. The same content gives the same text.</summary>
public abstract class Picture
{
    private protected Picture(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        Title = title;
    }

    /// <summary>What it shows.</summary>
    public string Title { get; }

    /// <summary>Pixels across.</summary>
    public int Width { get; init; } = 720;

    /// <summary>Pixels down.</summary>
    public int Height { get; init; } = 420;

    /// <summary>The text of the SVG file.</summary>
    public string ToSvg()
    {
        var svg = new SvgText();
        svg.Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{SvgText.Escape(Title)}\">");
        svg.Add($"<style>\n{PlotStyle.Sheet}\n</style>");
        svg.Add($"<rect class=\"panel\" width=\"{Width}\" height=\"{Height}\" rx=\"8\"/>");
        Draw(svg);
        svg.Add($"</svg>");
        return svg.ToString();
    }

    /// <summary>The bytes of a PNG file, for programs that know no SVG; on a light panel.</summary>
    /// <param name="scale">Pixels for each unit of the drawing, from 0.1 to 10.</param>
    public byte[] ToPng(double scale = 2)
    {
        if (!(scale is >= 0.1 and <= 10))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "A picture has from 0.1 to 10 pixels a unit.");
        return PixelDrawing.ToPng(ToSvg(), scale);
    }

    /// <summary>Writes the SVG file, whole or not at all.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(ToSvg());
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    internal abstract void Draw(SvgText svg);
}
