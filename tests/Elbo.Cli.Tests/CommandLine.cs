using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Elbo.Cli.Output;

namespace Elbo.Cli.Tests;

/// <summary>What a command returned and wrote.</summary>
internal sealed record Outcome(int Code, string Out, string Error)
{
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public JsonObject[] Events => [.. Lines.Select(l => JsonNode.Parse(l)!.AsObject())];

    public Outcome Succeeds()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        return this;
    }

    public Outcome Fails(params string[] words)
    {
        Assert.Equal(2, Code);
        Assert.StartsWith("elbo: ", Error);
        Assert.DoesNotContain("   at ", Error);
        foreach (var word in words)
            Assert.Contains(word, Error);
        return this;
    }
}

/// <summary>A folder of its own in which commands are run without a process. In arguments, ~/ stands for the folder.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("elbo-cli-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Wide enough that sentences are not broken.</summary>
    public int Width { get; set; } = 400;

    public bool IsInteractive { get; set; }

    public bool HasColour { get; set; }

    /// <summary>All files, hidden ones too.</summary>
    public IReadOnlyList<string> Files => [.. _folder.GetFiles("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Select(f => f.Name).Order(StringComparer.Ordinal)];

    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public string Read(string name) => File.ReadAllText(this[name]);

    public byte[] ReadEntry(string archive, string entry)
    {
        using var zip = ZipFile.OpenRead(this[archive]);
        using var stream = zip.GetEntry(entry)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    public Outcome Run(params string[] args) => RunInterruptedAt(null, args);

    /// <summary>Runs a command that is interrupted when it writes this text.</summary>
    public Outcome RunInterruptedAt(string? interruptAt, params string[] args)
    {
        using var bytes = new MemoryStream();
        using var output = new WatchedWriter(bytes, interruptAt);
        using var error = new StringWriter();
        using var terminal = new Terminal(bytes, output, error) { Width = Width, IsInteractive = IsInteractive, HasColour = HasColour };
        output.OnMatch = terminal.Interrupt;
        var code = Program.Run([.. args.Select(a => a.Replace("~/", _folder.FullName + Path.DirectorySeparatorChar, StringComparison.Ordinal))], terminal);
        output.Flush();
        return new(code, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class WatchedWriter(Stream stream, string? text) : StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true)
    {
        public Action OnMatch { get; set; } = () => { };

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (text is not null && value?.Contains(text, StringComparison.Ordinal) == true)
                OnMatch();
        }
    }
}
