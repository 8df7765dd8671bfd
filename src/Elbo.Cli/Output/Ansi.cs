namespace Elbo.Cli.Output;

/// <summary>Emphasis for terminals that take it.</summary>
internal static class Ansi
{
    public const string ShowCursor = "\e[?25h";

    public static string Bold(string text, bool on = true) => Code("1", text, on);

    public static string Dim(string text, bool on = true) => Code("2", text, on);

    public static string Red(string text, bool on = true) => Code("31", text, on);

    public static string Green(string text, bool on = true) => Code("32", text, on);

    public static string Yellow(string text, bool on = true) => Code("33", text, on);

    private static string Code(string code, string text, bool on) => on && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
