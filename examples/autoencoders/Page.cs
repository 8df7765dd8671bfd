using Elbo.Data.Pictures;

namespace Elbo.Examples.Autoencoders;

/// <summary>What an example shows.</summary>
/// <param name="Title">As a heading.</param>
/// <param name="Text">Markdown, with figures of the run.</param>
/// <param name="Picture">Beside it.</param>
internal sealed record Page(string Title, string Text, Picture Picture)
{
    /// <summary>Writes the page and its picture, and tells on the console.</summary>
    public void Write(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        Picture.Save(Path.Combine(folder, $"{name}.svg"));
        File.WriteAllText(Path.Combine(folder, $"{name}.md"), $"""
            # {Title}

            ![{Picture.Title}]({name}.svg)

            {Text.Trim()}

            Written by `dotnet run -c Release --project examples/autoencoders -- {name}`.

            """);
        Console.WriteLine(Text.Trim());
    }
}
