using Elbo.Images;

namespace Elbo.Data;

/// <summary>Images read from a file or a folder, and what was found out on the way.</summary>
/// <param name="Images">The images.</param>
/// <param name="Format">What the file is, such as IDX.</param>
/// <param name="Notices">Sentences a user should see: what was rounded, guessed or left out.</param>
public sealed record ImageReadResult(ImageSet Images, string Format, IReadOnlyList<string> Notices)
{
    /// <summary>The names of the images, where each has a file of its own; otherwise null.</summary>
    public IReadOnlyList<string>? Names { get; init; }
}
