using Elbo.Examples.Objectives;

const string Usage = """
    What losses make of models, shown where the truth is known.

      objectives NAME... [--out FOLDER]     by default to docs
      objectives --list

    comparison   maximum likelihood, the ELBO and an adversarial loss on the same two-dimensional data: a page and its picture
    weights      what the simple loss of diffusion models weighs beside the bound: a picture
    """;

var examples = new Dictionary<string, Action<string>> { ["comparison"] = Comparison.Write, ["weights"] = Weights.Write };

if (args is ["--list"])
{
    Console.WriteLine(string.Join(Environment.NewLine, examples.Keys));
    return 0;
}
var folder = args is [.., "--out", var named] ? named : "docs";
string[] names = args is [.. var first, "--out", _] ? first : args;
if (names.Length == 0 || names.Any(n => !examples.ContainsKey(n)))
{
    Console.Error.WriteLine(Usage);
    return 2;
}
Directory.CreateDirectory(folder);
foreach (var name in names)
    examples[name](folder);
return 0;
