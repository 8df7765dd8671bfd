using System.Globalization;
using System.Text;
using Elbo.Recording;

namespace Elbo.Data;

/// <summary>Writes tables that fits make.</summary>
internal static class TableCsv
{
    public static void Write(string path, TableMade table)
    {
        var text = new StringBuilder();
        Line(table.Columns.Select(c => c.Name));
        for (var row = 0; row < table.Rows; row++)
            Line(table.Columns.Select(c => c.Numbers is { } numbers ? Text(numbers[row]) : c.Words![row] ?? ""));
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())), isDurable: false);

        void Line(IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(c => FieldText.Encode(c, ','))).Append('\n');
    }

    // Whole numbers as they are; of others what a 32-bit number knows.
    private static string Text(double value) => double.IsNaN(value) ? ""
        : value == Math.Floor(value) && Math.Abs(value) < 1e15 ? value.ToString("F0", CultureInfo.InvariantCulture)
        : value.ToString("G7", CultureInfo.InvariantCulture);
}
