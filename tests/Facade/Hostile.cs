using System.Globalization;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>Attacks a reader: what comes from outside may be anything.</summary>
internal static class Hostile
{
    // Far above what the small files of these tests need, far below what a believed header would take.
    private const long MostBytes = 64 << 20;

    // Far above what 2,000 small files take, even while the machine does something else.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly int Times =
        int.TryParse(Environment.GetEnvironmentVariable("AUTODIFFCNN_FUZZ"), CultureInfo.InvariantCulture, out var given) ? given : 2000;

    /// <summary>Random damage to good files, 2,000 times or as often as AUTODIFFCNN_FUZZ says: the reader must read, or
    /// raise FormatError, in bounded memory and time.</summary>
    public static void Attack(Action<byte[]> read, params byte[][] good) => Attack(read, Gen.Elements(good).SelectMany(Damage));

    /// <summary>The same with files that are damaged by a rule of their own.</summary>
    public static void Attack(Action<byte[]> read, Gen<byte[]> damaged)
    {
        byte[] current = [];
        var attack = Task.Run(() => Law.ForAll(damaged, file =>
        {
            current = file;
            Assert.True(Survives(read, file), $"takes too much memory: {Convert.ToHexString(file)}");
        }, Times));
        Assert.True(attack.Wait(Patience * Math.Max(1, Times / 2000)), $"hangs: {Convert.ToHexString(current)}");
    }

    /// <summary>Every beginning of a file must be refused.</summary>
    public static void Truncate(Action<byte[]> read, byte[] good)
    {
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<FormatError>(() => read(good[..length]));
        }
    }

    private static bool Survives(Action<byte[]> read, byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(file);
        }
        catch (FormatError)
        {
            // As it should be.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before < MostBytes;
    }

    /// <summary>One to four of: a byte changed, bytes removed, bytes put in, bytes repeated.</summary>
    private static Gen<byte[]> Damage(byte[] good) =>
        Gen.Choose(1, 4).SelectMany(times => Enumerable.Range(0, times).Aggregate(Gen.Constant(good), (file, _) => file.SelectMany(Once)));

    private static Gen<byte[]> Once(byte[] file)
    {
        var place = Gen.Choose(0, Math.Max(0, file.Length - 1));
        var header = Gen.Choose(0, Math.Min(16, Math.Max(0, file.Length - 1)));
        return
            from at in Gen.OneOf(place, header)
            from kind in Gen.Choose(0, 3)
            from value in Gen.Elements<byte>(0, 1, 0x7F, 0x80, 0xFF, (byte)'{', (byte)'}', (byte)'"', (byte)'9', (byte)'-')
            from count in Gen.Choose(1, 9)
            select Change(file, Math.Min(at, file.Length), kind, value, count);
    }

    private static byte[] Change(byte[] file, int at, int kind, byte value, int count)
    {
        var end = Math.Min(file.Length, at + count);
        return kind switch
        {
            0 when at < file.Length => [.. file[..at], value, .. file[(at + 1)..]],
            1 => [.. file[..at], .. file[end..]],
            2 => [.. file[..at], .. Enumerable.Repeat(value, count), .. file[at..]],
            _ => [.. file[..end], .. file[at..]],
        };
    }
}
