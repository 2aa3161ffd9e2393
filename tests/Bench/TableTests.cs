using AutoDiffCnn.Tests.Common;

namespace AutoDiffCnn.Tests;

/// <summary>The table of ratios.</summary>
public class TableTests
{
    [Fact]
    public void The_fastest_peer_and_variant_of_all_rounds_is_compared_with_our_best_round()
    {
        Assert.Equal("""
            a machine, a day

            ### Training, 2 threads

            | case | ours | peer | which | ratio | of medians | target | met | of peak | MB |
            |---|---|---|---|---|---|---|---|---|---|
            | resnet20 | 40 | 96 | torch channels_last | 2.40 | 2.00 | 2.00 | yes | 50 % | 300 / 450 |
            | optimizer_adam | 10~ | 15 | torch foreach | 1.50 | 2.50 | 2.00 | in part~ | 120 % B | 20 / - |

            1 of 2 targets met, 1 measured on a busy machine.

            ### Inference, 2 threads

            | case | ours | peer | which | ratio | of medians | target | met | of peak | MB |
            |---|---|---|---|---|---|---|---|---|---|
            | gemm_256 | 1 | 0.5 | torch out | 0.50 | 0.50 | 1.00 | no | 3 % | - / - |
            | conv_3x3 | 20 | 30 | onnxruntime | 1.50 | 1.60 | 1.50 | yes | - | - / - |
            | mlp | 2 | - | - | - | - | 1.10 | - | - | - / - |

            1 of 3 targets met, 1 without a peer's time.


            """, Before("Times are in ms", Table(
            """{"bench": "run", "text": "a machine, a day"}""",
            """{"bench": "limits", "case": "fma512", "threads": 2, "best": 900}""",
            """{"bench": "limits", "case": "fma512", "threads": 2, "best": 1000}""",
            """{"bench": "limits", "case": "triad", "threads": 2, "best": 25}""",
            Torch("resnet20", "train", "\"eager\": {\"min_ms\": 120, \"median_ms\": 130}, \"channels_last\": "
                + "{\"min_ms\": 96, \"median_ms\": 110}, \"jit\": {\"error\": \"no\"}", ", \"gflop\": 20"),
            Torch("resnet20", "train", "\"eager\": {\"min_ms\": 99, \"median_ms\": 100}"),
            Torch("resnet20", "train", "\"eager\": {\"min_ms\": 1, \"median_ms\": 1}",
                ", \"peak_rss_mb\": 450", "plain"),
            Ours("resnet20", "train", 40, 60, ", \"peak_rss_mb\": 300"),
            Ours("resnet20", "train", 44, 50, ", \"peak_rss_mb\": 290"),
            Torch("optimizer_adam", "train", "\"foreach\": {\"min_ms\": 15, \"median_ms\": 30}", ", \"gbytes\": 0.3"),
            Ours("optimizer_adam", "train", 10, 12, ", \"other_cpu\": 0.5, \"peak_rss_mb\": 20"),
            Torch("gemm_256", "infer", "\"out\": {\"min_ms\": 0.5, \"median_ms\": 1}, "
                + "\"mkldnn_layout\": {\"min_ms\": 0.1, \"median_ms\": 0.1}", ", \"gflop\": 0.0335544"),
            Ours("gemm_256", "infer", 1, 2),
            """{"bench": "onnxruntime", "case": "conv_3x3", "mode": "infer", "threads": 2, "min_ms": 30,"""
                + """ "median_ms": 40}""",
            Ours("conv_3x3", "infer", 20, 25),
            Ours("mlp", "infer", 2, 3))));
    }

