using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace SamplesTests;

public sealed class FSharpTests(ITestOutputHelper output)
{
    [Fact]
    public void The_script_differentiates_composes_and_learns()
    {
        if (Run("samples/fsharp.fsx") is not { } run)
        {
            return;
        }

        Assert.Contains("d(x² + 2x)/dx at [1, 2, 3] = [4, 6, 8]", run.Output);
        Assert.Contains("dense2     Dense(10)   [10]                330            320", run.Output);

        double[] losses = [.. Regex.Matches(run.Output, @"^step \d+: loss (\d+\.\d+)$", RegexOptions.Multiline)
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(10, losses.Length);
        Assert.True(losses[^3..].Average() < 0.8 * losses[..3].Average(), run.Output);
    }

    [Fact]
    public void Ops_from_outside_the_library_work_from_FSharp()
    {
        if (Run("tests/Outside/custom.fsx") is not { } run)
        {
            return;
        }

        // At 0, 1, 2: 2 (x + sin² x)(1 + sin 2x), and 1 / √(1 + x²)³.
        Assert.StartsWith(
            """
            x : [3]
            %0 = Snake(x) : [3]
            %1 = Roll(Shift: 1)(%0) : [3]
            return %1
            Reference [0, 6.52244, 1.37495]
            Cpu [0, 6.52244, 1.37495]
            Clip [1, 0.353553, 0.0894427]
            Clip [1, 0.353553, 0.0894427]

            """, run.Output, StringComparison.Ordinal);
        Assert.Contains("total                                16             12", run.Output);
    }

    [Fact]
    public void Gradients_are_attacked_from_FSharp()
    {
        if (Run("tests/GradKit/check.fsx") is not { } run)
        {
            return;
        }

        Assert.Equal(
            [
                "function: holds in 20 cases, seed 1",
                "false: the gradient is 0.5 times what it should be",
                "proved: both have the same normal form",
            ], run.Lines);
    }

    /// <summary>What a script writes; null if this is no Release build, which is what scripts read.</summary>
    private Finished? Run(string script)
    {
        if (Program.Configuration != "Release")
        {
            output.WriteLine($"{script} reads the Release build, this is another: it was not run.");
            return null;
        }

        var run = Program.Dotnet(Repository.Root, ["fsi", script]);
        output.WriteLine(run.Output);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        return run;
    }
}
