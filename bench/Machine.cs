using System.Globalization;
using System.Runtime.Intrinsics;

/// <summary>What the operating system tells about load and memory; where it does not, null.</summary>
internal static class Machine
{
    private const double TicksPerSecond = 100;

    /// <summary>The widest vectors that the runtime uses here.</summary>
    public static string Vectors => Vector512.IsHardwareAccelerated ? "512"
        : Vector256.IsHardwareAccelerated ? "256"
        : Vector128.IsHardwareAccelerated ? "128" : "none";

    /// <summary>The most memory that this process ever held at a time, in megabytes (VmHWM).</summary>
    public static double? PeakMegabytes() => Lines("/proc/self/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => (double?)(Numbers(line)[0] / 1024)).FirstOrDefault();

    /// <summary>The processor time in seconds that others have used since some moment: all that is not idle, time
    /// taken by a hypervisor included, without this process's.</summary>
    public static double? OthersSeconds() =>
        Lines("/proc/stat") is [var line, ..] && Numbers(line) is [var user, var nice, var system, _, _, var irq,
            var softIrq, var stolen, ..]
            ? (user + nice + system + irq + softIrq + stolen) / TicksPerSecond
                - Environment.CpuUsage.TotalTime.TotalSeconds
            : null;

    /// <summary>Waits until other processes leave the processors alone; false if they never did.</summary>
    public static bool WaitQuiet(double seconds)
    {
        for (var left = seconds; left > 0; left -= 0.5)
        {
            var before = OthersSeconds();
            Thread.Sleep(500);
            if (OthersSeconds() - before < 0.15 * 0.5)
            {
                return true;
            }
        }

        return false;
    }

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static double[] Numbers(string line) =>
        [.. line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(word => double.TryParse(word, CultureInfo.InvariantCulture, out var number) ? number : 0)];
}
