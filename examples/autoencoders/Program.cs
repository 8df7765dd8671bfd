using Elbo.Examples.Autoencoders;

const string Usage = """
    What goes wrong with autoencoders, shown where the truth is known. Each writes a paragraph and a picture.

      autoencoders NAME... [--out FOLDER]     by default to docs/autoencoders
      autoencoders --list
    """;

var examples = new Dictionary<string, Func<Page>>
{
    ["collapse"] = Collapse.Run,
    ["good-bound-bad-samples"] = GoodBoundBadSamples.Run,
    ["support-mismatch"] = SupportMismatch.Run,
    ["amortisation-bias"] = AmortisationBias.Run,
};

if (args is ["--list"])
{
    Console.WriteLine(string.Join(Environment.NewLine, examples.Keys));
    return 0;
}
var folder = args is [.., "--out", var named] ? named : Path.Combine("docs", "autoencoders");
string[] names = args is [.. var first, "--out", _] ? first : args;
if (names.Length == 0 || names.Any(n => !examples.ContainsKey(n)))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
foreach (var name in names)
    examples[name]().Write(folder, name);
return 0;