    [Theory]
    [InlineData("\"losses\": [1, 2.005]", "\"losses\": [1, 2]", "loss 2 is 2.005, the peer's is 2")]
    [InlineData("\"losses\": [\"NaN\"]", "\"losses\": [1]", "loss 1 is NaN, the peer's is 1")]
    [InlineData("\"losses\": [1, 2.003]", "\"losses\": [1, 2]", null)]
    [InlineData("\"checksum\": 100.1, \"checksum_abs\": 1000", "\"checksum\": 100",
        "the outputs add up to 100.1, the peer's to 100")]
    [InlineData("\"checksum\": \"NaN\", \"checksum_abs\": \"NaN\"", "\"checksum\": 100",
        "the outputs add up to NaN, the peer's to 100")]
    [InlineData("\"checksum\": 100.001, \"checksum_abs\": 1000", "\"checksum\": 100", null)]
    public void A_result_that_differs_from_the_peers_is_called_wrong(string ours, string theirs, string? difference)
    {
        var text = Table(Torch("lenet5", "train", "\"eager\": {\"min_ms\": 9, \"median_ms\": 9}", ", " + theirs),
            Ours("lenet5", "train", 1, 1, ", " + ours));
        Assert.Contains(difference is null ? "| 4.00 | yes |" : "| 4.00 | WRONG |", text);
        Assert.Equal(difference is not null, text.Contains($"lenet5: WRONG, {difference}."));
        Assert.Contains(difference is null ? "1 of 1 targets met." : "0 of 1 targets met.", text);
    }

    [Fact]
    public void Of_mobilenetv1_only_the_first_loss_counts() => Assert.DoesNotContain("WRONG", Table(
        Torch("mobilenetv1", "train", "\"eager\": {\"min_ms\": 9, \"median_ms\": 9}", ", \"losses\": [7, 6]"),
        Ours("mobilenetv1", "train", 1, 1, ", \"losses\": [7, 6.2]")));

    [Fact]
    public void Every_case_and_mode_has_a_target() => Assert.All(
        Cases.All.SelectMany(known => known.Modes, (known, mode) => (known.Name, mode)),
        job => Assert.NotNull(Targets.Of(job.Name, job.mode)));

    [Theory]
    [InlineData("elementwise_chain", 1.5, 3)]
    [InlineData("elementwise_tanh", 1.5, 1)]
    [InlineData("conv_7x7s2", 3, 1)]
    [InlineData("tiny_overhead", 20, 5)]
    public void Targets_are_those_of_the_design(string name, double train, double infer) =>
        Assert.Equal((train, infer), (Targets.Of(name, BenchMode.Train), Targets.Of(name, BenchMode.Infer)));

    [Fact]
    public void A_file_that_is_missing_or_damaged_is_refused() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "results.jsonl");
        Assert.StartsWith($"{path} cannot be read: ", Assert.Throws<UsageError>(() => Results.Read([path])).Message);
        File.WriteAllText(path, "{}\n\n{\"bench\": \n");
        Assert.Equal($"{path}, line 3: not a JSON object.",
            Assert.Throws<UsageError>(() => Results.Read([path])).Message);
        File.WriteAllText(path, "[]");
        Assert.Equal($"{path}, line 1: not a JSON object.",
            Assert.Throws<UsageError>(() => Results.Read([path])).Message);
    });

    private static string Torch(string name, string mode, string variants, string more = "", string env = "best") =>
        $$"""{"bench": "torch", "env": "{{env}}", "case": "{{name}}", "mode": "{{mode}}", "threads": 2,"""
        + $$""" "min_ms": 9, "median_ms": 9, "variants": {{{variants}}}{{more}}}""";

    private static string Ours(string name, string mode, double min, double median, string more = "") =>
        $$"""{"bench": "autodiffcnn", "case": "{{name}}", "mode": "{{mode}}", "threads": 2,"""
        + $$""" "min_ms": {{min}}, "median_ms": {{median}}{{more}}}""";

    private static string Table(params string[] lines)
    {
        var text = "";
        Scratch.In(folder =>
        {
            var path = Path.Combine(folder, "results.jsonl");
            File.WriteAllLines(path, lines);
            text = global::Table.Of(Results.Read([path]));
        });
        return text;
    }

    private static string Before(string mark, string text) => text[..text.IndexOf(mark, StringComparison.Ordinal)];
}
