using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Steps between which no thread waits for the others: strands that do not need each other. A strand is a step
/// in pieces, or some steps of one piece, one after the other.</summary>
/// <param name="Strands">The numbers of the steps of each strand.</param>
/// <param name="Round">The round in which it runs; 0 for what has none.</param>
internal sealed record Wave(ImmutableArray<int[]> Strands, int Round = 0);

/// <summary>Collects a plan's steps, what each must wait for, and cuts them into waves in their order.</summary>
internal sealed class Waves
{
    private readonly ImmutableArray<Step>.Builder steps = ImmutableArray.CreateBuilder<Step>();
    private readonly List<List<int>> needed = [];
    private readonly List<(int First, int Last)> units = [];
    private readonly List<Lifetime> times = [];
    private readonly List<Wave> waves = [];

    /// <summary>The steps in order.</summary>
    public ImmutableArray<Step> Steps => steps.ToImmutable();

    /// <summary>The last step so far.</summary>
    public Step Last => steps[^1];

    /// <summary>Adds the steps of a unit, each of which waits for the one before.</summary>
    /// <param name="made">The steps.</param>
    /// <param name="before">The numbers of the units that must have run.</param>
    /// <param name="withLast">Whether the first step takes the place of the last one so far, and does its work,
    /// too.</param>
    public void Add(IEnumerable<Step> made, IEnumerable<int> before, bool withLast = false)
    {
        var waits = before.Select(unit => units[unit].Last).Where(step => step >= 0).ToList();
        if (withLast)
        {
            steps.RemoveAt(steps.Count - 1);
            waits.AddRange(needed[^1]);
            needed.RemoveAt(needed.Count - 1);
        }

        var first = steps.Count;
        foreach (var step in made)
        {
            needed.Add(steps.Count == first ? [.. waits.Where(wait => wait != first).Distinct()] : [steps.Count - 1]);
            steps.Add(step);
        }

        // A unit without elements has no step: what it reads lives until the last step before it.
        units.Add((Math.Min(first, steps.Count - 1), steps.Count - 1));
    }

    /// <summary>Adds steps that wait for all before, but not for each other.</summary>
    public void AddLast(IEnumerable<Step> made)
    {
        var all = Arrays.Range(0, steps.Count).ToList();
        foreach (var step in made)
        {
            needed.Add(all);
            steps.Add(step);
        }
    }

    /// <summary>The waves: a step joins the last one if it waits for nothing in it. All steps of one piece in a wave
    /// are one strand, so that they may wait for each other: it is not worth meeting for them.</summary>
    /// <param name="span">The units whose waves run once a round; null if there are none.</param>
    public ImmutableArray<Wave> Cut(RoundSpan? span = null)
    {
        var (strands, chain) = (new List<List<int>>(), (List<int>?)null);
        // What a round reads comes first, and has no step.
        var (first, end) = span is null ? (0, 0) : (units[span.First].Last + 1, units[span.Last].Last + 1);
        for (var step = 0; step < steps.Count; step++)
        {
            var isShort = steps[step].Pieces <= 1;
            if (step == first || step == end
                || needed[step].Any(wait => wait >= (strands is [[var open, ..], ..] ? open : step) && !(isShort && steps[wait].Pieces <= 1)))
            {
                Close();
            }

            if (isShort && chain is not null)
            {
                chain.Add(step);
                continue;
            }

            strands.Add([step]);
            chain = isShort ? strands[^1] : chain;
        }

        Close();
        return span is null ? [.. waves] :
        [
            .. waves.Where(wave => First(wave) < first),
            .. Arrays.Range(0, span.Rounds.Count).SelectMany(round => waves
                .Where(wave => First(wave) >= first && First(wave) < end).Select(wave => wave with { Round = round })),
            .. waves.Where(wave => First(wave) >= end),
        ];

        void Close()
        {
            if (strands.Count == 0)
            {
                return;
            }

            var (from, last) = (strands[0][0], strands.Max(strand => strand[^1]));
            for (var step = from; step <= last; step++)
            {
                times.Add(strands.Count == 1 ? new(step, step) : new(from, last));
            }

            waves.Add(new([.. strands.Select(strand => strand.ToArray())]));
            strands = [];
            chain = null;
        }

        static int First(Wave wave) => wave.Strands[0][0];
    }

    /// <summary>When something lives, counted in steps, where those that run beside each other run all the
    /// time.</summary>
    /// <param name="life">When it lives, counted in units.</param>
    public Lifetime Of(Lifetime life) =>
        new(Time(life.First, unit => unit.First).First, Time(life.Last, unit => unit.Last).Last);

    private Lifetime Time(int unit, Func<(int First, int Last), int> step)
    {
        // Behind all units come the last waves; before the first step there is nothing to wait for.
        if (unit >= units.Count)
        {
            return new(steps.Count, steps.Count);
        }

        return step(units[unit]) is >= 0 and var at ? times[at] : new(0, 0);
    }
}
