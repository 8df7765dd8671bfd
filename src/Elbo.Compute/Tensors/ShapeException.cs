using System.Diagnostics;
using System.Reflection;

namespace Elbo.Compute;

/// <summary>Shapes or types that do not fit an operation. The message names the operation, what it was given and the line that asked for it.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>A mistake described by <paramref name="message"/>, to which the calling line is added where debug symbols tell it.</summary>
    public ShapeException(string message) : base(message + CallSite())
    {
    }

    /// <summary>An unnamed mistake.</summary>
    public ShapeException() : this("Shapes do not fit.")
    {
    }

    /// <summary>A mistake with the exception that revealed it.</summary>
    public ShapeException(string message, Exception innerException) : base(message + CallSite(), innerException)
    {
    }

    // The first frame outside the library's assemblies is the user's line. Only paid for when something is already wrong.
    private static string CallSite()
    {
        foreach (var frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod()?.DeclaringType?.Assembly is not { } assembly || IsOfTheLibrary(assembly))
                continue;
            var file = frame.GetFileName();
            return file is null ? "" : $" (at {Path.GetFileName(file)}:{frame.GetFileLineNumber()})";
        }
        return "";
    }

    private static bool IsOfTheLibrary(Assembly assembly) =>
        assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(a => a.Key == "Elbo.Library");
}
