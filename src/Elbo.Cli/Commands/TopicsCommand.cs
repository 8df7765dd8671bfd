using System.CommandLine;
using Elbo.Cli.Output;
using Elbo.Data;
using Elbo.Texts;

namespace Elbo.Cli.Commands;

/// <summary><c>elbo topics</c>: the topics of a model of texts, with their words.</summary>
internal static class TopicsCommand
{
    private const string Description = """
        Show the topics of a model of texts, with their words.

        The share of a topic is that of the words of the fitted texts; its coherence the mean normalised pointwise mutual
        information of its ten most probable words over the fitted texts: -1 for words that are never in one text, 0 for
        independent ones, 1 for words that are only together. Words are in the order of their probability in the topic, of
        their lift, which is how much more frequent they are in it than in all texts, or of relevance, which is between.

          elbo topics news.elbo
          elbo topics news.elbo --order relevance --words 20
        """;

    public static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("MODEL") { Description = "The model, as 'elbo fit' saved it." };
        var words = OptionOf.Whole("--words", "N", 1, "Words of each topic. [default: 10]");
        var order = OptionOf.Word<WordOrder?>(
            "--order", "probability|relevance|lift", "probability, relevance or lift",
            text => text switch { "probability" => WordOrder.Probability, "relevance" => WordOrder.Relevance, "lift" => WordOrder.Lift, _ => null },
            "By what the words are put in order. [default: probability]");
        var json = OptionOf.Json("One JSON object.");
        var command = new DescribedCommand("topics", Description) { model, words, order, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(model);
            if (ModelFile.Load(path) is not TopicModelFile file)
                throw new UsageException($"{path}: the model has no topics. Fit texts with 'elbo fit texts.csv --text COLUMN --topics K'.");
            var (count, by) = (parsed.GetValue(words) ?? 10, parsed.GetValue(order) ?? WordOrder.Probability);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteLine(JsonText.Line("topics", TopicText.Json(path, file, count, by)));
                return ExitCode.Done;
            }

            foreach (var line in TopicText.Lines(file, count, by, terminal.Width, terminal.HasColour))
                terminal.Out.WriteLine(line);
            return ExitCode.Done;
        });
        return command;
    }
}
