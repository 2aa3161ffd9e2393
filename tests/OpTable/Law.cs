using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace AutoDiffCnn.Tests;

/// <summary>A statement about all values of a generator, attacked with random ones.</summary>
/// <remarks>The seed is the same on every run, so that a commit is judged by its own change; AUTODIFFCNN_SEED=n in the
/// environment tries others. A failure prints the case and the seed.</remarks>
public static class Law
{
    private static readonly ulong seed =
        ulong.TryParse(Environment.GetEnvironmentVariable("AUTODIFFCNN_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20_260_501;

    private static Rnd Start => new(seed, 1_442_695_040_888_963_407);

    /// <summary>So many values, for what looks at all of them together.</summary>
    public static IReadOnlyList<T> Sample<T>(Gen<T> values, int count) => values.Sample(count, Start, 50);

    /// <summary>Runs the statement, which throws where it does not hold, on so many values.</summary>
    public static void ForAll<T>(Gen<T> values, Action<T> statement, int times = 100)
    {
        var replay = new Replay(Start, FSharpOption<int>.None);
        var config = Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay(FSharpOption<Replay>.Some(replay));
        Prop.ForAll(Arb.From(values), value =>
        {
            try
            {
                statement(value);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"AUTODIFFCNN_SEED={seed}: {value}: {error.Message}", error);
            }
        }).Check(config);
    }
}
