namespace Elbo.Cli.Tests;

/// <summary>Texts from the command line.</summary>
public sealed class TextTests : IDisposable
{
    private static readonly string[][] Subjects = [["ball", "game", "team", "goal", "coach"], ["tax", "vote", "law", "party", "minister"]];

    private readonly CommandLine _line = new();

    public TextTests()
    {
        var texts = Enumerable.Range(0, 80).Select(i => $"{i},\"{string.Join(' ', Enumerable.Range(0, 12).Select(j => Subjects[i % 2][(i * 7 + j * j) % 5]))}, the end\",{(i < 20 ? Subjects[i % 2][0] : "")}\n");
        _line.Write("news.csv", "number,story,section\n" + string.Concat(texts));
    }

    public void Dispose() => _line.Dispose();

    private void Fit() => _line.Run("fit", "~/news.csv", "--text", "story", "--topics", "2", "-o", "~/news.elbo").Succeeds();

    [Fact]
    public void Topics_are_found_shown_and_read_in_new_texts()
    {
        var fit = _line.Run("fit", "~/news.csv", "--text", "story", "--topics", "2", "-o", "~/news.elbo").Succeeds();
        Assert.Contains("80 texts", fit.Out);
        // What is in all texts is left out.
        Assert.Contains("of 10 different ones", fit.Out);
        Assert.Contains("nats a word", fit.Out);
        var topics = _line.Run("topics", "~/news.elbo", "--words", "5", "--json").Succeeds().Events[0]["topics"]!.AsArray();
        Assert.Equal(Subjects.Select(s => string.Join(' ', s.Order())).Order(), topics.Select(t => string.Join(' ', t!["words"]!.AsArray().Select(w => (string)w!["word"]!).Order())).Order());
        Assert.Contains("coherence", _line.Run("topics", "~/news.elbo", "--order", "lift").Succeeds().Out);
        Assert.Contains("latent Dirichlet allocation", _line.Run("info", "~/news.elbo").Succeeds().Out);
        _line.Write("new.csv", "story\nball ball game goal\nlaw vote vote hovercraft\n");
        var encoded = _line.Run("encode", "~/new.csv", "-m", "~/news.elbo").Succeeds();
        Assert.Contains("12.5 % of the words are not in the vocabulary", encoded.Error);
        Assert.Equal("topic1,topic2,topic1_sd,topic2_sd,words,unknown", encoded.Lines[0].Trim());
        var (ball, law) = (double.Parse(encoded.Lines[1].Split(',')[0]), double.Parse(encoded.Lines[2].Split(',')[0]));
        Assert.True(Math.Abs(ball - law) > 0.5);
        var scores = _line.Run("score", "~/new.csv", "-m", "~/news.elbo", "--flag", "0.05").Succeeds();
        Assert.StartsWith("row,evidence,quantile,unusual,unusual_word,surprise,words,unknown", scores.Out);
        Assert.Contains("count as unusual", scores.Error);
        var evaluated = _line.Run("evaluate", "~/news.csv", "-m", "~/news.elbo", "--json").Succeeds().Events[0];
        Assert.Equal(Math.Exp(-(double)evaluated["perWordBound"]!), (double)evaluated["perplexity"]!, 1e-9);
    }

