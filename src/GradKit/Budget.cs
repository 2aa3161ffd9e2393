namespace AutoDiffCnn;

/// <summary>How long to attack.</summary>
/// <param name="Cases">At most so many cases.</param>
/// <param name="Seconds">At most so long; the last case is finished.</param>
/// <param name="Seed">The seed of the first case; the next has the next number. The same seed gives the same case on
/// every machine, so <c>new Budget(Cases: 1, Seed: n)</c> tries case n of a report again.</param>
/// <example><code>
/// var report = GradKit.Attack(x => Exp(x), new Budget(Cases: 3, Seed: 10));
/// report.Cases // 3
/// </code></example>
public sealed record Budget(int Cases = 100, double Seconds = double.PositiveInfinity, long Seed = 1);
