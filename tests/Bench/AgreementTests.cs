namespace AutoDiffCnn.Tests;

/// <summary>The cases compute what the peers' cases compute.</summary>
public class AgreementTests
{
    private const double LossTolerance = 2e-3;

    // Of the sum of absolute values: room for the rounding of any sound order of additions.
    private const double SumTolerance = 1e-5;

    public static TheoryData<string> Networks => [.. NetworkCase.All.Select(network => network.Name)];

    public static TheoryData<string> Single => [.. Cases.Groups
        .Where(group => group.Name is "conv" or "maxpool" or "avgpool" or "elementwise")
        .SelectMany(group => group.Cases).Select(single => single.Name)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_first_losses_are_those_of_PyTorch(string name)
    {
        var expected = Recorded.Doubles(Recorded.Of(name, "train")[0], "losses")[..Known(name)];
        AssertClose(expected, Run(name, BenchMode.Train,
            (work, session) => Measurement.Losses(session, work.Loss!, expected.Length), winograd: false));

        // Winograd's tiles round more coarsely. In resnet18 a step makes a difference some fifty times larger, while
        // the loss falls to a five-hundredth of the first: after three steps more than PyTorch's own settings differ
        // from each other, but not much.
        expected = expected[..(name == "resnet18" ? 3 : expected.Length)];
        AssertClose(expected, Run(name, BenchMode.Train, (work, session) => Measurement.Losses(session, work.Loss!, expected.Length)));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_tolerance_of_losses_is_more_than_PyTorch_differs_from_itself(string name)
    {
        var recorded = Recorded.Of(name, "train");
        var expected = Recorded.Doubles(recorded[0], "losses")[..Known(name)];
        Assert.Equal(4, recorded.Count);
        Assert.All(recorded, line => AssertClose(expected, Recorded.Doubles(line, "losses")[..Known(name)]));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    [MemberData(nameof(Single))]
    public void The_outputs_add_up_to_those_of_PyTorch(string name)
    {
        var recorded = Recorded.Of(name, "infer")[0];
        var (sum, absolute) = Run(name, BenchMode.Infer,
            (work, session) => Measurement.Checksum(session.Reals(work.Result!)));
        var expected = (double)recorded["checksum"]!;
        Assert.InRange(sum, expected - Slack(expected), expected + Slack(expected));
        if (recorded["checksum_abs"] is { } recordedAbsolute)
        {
            expected = (double)recordedAbsolute;
            Assert.InRange(absolute, expected - Slack(expected), expected + Slack(expected));
        }

        double Slack(double value) => SumTolerance * absolute + 5e-6 * Math.Abs(value);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_first_weights_are_those_of_PyTorch_bit_by_bit(string name)
    {
        var recorded = Recorded.Numbers.Single(line => $"{line["case"]}" == name);
        var network = NetworkCase.All.Single(known => known.Name == name);
        var model = network.Layer.Build(network.Input);
        var values = Run(name, BenchMode.Infer, (work, session) => work.Feeds
            .Take(model.Parameters.Length).SelectMany(feed => session.Reals(feed.Variable).ToArray()).ToArray());
        Assert.Equal((int)recorded["tensors"]!, model.Parameters.Length);
        Assert.Equal($"{recorded["sha256"]}", Bytes.Sha256(values));
    }

    [Fact]
    public void Training_starts_again_where_it_started()
    {
        var (first, again) = Run("keras_mnist", BenchMode.Train, (work, session) =>
        {
            var losses = Measurement.Losses(session, work.Loss!, 3);
            work.Restart(session);
            session.Run();
            return (losses, Measurement.Losses(session, work.Loss!, 3));
        });
        Assert.Equal(first, again);
        Assert.NotEqual(first[0], first[1]);
    }

    [Fact]
    public void Training_of_a_single_operation_gives_the_result_and_all_gradients()
    {
        var work = Operations.Convolutions[0].Build(BenchMode.Train);
        Assert.Equal([[32, 64, 56, 56], [32, 64, 56, 56], [64, 64, 3, 3], [64]],
            work.Outputs.Select(output => output.Shape));
        Assert.Equal(3 * Operations.Convolutions[0].Build(BenchMode.Infer).Gigaflop, work.Gigaflop);
    }

    /// <summary>How many losses can be compared: mobilenetv1's drift even between PyTorch's thread counts.</summary>
    private static int Known(string name) => name == "mobilenetv1" ? 1 : 5;

    private static void AssertClose(double[] expected, double[] actual) => Assert.All(expected.Zip(actual),
        pair => Assert.InRange(pair.Second / pair.First, 1 - LossTolerance, 1 + LossTolerance));

    private static R Run<R>(string name, BenchMode mode, Func<Workload, Session, R> look, bool winograd = true)
    {
        var work = Cases.All.Single(known => known.Name == name).Build(mode);
        using var session = Cpu.Compile(work.Outputs, work.State, winograd).Start();
        work.Fill(session);
        session.Run();
        return look(work, session);
    }
}
