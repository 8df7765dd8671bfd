using Elbo.Tables;

namespace Elbo.Data.Tests;

public sealed class RealFileTests
{
    [SharedDataFact]
    public void Penguins() => Expect("tabular/penguins.csv", 344, """
        species category, island category, bill_length_mm real, bill_depth_mm real, flipper_length_mm real, body_mass_g real,
        sex binary, year real
        """);

    [SharedDataFact]
    public void Penguins_raw() => Expect("tabular/penguins_raw.csv", 344, """
        studyName category, Sample Number count, Species category, Region out, Island category, Stage out, Individual ID out,
        Clutch Completion binary, Date Egg date, Culmen Length (mm) real, Culmen Depth (mm) real, Flipper Length (mm) real,
        Body Mass (g) real, Sex binary, Delta 15 N (o/oo) real, Delta 13 C (o/oo) real, Comments category
        """);

    [SharedDataFact]
    public void Titanic() => Expect("tabular/titanic.csv", 891, """
        survived binary, pclass category, sex binary, age real, sibsp count, parch count, fare real, embarked category,
        class category, who category, adult_male binary, deck category, embark_town category, alive binary, alone binary
        """);

    [SharedDataFact]
    public void Adult() => Expect("tabular/adult-train.csv.gz", 32561, """
        column1 real, column2 category, column3 real, column4 category, column5 real, column6 category, column7 category,
        column8 category, column9 category, column10 binary, column11 count, column12 count, column13 count, column14 category,
        column15 binary
        """);

    [SharedDataFact]
    public void Credit() => Expect("tabular/Rdatasets_modeldata_credit_data.csv.gz", 4454, """
        rownames out, Status binary, Seniority count, Home category, Time real, Age real, Marital category, Records binary,
        Job category, Expenses positive, Income positive, Assets count, Debt count, Amount real, Price positive
        """);

    [SharedDataFact]
    public void Ames()
    {
        var result = TableReader.Read(SharedData.Path("tabular/Rdatasets_openintro_ames.csv.gz"));

        Assert.Equal((2930, 80), (result.Table.RowCount, result.Table.Columns.Count));
        Assert.Equal(["rownames", "Order", "PID"], result.Schema.LeftOut);
        Assert.Contains("None", result.Table.Column("Mas.Vnr.Type").Levels);
        Assert.Equal(["Grvl", "Pave"], result.Table.Column("Alley").Levels);
        Assert.Contains("WD", result.Table.Column("Sale.Type").Levels);
        Assert.Equal(ColumnKind.Positive, result.Table.Column("price").Kind);
        Assert.Equal(ColumnKind.Real, result.Table.Column("Year.Built").Kind);
    }

    [SharedDataFact]
    public void Banknotes() => Expect("uci_other/banknote_authentication.csv", 1372, "column1 real, column2 real, column3 real, column4 real, column5 binary");

    [SharedDataFact]
    public void Yeast() => Expect("uci_other/yeast.data", 1484, """
        column1 real, column2 real, column3 real, column4 real, column5 binary, column6 real, column7 real, column8 real, column9 category
        """);

    [SharedDataFact]
    public void Breast_cancer_cells_with_real_holes()
    {
        var result = TableReader.Read(SharedData.Path("uci_other/breast-cancer-wisconsin.data"));

        Assert.Equal(["column1"], result.Schema.LeftOut);
        Assert.Equal(16, result.Columns.Single(c => c.Name == "column7").MissingCount);
        Assert.Equal(["2", "4"], result.Table.Column("column11").Levels);
    }

    [SharedDataFact]
    public void Breast_cancer_measurements_without_their_identifier()
    {
        var result = TableReader.Read(SharedData.Path("uci_other/wdbc.data"));

        Assert.Equal(["column1"], result.Schema.LeftOut);
        Assert.Equal(["B", "M"], result.Table.Column("column2").Levels);
        Assert.All(result.Table.Columns.Skip(1), c => Assert.True(c.Kind is ColumnKind.Real or ColumnKind.Positive));
        Assert.Equal(17.99, result.Table.Values("column3")[0]);
    }

    [SharedDataFact]
    public void Every_table_is_read_copied_and_read_again_the_same()
    {
        using var folder = new TemporaryFolder();
        var files = new[] { "tabular", "uci_other" }
            .SelectMany(f => Directory.EnumerateFiles(SharedData.Path(f)))
            .Where(f => f.EndsWith(".csv", StringComparison.Ordinal) || f.EndsWith(".csv.gz", StringComparison.Ordinal) || f.EndsWith(".data", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(files);

        foreach (var file in files)
        {
            var first = TableReader.Read(file);
            SchemaReadingTests.AssertSame(first.Table, TableReader.Read(file, first.Schema).Table);

            TableRewriter.Rewrite(file, first.Schema, folder["copy.csv"], (_, _) => null);
            SchemaReadingTests.AssertSame(first.Table, TableReader.Read(folder["copy.csv"], first.Schema).Table);
            if (!file.EndsWith(".gz", StringComparison.Ordinal))
                Assert.Equal(WithLastLineEnded(File.ReadAllBytes(file)), WithLastLineEnded(File.ReadAllBytes(folder["copy.csv"])));

            if (first.Schema.Format.HasHeader)
            {
                TableWriter.Write(folder["table.csv.gz"], first.Table, first.Schema);
                SchemaReadingTests.AssertSame(first.Table, TableReader.Read(folder["table.csv.gz"], first.Schema).Table);
            }
        }
    }

    private static byte[] WithLastLineEnded(byte[] bytes) => [.. bytes.AsSpan().TrimEnd("\r\n"u8), (byte)'\n'];

    private static void Expect(string file, int rows, string kinds)
    {
        var result = TableReader.Read(SharedData.Path(file));

        Assert.Equal(rows, result.Table.RowCount);
        var expected = string.Join(", ", kinds.Split(',', StringSplitOptions.TrimEntries));
        Assert.Equal(expected, string.Join(", ", result.Columns.Select(c => $"{c.Name} {(c.LeftOut is null ? ColumnRequest.NameOf(c.Kind) : "out")}")));
        Assert.All(result.Columns, c => Assert.NotEmpty(c.Why));
    }
}
