using System.Text.Json.Nodes;
using AutoDiffCnn.Tests.Common;

namespace AutoDiffCnn.Tests;

/// <summary>The benchmark as a program.</summary>
public class ProgramTests
{
    [Fact]
    public void A_case_prints_one_line_of_JSON_for_each_mode()
    {
        var (code, output, error) = Run("keras_mnist,gemm_256", "--min-seconds", "0", "--threads", "1");
        Assert.Equal((0, ""), (code, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(["keras_mnist infer", "keras_mnist train", "gemm_256 infer"],
            lines.Select(line => $"{line["case"]} {line["mode"]}"));
        foreach (var line in lines)
        {
            Assert.Equal(("autodiffcnn", 1), ($"{line["bench"]}", (int)line["threads"]!));
            var times = new[] { "min_ms", "p10_ms", "median_ms", "p90_ms" }
                .Select(field => (double)line[field]!).ToList();
            Assert.Equal(times.Order(), times);
            Assert.True(times[0] > 0 && (int)line["iters"]! >= 5);
            Assert.True((double)line["compile_ms"]! > times[0] && (double)line["plan_peak_mb"]! > 0);
        }

        Assert.Equal(526.236, (double)lines[0]["checksum_abs"]!, 0.01);
        Assert.Equal(5, lines[1]["losses"]!.AsArray().Count);
        Assert.Equal("Adam(0.001)", $"{lines[1]["optimizer"]}");
        Assert.Equal(0.00353894, (double)lines[1]["gflop"]!, 1e-8);
        Assert.Equal(0.0335544, (double)lines[2]["gflop"]!, 1e-7);
    }

    [Fact]
    public void A_wrong_command_line_ends_with_2_the_reason_and_the_usage()
    {
        var (code, output, error) = Run("nothing");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith(
            "there is no case or group 'nothing'; --list shows them.\nusage: bench CASE[,CASE...] [--mode", error);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments) => Tools.Run("Bench.dll", arguments);
}
