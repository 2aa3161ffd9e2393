using System.Globalization;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>What is known of the machine's caches.</summary>
public class CachesTests
{
    [Fact]
    public void What_is_large_is_asked_of_the_processor()
    {
        // Other systems than Linux have no file that says whose processor it is.
        const string Processor = "/proc/cpuinfo";
        const string Third = "/sys/devices/system/cpu/cpu0/cache/index3/size";
        var isAmd = File.Exists(Processor) && File.ReadAllText(Processor).Contains("AuthenticAMD", StringComparison.Ordinal);
        var kilobytes = isAmd && File.Exists(Third) ? long.Parse(File.ReadAllText(Third).Trim().TrimEnd('K'), CultureInfo.InvariantCulture) : 0;
        if (File.Exists(Processor) && isAmd == kilobytes > 0)
        {
            var floats = kilobytes * 1024 / sizeof(float);
            Assert.Equal(Math.Max(1 << 20, floats / 4), Caches.StreamFrom(floats));
            Assert.Equal(floats > 0, Caches.StreamFrom(Math.Max(1, floats / 4)) == long.MaxValue);
        }

        Assert.InRange(Caches.StreamFrom(1L << 40), 1 << 20, 1L << 30);
    }

    [Fact]
    public void No_set_of_the_first_cache_has_more_than_seven_of_the_rows() => Law.ForAll(Gen.Choose(1, 300), lines =>
    {
        // 64 sets of lines of sixteen floats.
        var rows = Caches.RowsInFirst(lines * 16);
        int Fullest(int count) => Enumerable.Range(0, count).GroupBy(row => row * lines % 64).Max(set => set.Count());
        Assert.Equal(7, Fullest(rows));
        Assert.Equal(8, Fullest(rows + 1));
    }, 300);
}