    [Fact]
    public void A_few_labels_route_texts_and_the_unsure_are_left()
    {
        var fit = _line.Run("fit", "~/news.csv", "--text", "story", "--label", "section", "-o", "~/r.elbo", "--json").Succeeds().Events[0];
        Assert.Equal((80, 20, 2), ((int)fit["texts"]!, (int)fit["labelled"]!, (int)fit["classes"]!));
        _line.Write("new.csv", "story,section\ngoal coach ball,ball\nminister party,tax\nhovercraft,\n");
        var classes = _line.Run("classify", "~/new.csv", "-m", "~/r.elbo", "--abstain-below", "0.7").Succeeds();
        Assert.Equal(["ball", "tax", ""], classes.Lines[1..].Select(l => l.Split(',')[1]));
        Assert.Contains("Of 2 rows whose label is known, 100.0 % were found", classes.Error);
        Assert.Contains("classifier of texts", _line.Run("info", "~/r.elbo").Succeeds().Out);
        Assert.Contains("20 of them labelled", _line.Run("fit", "~/news.csv", "--text", "story", "--label", "section", "-o", "~/r.elbo").Succeeds().Out);
        _line.Run("topics", "~/r.elbo").Fails("the model has no topics");
        _line.Run("encode", "~/new.csv", "-m", "~/r.elbo").Fails("is not a model of a table");
        _line.Run("classify", "~/new.csv", "-m", "~/r.elbo", "--samples", "3").Fails("a classifier of texts has none");
        _line.Run("fit", "~/news.csv", "--text", "story", "--label", "section", "--topics", "3").Fails("--topics is for topics");
        _line.Run("fit", "~/news.csv", "--text", "story", "--label", "sektion").Fails("there is no column 'sektion'. Did you mean 'section'?");
    }

    [Fact]
    public void The_same_seed_gives_the_same_file_but_for_the_time_and_a_folder_needs_no_column()
    {
        Directory.CreateDirectory(_line["texts"]);
        for (var i = 0; i < 30; i++)
            File.WriteAllText(_line[$"texts/{i:00}.txt"], string.Join(' ', Enumerable.Range(0, 6).Select(j => Subjects[i % 2][(i + j * j) % 5])));
        _line.Run("fit", "~/texts", "--topics", "2", "--max-share", "1", "-o", "~/a.elbo", "--quiet").Succeeds();
        _line.Run("fit", "~/texts", "--topics", "2", "--max-share", "1", "-o", "~/b.elbo", "--quiet").Succeeds();
        Assert.Equal(_line.ReadEntry("a.elbo", "weights.safetensors"), _line.ReadEntry("b.elbo", "weights.safetensors"));
        Assert.StartsWith("text,topic1", _line.Run("encode", "~/texts", "-m", "~/a.elbo").Succeeds().Out);
        Assert.Contains("00.txt", _line.Run("score", "~/texts", "-m", "~/a.elbo").Succeeds().Out);
        _line.Run("encode", "~/news.csv", "-m", "~/a.elbo").Fails("a folder of texts, so give it one");
    }

    [Theory]
    [InlineData("fit ~/news.csv --text storey", "there is no column 'storey'. Did you mean 'story'?")]
    [InlineData("fit ~/news.csv --topics 3", "--topics is for texts. Name the column that holds them with --text COLUMN")]
    [InlineData("fit ~/news.csv --text story --hidden 8", "--hidden is not for texts")]
    [InlineData("fit ~/news.csv --text story --topics 1", "--topics is '1', but must be a whole number from 2 up")]
    [InlineData("fit ~/news.csv --text story --min-texts 500", "none is left")]
    [InlineData("fit ~/news.csv --text story --stop-words ~/nothere.txt", "nothere.txt: cannot be read")]
    [InlineData("topics ~/news.csv", "is not a model")]
    [InlineData("impute ~/news.csv -m ~/news.elbo", "this is a model of texts")]
    [InlineData("sample -m ~/news.elbo -n 3", "is not a model of a table")]
    [InlineData("reconstruct ~/news.csv -m ~/news.elbo -o ~/x.png", "this is a model of texts")]
    [InlineData("traverse -m ~/news.elbo -o ~/x.png", "this is a model of texts")]
    [InlineData("diagnose ~/news.csv -m ~/news.elbo", "is not a model of a table")]
    [InlineData("evaluate ~/other.csv -m ~/news.elbo", "no text has a word that")]
    [InlineData("score ~/news.csv -m ~/news.elbo --flag 2", "--flag is '2'")]
    public void Mistakes_are_named_with_a_remedy(string command, string message)
    {
        Fit();
        _line.Write("other.csv", "story\nnothing known\n");
        var before = File.ReadAllBytes(_line["news.elbo"]);
        _line.Run(command.Split(' ')).Fails(message);
        Assert.Equal(before, File.ReadAllBytes(_line["news.elbo"]));
    }
}
