namespace AutoDiffCnn.Tests;

/// <summary>The command line of the benchmark.</summary>
public class ArgumentTests
{
    [Theory]
    [InlineData("", "no case is given.")]
    [InlineData("--jobs", "no case is given.")]
    [InlineData("lenet", "there is no case or group 'lenet'; --list shows them.")]
    [InlineData("mlp,", "there is no case or group ''; --list shows them.")]
    [InlineData("mlp lenet5", "cases are joined by commas: mlp,lenet5.")]
    [InlineData("mlp --mode", "--mode needs a value.")]
    [InlineData("mlp --mode eval", "--mode eval: a mode is train, infer or all.")]
    [InlineData("gemm --mode train", "gemm cannot be measured with --mode train.")]
    [InlineData("mlp --threads two", "--threads two: the number of threads is whole, from 0 to 1024.")]
    [InlineData("mlp --threads -1", "--threads -1: the number of threads is whole, from 0 to 1024.")]
    [InlineData("mlp --threads 1025", "--threads 1025: the number of threads is whole, from 0 to 1024.")]
    [InlineData("mlp --min-seconds NaN", "--min-seconds NaN: seconds are a number from 0 to 86400.")]
    [InlineData("mlp --wait-quiet -2", "--wait-quiet -2: seconds are a number from 0 to 86400.")]
    [InlineData("mlp --fast", "there is no option --fast.")]
    [InlineData("--list mlp", "--list takes no case, not mlp.")]
    [InlineData("--table", "--table needs a file of results.")]
    [InlineData("--functions", "no function is given; all is every one.")]
    [InlineData("--functions relus", "there is no function or group 'relus': the groups are all, elementwise, reductions, norms, losses, "
        + "products, convolutions, images, shaping, random.")]
    public void A_wrong_command_line_is_refused(string line, string message) =>
        Assert.Equal(message, Assert.Throws<UsageError>(() => Parse(line)).Message);

    [Fact]
    public void Names_and_groups_become_jobs_in_order()
    {
        Assert.Equal(["gemm_256 infer", "lenet5 infer", "lenet5 train"], Jobs("gemm_256,lenet5"));
        Assert.Equal(["lenet5 train", "optimizer_sgdm train", "optimizer_adam train"],
            Jobs("lenet5,optimizer --mode train"));
        Assert.Equal(54, Jobs("all").Count());
        Assert.Equal(Jobs("all"), Jobs("gemm,conv,maxpool,avgpool,elementwise,nets,overhead,optimizer"));
    }

    [Fact]
    public void Functions_and_their_groups_become_rows_in_order() =>
        Assert.Equal(["relu Infer", "relu Train", "less Infer", "uniform Infer", "normal Infer"],
            Parse("--functions relu,less,random").Rows.Take(5).Select(pair => $"{pair.Row.Name} {pair.Mode}"));

    [Fact]
    public void Numbers_are_read()
    {
        var arguments = Parse("mlp --threads 3 --min-seconds 0.5 --wait-quiet 10");
        Assert.Equal((3, 0.5, 10), (arguments.Threads, arguments.MinSeconds, arguments.WaitQuiet));
    }

    [Fact]
    public void The_list_has_a_line_for_each_group_with_cases_and_modes()
    {
        var lines = Cases.List().Split('\n');
        Assert.Equal(["gemm", "conv", "maxpool", "avgpool", "elementwise", "nets", "overhead", "optimizer"],
            lines.Select(line => line.Split(':')[0]));
        Assert.Equal("gemm: gemm_256(infer) gemm_512(infer) gemm_1024(infer) gemm_2048(infer)", lines[0]);
        Assert.Equal("maxpool: maxpool_k2s2(infer/train) maxpool_k3s2(infer/train)", lines[2]);
        Assert.Equal("optimizer: optimizer_sgdm(train) optimizer_adam(train)", lines[7]);
    }

    private static Arguments Parse(string line) =>
        Arguments.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Jobs(string line) =>
        Parse(line).Jobs.Select(job => $"{job.Case.Name} {job.Mode.Word()}");
}
