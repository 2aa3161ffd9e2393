using System.CommandLine;
using AutoDiffCnn.Site;

namespace AutoDiffCnn.Cli;

/// <summary>The subcommand <c>docs</c>: the documentation as pages.</summary>
internal static class DocsCommand
{
    public static Command Create() => new("docs", "The documentation as pages.") { BuildCommand() };

    private static Command BuildCommand()
    {
        var folder = new Option<string>("--out")
        {
            Description = "The folder to write, in the place of pages that were there.",
            DefaultValueFactory = _ => "site",
        };
        var command = new Command("build", "Makes pages of README.md, docs and notebooks of the folder in which it is run.") { folder };
        command.SetAction(parsed =>
        {
            try
            {
                var path = parsed.GetRequiredValue(folder);
                Console.WriteLine($"{Builder.Write(Environment.CurrentDirectory, path)} pages in {path}");
                return 0;
            }
            catch (Exception trouble) when (trouble is SiteError or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(trouble.Message);
                return 1;
            }
        });
        return command;
    }
}
