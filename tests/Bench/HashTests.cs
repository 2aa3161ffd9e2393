using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AutoDiffCnn.Tests;

/// <summary>The data is the peers' data, bit by bit.</summary>
public class HashTests
{
    public static TheoryData<uint> Seeds =>
        [.. Recorded.Numbers.Where(line => line["seed"] is not null).Select(line => (uint)line["seed"]!)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Uniform_numbers_are_the_recorded_ones(uint seed)
    {
        var recorded = Recorded.Numbers.Single(line => (uint?)line["seed"] == seed);
        var values = new float[100_000];
        Hash.Uniform(seed, values);
        Assert.Equal(Recorded.Doubles(recorded, "uniform"), values[..4].Select(value => (double)value));
        Assert.Equal($"{recorded["uniform_sha256"]}", Bytes.Sha256(values));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Labels_are_the_recorded_ones(uint seed)
    {
        var recorded = Recorded.Numbers.Single(line => (uint?)line["seed"] == seed);
        var (labels, few) = (new int[100_000], new int[8]);
        Hash.Labels(seed, 1000, labels);
        Hash.Labels(seed, 10, few);
        Assert.Equal(Recorded.Doubles(recorded, "labels_of_1000"), labels[..8].Select(label => (double)label));
        Assert.Equal(Recorded.Doubles(recorded, "labels_of_10"), few.Select(label => (double)label));
        Assert.Equal($"{recorded["labels_sha256"]}", Bytes.Sha256(labels));
    }

    [Fact]
    public void A_scale_multiplies_in_single_precision()
    {
        var (plain, scaled) = (new float[1000], new float[1000]);
        Hash.Uniform(7, plain);
        Hash.Uniform(7, scaled, 0.1f);
        Assert.Equal(plain.Select(value => value * 0.1f), scaled);
    }
}

/// <summary>The bytes of numbers, little endian.</summary>
internal static class Bytes
{
    public static string Sha256<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values)));
}
