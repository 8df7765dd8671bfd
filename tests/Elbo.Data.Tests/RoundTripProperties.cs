using System.Globalization;
using System.Text;
using Elbo.Tables;
using FsCheck;
using FsCheck.Fluent;

namespace Elbo.Data.Tests;

/// <summary>Random tables with nasty texts come back as they were.</summary>
public sealed class RoundTripProperties : IDisposable
{
    private static readonly string[] Pieces =
        ["a", "B", "z", " ", ",", ";", "\t", "|", "\"", "\"\"", "\n", "\r\n", "'", "é", "漢", "😀", "1", ".", "-", "#", "=", "\\", "\u00A0", "\uFEFF"];

    private static readonly Gen<string> Text =
        from first in Gen.Elements("a", "B", "\"", ",", "é", "漢", "😀", "\n", "1", " x")
        from rest in Gen.ListOf(Gen.Elements(Pieces))
        select first + string.Concat(rest);

    // What is missing however it is quoted cannot be a level.
    private static readonly Gen<string> Level = Text.Where(t =>
        t.Trim(' ', '\t').Length > 0 && !TableFormat.DefaultMissingTokens.Contains(t.Trim(' ', '\t')) && !double.TryParse(t, CultureInfo.InvariantCulture, out _));

    private static readonly Gen<double> Real =
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_table_that_is_written_reads_back_the_same() =>
        Prop.ForAll(Arb.From(Tables(minColumns: 1)), table =>
        {
            foreach (var name in new[] { "t.csv", "t.tsv", "t.csv.gz" })
            {
                TableWriter.Write(_folder[name], table);
                SchemaReadingTests.AssertSame(table, TableReader.Read(_folder[name], TableSchema.Of(table)).Table);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void A_copy_without_filling_is_the_same_bytes() =>
        Prop.ForAll(Arb.From(RawFiles()), file =>
        {
            var input = _folder.Write("in.csv", file.Content);
            TableRewriter.Rewrite(input, file.Schema, _folder["out.csv"], (_, _) => null);
            Assert.Equal(file.Content, File.ReadAllText(_folder["out.csv"]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Filling_changes_the_holes_and_nothing_else() =>
        Prop.ForAll(Arb.From(RawFiles()), Arb.From(Level), (file, fill) =>
        {
            var input = _folder.Write("in.csv", file.Content);
            var filled = new List<(int Row, int Column)>();
            TableRewriter.Rewrite(input, file.Schema, _folder["out.csv"], (row, column) =>
            {
                filled.Add((row, column));
                return fill;
            });

            Assert.Equal(file.Holes, filled);
            var trimmed = fill;
            var expected = file.Cells.Select((row, r) => row.Select((cell, c) => filled.Contains((r, c)) ? trimmed : cell).ToArray()).ToList();
            Assert.Equal(expected, Parse(File.ReadAllText(_folder["out.csv"])));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Numbers_read_as_dotnet_reads_them() =>
        Prop.ForAll(Arb.From(Gen.NonEmptyListOf(Real)), numbers =>
        {
            var lines = numbers.SelectMany(n => new[] { n.ToString("R", CultureInfo.InvariantCulture), n.ToString("E5", CultureInfo.InvariantCulture), n.ToString("F3", CultureInfo.InvariantCulture) }).ToList();
            var path = _folder.Write("n.csv", "x\n" + string.Join('\n', lines) + "\n");
            var schema = new TableSchema(TableFormat.Default, [new ColumnSchema(new Column("x", ColumnKind.Real))], []);

            Assert.Equal(lines.Select(l => double.Parse(l, CultureInfo.InvariantCulture)), TableReader.Read(path, schema).Table.Values("x").ToArray());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static Gen<Table> Tables(int minColumns) =>
        from rows in Gen.Choose(1, 12)
        from count in Gen.Choose(minColumns, 5)
        from columns in Gen.CollectToArray(Enumerable.Range(0, count).Select(i => ColumnOf(i, rows)))
        select new Table([.. columns.Select(c => c.Column)], [.. columns.Select(c => (ReadOnlyMemory<double>)c.Values)]);

    private static Gen<(Column Column, double[] Values)> ColumnOf(int index, int rows) =>
        from name in Text.Select(t => $"{t.Trim()}{index}")
        from kind in Gen.Elements(ColumnKind.Real, ColumnKind.Positive, ColumnKind.Count, ColumnKind.Category, ColumnKind.Ordinal, ColumnKind.Date)
        from levels in Gen.NonEmptyListOf(Level).Select(l => l.Distinct(StringComparer.Ordinal).ToArray())
        from values in Gen.ArrayOf(ValueOf(kind, levels.Length), rows)
        select (kind is ColumnKind.Category or ColumnKind.Ordinal ? new Column(name, kind, levels) : new Column(name, kind), values);

    private static Gen<double> ValueOf(ColumnKind kind, int levels)
    {
        var observed = kind switch
        {
            ColumnKind.Positive => Real.Select(Math.Abs).Where(v => v > 0),
            ColumnKind.Count => Gen.Choose(0, int.MaxValue).Select(i => (double)i),
            ColumnKind.Category or ColumnKind.Ordinal => Gen.Choose(0, levels - 1).Select(i => (double)i),
            ColumnKind.Date => Gen.Choose(-20000, 40000).Select(i => (double)i),
            _ => Real,
        };
        return Gen.Frequency((4, observed), (1, Gen.Constant(double.NaN)));
    }

    /// <summary>Files of quoted and unquoted cells with holes, and what they hold.</summary>
    private static Gen<RawFile> RawFiles() =>
        from columns in Gen.Choose(2, 4)
        from rows in Gen.Choose(1, 8)
        from newline in Gen.Elements("\n", "\r\n")
        from cells in Gen.ArrayOf(Gen.ArrayOf(RawCell(), columns), rows)
        select RawFile.Of(cells, newline);

    private static Gen<(string Raw, string Text, bool IsHole)> RawCell() => Gen.Frequency(
        (4, Level.Select(t => (Quote(t), t, false))),
        (2, Gen.Elements("x", "y", "12", "None", "0.50").Select(t => (t, t, false))),
        (1, Gen.Elements("x", "y").Select(t => ($"  {t} ", t, false))),
        (2, Gen.Elements("", "NA", "?", "\"\"", "\"NA\"").Select(t => (t, t.Trim('"'), true))));

    private static string Quote(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A parser of its own, simple enough to be seen to be right.</summary>
    private static List<string[]> Parse(string content)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        var wasQuoted = false;
        for (var i = 0; i < content.Length; i++)
        {
            var c = content[i];
            if (quoted && c == '"' && i + 1 < content.Length && content[i + 1] == '"')
                cell.Append(content[i++]);
            else if (c == '"')
                (quoted, wasQuoted) = (!quoted, true);
            else if (!quoted && c is ',' or '\n' && !quoted)
            {
                row.Add(wasQuoted ? cell.ToString() : cell.ToString().Trim(' ', '\t', '\r'));
                cell.Clear();
                wasQuoted = false;
                if (c == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else if (!(wasQuoted && !quoted))
                cell.Append(c);
        }

        return [.. rows.Skip(1)];
    }

    private sealed record RawFile(string Content, TableSchema Schema, List<string[]> Cells, List<(int Row, int Column)> Holes)
    {
        public static RawFile Of((string Raw, string Text, bool IsHole)[][] cells, string newline)
        {
            var names = cells[0].Select((_, i) => $"column {i}").ToArray();
            var lines = cells.Select(row => string.Join(',', row.Select(c => c.Raw))).Prepend(string.Join(',', names));
            var holes = cells.SelectMany((row, r) => row.Index().Where(c => c.Item.IsHole).Select(c => (r, c.Index))).ToList();
            var schema = new TableSchema(
                TableFormat.Default, [.. names.Select(n => new ColumnSchema(new Column(n, ColumnKind.Category, ["x", "y"])))], []);
            return new RawFile(
                string.Concat(lines.Select(l => l + newline)), schema, [.. cells.Select(row => row.Select(c => c.Text).ToArray())], holes);
        }
    }
}
