using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace SamplesTests;

public sealed class FSharpTests(ITestOutputHelper output)
{
    [Fact]
    public void The_script_differentiates_composes_and_learns()
    {
        if (Program.Configuration != "Release")
        {
            output.WriteLine("samples/fsharp.fsx reads the Release build, this is another: the script was not run.");
            return;
        }

        var run = Program.Dotnet(Repository.Root, ["fsi", "samples/fsharp.fsx"]);
        output.WriteLine(run.Output);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Contains("d(x² + 2x)/dx at [1, 2, 3] = [4, 6, 8]", run.Output);
        Assert.Contains("dense2     Dense(10)   [10]                330            320", run.Output);

        double[] losses = [.. Regex.Matches(run.Output, @"^step \d+: loss (\d+\.\d+)$", RegexOptions.Multiline)
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(10, losses.Length);
        Assert.True(losses[^3..].Average() < 0.8 * losses[..3].Average(), run.Output);
    }
}
