using Elbo.Conjugate;
using Elbo.Texts;

namespace Elbo.Data.Tests;

public sealed class DocumentReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Documents Read(string path, string? text = "text", string? label = null) => DocumentReader.Read(path, new() { TextColumn = text, LabelColumn = label });

    [Fact]
    public void A_column_is_read_with_its_labels_quotes_and_line_ends()
    {
        var path = _folder.Write("t.csv", "id,text,class\n1,\"one, \"\"two\"\"\nthree\",a\n2,four,\n3,,NA\n");
        var read = Read(path, label: "class");
        Assert.Equal(["one, \"two\"\nthree", "four", ""], read.Texts);
        Assert.Equal(["a", null, null], read.Labels);
        Assert.Contains("1 of 3 texts are empty", Assert.Single(read.Notices), StringComparison.Ordinal);
        Assert.Equal(read.Texts, Read(_folder.Write("t.csv.gz", TemporaryFolder.Gzip("id,text,class\n1,\"one, \"\"two\"\"\nthree\",a\n2,four,\n3,,NA\n"))).Texts);
    }

    [Fact]
    public void A_file_without_a_header_names_its_columns_and_one_whose_first_line_has_the_name_has_a_header()
    {
        var path = _folder.Write("t.tsv", "one two\ta\nthree\ta\nfour five\tb\n");
        Assert.Equal(["one two", "three", "four five"], Read(path, "column1").Texts);
        // The name of the column comes again below it, so that no header would be guessed.
        Assert.Equal(["a text", "text"], Read(_folder.Write("h.csv", "text,n\na text,x\ntext,x\n"), "text").Texts);
    }

    [Fact]
    public void The_texts_of_a_folder_come_in_the_order_of_their_names()
    {
        Directory.CreateDirectory(_folder["f"]);
        File.WriteAllText(_folder["f/b.txt"], "second");
        File.WriteAllText(_folder["f/a.txt"], "first");
        File.WriteAllText(_folder["f/c.md"], "none");
        var read = Read(_folder["f"], null);
        Assert.Equal(["first", "second"], read.Texts);
        Assert.Equal(["a.txt", "b.txt"], read.Names);
        Assert.True(DocumentReader.IsFolder(_folder["f"]));
        File.WriteAllBytes(_folder["f/bad.txt"], [0xC3, 0x28]);
        Assert.Contains("is not text in UTF-8", Assert.Throws<DataException>(() => Read(_folder["f"], null)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder["f/bad.txt"], [0x41, 0x00]);
        Assert.Contains("holds a zero byte", Assert.Throws<DataException>(() => Read(_folder["f"], null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_named_with_a_remedy()
    {
        var path = _folder.Write("t.csv", "text,label\na,b\nc,d\n");
        Assert.Contains("there is no column 'txt'. Did you mean 'text'?", Assert.Throws<DataException>(() => Read(path, "txt")).Message, StringComparison.Ordinal);
        Assert.Contains("--text COLUMN", Assert.Throws<DataException>(() => Read(path, null)).Message, StringComparison.Ordinal);
        Assert.Contains("both the text and its label", Assert.Throws<DataException>(() => Read(path, label: "text")).Message, StringComparison.Ordinal);
        Assert.Contains("no row below it", Assert.Throws<DataException>(() => Read(_folder.Write("e.csv", "text,label\n"))).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("no files that end in .txt", Assert.Throws<DataException>(() => Read(_folder["empty"], null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_topics_comes_back_from_its_file_to_the_same_bits()
    {
        string[] texts = ["ball game team", "game ball ball", "tax vote law", "vote law tax tax", "team game", "law vote"];
        var vocabulary = Vocabulary.Of(texts, new() { Tokeniser = Tokeniser.Words with { StopWords = ["the"] } });
        var model = new LatentDirichletAllocation(2) { LearnsConcentrations = true }.Fit(vocabulary.CountsOf(texts), vocabulary);
        var file = new TopicModelFile(model, [0.5, double.NaN], "text", 6, TextModelFile.FingerprintOf(texts), 7, 1.5);
        file.Save(_folder["m.elbo"]);
        var read = Assert.IsType<TopicModelFile>(ModelFile.Load(_folder["m.elbo"]));
        Assert.Equal(model.WordWeights.ToArray(), read.Model.WordWeights.ToArray());
        Assert.Equal(model.WordTotals.ToArray(), read.Model.WordTotals.ToArray());
        Assert.Equal(model.EvidenceQuantiles, read.Model.EvidenceQuantiles);
        Assert.Equal((model.WordConcentration, vocabulary.Tokeniser, 0.5, "text", 7ul, model.Starts[0].Bound), (read.Model.WordConcentration, read.Model.Vocabulary.Tokeniser, read.Coherence[0], read.TextColumn, read.Seed, read.Bound));
        Assert.True(double.IsNaN(read.Coherence[1]));
        var counts = read.Model.Vocabulary.CountsOf(["the game of law"]);
        Assert.Equal(model.Infer(counts).Bounds, read.Model.Infer(counts).Bounds);
        read.Save(_folder["again.elbo"]);
        Assert.Equal(File.ReadAllBytes(_folder["m.elbo"]), File.ReadAllBytes(_folder["again.elbo"]));
        Assert.NotEqual(file.Fingerprint, TextModelFile.FingerprintOf(texts[1..]));
    }

    [Fact]
    public void A_classifier_of_texts_comes_back_from_its_file_to_the_same_bits()
    {
        string[] texts = ["ball game team", "game ball ball", "tax vote law", "vote law tax tax", "team game", "law vote"];
        var model = TextClassifier.Fit(texts, ["x", "x", "y", "y", null, null], new() { Folds = 2 });
        new TextClassifierFile(model, "class", "text", 6, 4, "f", 3, 2).Save(_folder["c.elbo"]);
        var read = Assert.IsType<TextClassifierFile>(ModelFile.Load(_folder["c.elbo"]));
        Assert.Equal(("class", "text", 6, 4, 3ul, model.UnlabelledWeight, model.Calibration), (read.LabelColumn, read.TextColumn, read.Documents, read.Labelled, read.Seed, read.Model.UnlabelledWeight, read.Model.Calibration));
        Assert.Equal(model.Hidden, read.Model.Hidden);
        Assert.Equal(model.Classify(["game law", "zzz"]).Logarithms(0), read.Model.Classify(["game law", "zzz"]).Logarithms(0));
        Assert.Equal(model.TokenLogarithms(1).ToArray(), read.Model.TokenLogarithms(1).ToArray());
    }
}
