using System.Collections.Immutable;
using System.CommandLine;
using Spectre.Console;

namespace AutoDiffCnn.Cli;

/// <summary>The subcommand <c>check</c>: gradients attacked from the command line.</summary>
internal static class CheckCommand
{
    /// <summary>All that can be named: each op, random graphs, and the laws.</summary>
    private static readonly ImmutableArray<Subject> Known =
        [.. OpTable.Rows.Select(Subject.Of), Subject.Graphs(OpTable.Rows), .. Laws.All];

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "An op, 'graphs', a law, or 'all'." };
        name.Validators.Add(result =>
        {
            if (Named(result.Tokens[0].Value).IsEmpty)
            {
                result.AddError($"There is nothing called '{result.Tokens[0].Value}' to check; there are all, "
                    + $"{string.Join(", ", Known.Select(subject => subject.Name))}.");
            }
        });
        var cases = Arguments.Number("--cases", 100, "At most so many cases for each.");
        var seconds = Arguments.Number("--seconds", int.MaxValue, "At most so long for each.");
        var seed = Arguments.Number("--seed", 1, "The first case's seed.");
        var command = new Command("check", "Attacks gradients with random cases.") { name, cases, seconds, seed };
        command.SetAction(parsed =>
        {
            var budget = new Budget(parsed.GetValue(cases), parsed.GetValue(seconds), parsed.GetValue(seed));
            return Run(Named(parsed.GetRequiredValue(name)), budget);
        });
        return command;
    }

    private static ImmutableArray<Subject> Named(string name) =>
        name == "all" ? Known : [.. Known.Where(subject => subject.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];

    /// <summary>Writes a table if there is one subject, otherwise a line for each, and what fell.</summary>
    private static int Run(ImmutableArray<Subject> subjects, Budget budget)
    {
        var reports = Console.IsErrorRedirected
            ? [.. subjects.Select(subject => GradKit.Attack(subject, budget))]
            : Shown(subjects, budget);
        foreach (var report in reports)
        {
            Console.WriteLine(reports.Length == 1 || !report.Holds ? $"{report}" : report.Title);
        }

        return reports.All(report => report.Holds) ? 0 : 1;
    }

    /// <summary>The same, with a bar for each on the terminal.</summary>
    private static ImmutableArray<Report> Shown(ImmutableArray<Subject> subjects, Budget budget)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Progress().AutoClear(true).Start(progress => subjects.Select(subject =>
        {
            var task = progress.AddTask(Markup.Escape(subject.Name), maxValue: budget.Cases);
            var report = GradKit.Attack(subject, budget, new Told(task));
            task.Value = budget.Cases;
            return report;
        }).ToImmutableArray());
    }

    /// <summary>Told of cases at once, and not by way of another thread.</summary>
    private sealed class Told(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}
