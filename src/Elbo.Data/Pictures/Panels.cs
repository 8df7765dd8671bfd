namespace Elbo.Data.Pictures;

/// <summary>Several pictures in one, row by row.</summary>
public sealed class Panels : Picture
{
    private const int Heading = 40;

    private readonly IReadOnlyList<Picture> _pictures;
    private readonly int _columns;
    private readonly int _top;

    /// <summary>Lays out pictures.</summary>
    /// <param name="title">What they show together; may be empty.</param>
    /// <param name="columns">Pictures a row.</param>
    /// <param name="pictures">The pictures, best of one size.</param>
    public Panels(string title, int columns, params IReadOnlyList<Picture> pictures)
        : base(title)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        (_pictures, _columns, _top) = (pictures, columns, title.Length > 0 ? Heading : 0);
        var rows = (pictures.Count + columns - 1) / columns;
        Width = CellWidth * Math.Min(columns, Math.Max(1, pictures.Count));
        Height = _top + (CellHeight * rows);
    }

    private int CellWidth => _pictures.Select(p => p.Width).DefaultIfEmpty(0).Max();

    private int CellHeight => _pictures.Select(p => p.Height).DefaultIfEmpty(0).Max();

    internal override void Draw(SvgText svg)
    {
        if (_top > 0)
            svg.AddText(16, 28, Title, "title");
        for (var i = 0; i < _pictures.Count; i++)
        {
            svg.Add($"<g transform=\"translate({i % _columns * CellWidth} {_top + (i / _columns * CellHeight)})\">");
            _pictures[i].Draw(svg);
            svg.Add($"</g>");
        }
    }
}
