using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Runs a loop without making code: a stretch of a row goes through one formula after the other, intermediates
/// stay in the nearest cache. For small loops, which are not worth compiling, for those that are too large, and where code
/// cannot be made. The bits are those of emitted code.</summary>
internal sealed unsafe class LoopInterpreter
{
    // A multiple of what the registers of a fold take in turn.
    private const int Stretch = 1024;
    private const int FoldSize = Fold.Ways * Lanes.Count;

    private readonly LoopBody body;
    private readonly bool emit;
    private readonly int[] registers;
    private readonly int count;

    /// <summary>An interpreter of a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="emit">Whether each formula's loop over a stretch is emitted.</param>
    public LoopInterpreter(LoopBody body, bool emit)
    {
        (this.body, this.emit) = (body, emit);
        (registers, count) = Assign(body);
    }

    /// <summary>The floats of scratch memory that a run needs: an address for each value, the registers, and those of
    /// the folds.</summary>
    public int Scratch => FirstRegister + count * Stretch + body.Folds.Length * FoldSize;

    private int FirstRegister => Step.Whole(2 * body.Values);

    private int FirstFold => body.Sources.Length + body.Stored.Length;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Run(nint* arguments, float* scratch)
    {
        var at = (float**)scratch;
        var columns = (int)(arguments[1] / sizeof(float));
        for (var i = 0; i < body.Values; i++)
        {
            at[i] = scratch + FirstRegister + registers[i] * Stretch;
            if (i < body.Sources.Length && body.Sources[i] == SourceKind.Number)
            {
                var length = (int)Math.Min(Stretch, arguments[0] * (long)columns);
                new Span<float>(at[i], length).Fill(*(float*)(arguments + LoopBody.FirstArgument + 2 * i));
            }
        }

        // Short rows that lie one behind the other are one stretch, as many as there is room for.
        var together = AreContiguous(arguments, columns) ? Math.Max(1, Stretch / Math.Max(1, columns)) : 1;
        var folds = scratch + FirstRegister + count * Stretch;
        for (var row = 0; row < arguments[0]; row += together)
        {
            var rows = (int)Math.Min(together, arguments[0] - row);
            for (var start = 0; start < columns; start += Stretch)
            {
                var part = new Part(row, rows, start, Math.Min(Stretch, columns - start), start + Stretch >= columns);
                Compute(arguments, part, at);
                AddFolds(arguments, part, at, folds);
                Store(arguments, part, at);
            }
        }
    }

    private bool AreContiguous(nint* arguments, int columns)
    {
        for (var i = 0; i < FirstFold; i++)
        {
            var isDense = i >= body.Sources.Length || body.Sources[i] == SourceKind.Dense;
            if (isDense && arguments[LoopBody.FirstArgument + 2 * i + 1] != columns)
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Compute(nint* arguments, Part part, float** at)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            switch (body.Sources[i])
            {
                case SourceKind.Dense:
                    at[i] = Address(arguments, i, part.Row) + part.Start;
                    break;
                case SourceKind.Fixed:
                    Fill(arguments, i, part, at[i]);
                    break;
                case SourceKind.Hot:
                    Mark(arguments, i, part, at[i]);
                    break;
            }
        }

        var length = part.Rows * part.Length;
        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = body.Instructions[i];
            if (emit)
            {
                formula.RunEmitted(at[a], at[b], at[c], at[body.Sources.Length + i], length);
            }
            else
            {
                formula.Run(at[a], at[b], at[c], at[body.Sources.Length + i], length);
            }
        }
    }

    /// <summary>Writes results, after all has been read: they may lie where operands lie.</summary>
    private void Store(nint* arguments, Part part, float** at)
    {
        for (var i = 0; i < body.Stored.Length; i++)
        {
            var target = Address(arguments, body.Sources.Length + i, part.Row) + part.Start;
            var length = part.Rows * part.Length;
            new ReadOnlySpan<float>(at[body.Stored[i]], length).CopyTo(new Span<float>(target, length));
        }
    }

    /// <summary>One float a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Fill(nint* arguments, int source, Part part, float* target)
    {
        for (var row = 0; row < part.Rows; row++)
        {
            var value = *Address(arguments, source, part.Row + row);
            new Span<float>(target + row * part.Length, part.Length).Fill(value);
        }
    }

    /// <summary>A 1 in each row, if its place is in this part of it.</summary>
    private static void Mark(nint* arguments, int source, Part part, float* target)
    {
        new Span<float>(target, part.Rows * part.Length).Clear();
        for (var row = 0; row < part.Rows; row++)
        {
            var place = *(int*)Address(arguments, source, part.Row + row) - (int)arguments[2] - part.Start;
            if (place >= 0 && place < part.Length)
            {
                target[row * part.Length + place] = 1;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void AddFolds(nint* arguments, Part part, float** at, float* folds)
    {
        for (var i = 0; i < body.Folds.Length; i++, folds += FoldSize)
        {
            var (value, kind) = body.Folds[i];
            for (var row = 0; row < part.Rows; row++)
            {
                var source = at[value] + row * part.Length;
                var target = Address(arguments, FirstFold + i, part.Row + row);
                if (kind == FoldKind.Across)
                {
                    AddAcross(source, target + part.Start, part.Length);
                    continue;
                }

                if (part.Start == 0)
                {
                    new Span<float>(folds, FoldSize).Fill(kind == FoldKind.Along ? 0 : float.NegativeInfinity);
                }

                AddAlong(kind, source, part.Length, folds);
                if (part.IsLast)
                {
                    EndFold(kind, (part.Start + part.Length + Lanes.Count - 1) / Lanes.Count, folds, target);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddAcross(float* source, float* target, int length)
    {
        var i = 0;
        for (; i + Lanes.Count <= length; i += Lanes.Count)
        {
            LaneParts.AddTo(Lanes.Load(source + i), target + i);
        }

        if (i < length)
        {
            LaneParts.AddPartTo(LaneParts.LoadPart(source + i, length - i), target + i, length - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddAlong(FoldKind kind, float* source, int length, float* fold)
    {
        for (var i = 0; i < length; i += Lanes.Count)
        {
            var way = fold + i % FoldSize;
            var (before, value) = (Lanes.Load(way), LaneParts.LoadPart(source + i, Math.Min(length - i, Lanes.Count)));
            var after = kind == FoldKind.Along
                ? LaneParts.AddPart(before, value, length - i)
                : LaneParts.MaxPart(before, value, length - i);
            after.Store(way);
        }
    }

    private static void EndFold(FoldKind kind, int vectors, float* fold, float* target)
    {
        if (kind == FoldKind.Along)
        {
            LaneParts.StoreSum(Way(0), Way(1), Way(2), Way(3), target);
        }
        else
        {
            LaneParts.StoreMax(Way(0), Way(1), Way(2), Way(3), target);
        }

        Lanes Way(int way) => Lanes.Load(fold + (vectors + way) % Fold.Ways * Lanes.Count);
    }

    private static float* Address(nint* arguments, int operand, int row)
    {
        var place = arguments + LoopBody.FirstArgument + 2 * operand;
        return (float*)place[0] + place[1] * row;
    }

    /// <summary>A register for each value that has no memory of its own. A formula's result may take an operand's
    /// register if nothing reads that afterwards, since each element is read before it is written.</summary>
    private static (int[] Registers, int Count) Assign(LoopBody body)
    {
        var places = new int[body.Values];
        var last = LastUses(body);
        var free = new Stack<int>();
        var taken = 0;
        for (var i = 0; i < body.Sources.Length; i++)
        {
            places[i] = body.Sources[i] == SourceKind.Dense ? 0 : taken++;
        }

        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = body.Instructions[i];
            foreach (var operand in new[] { a, b, c }.Take(formula.Inputs).Distinct())
            {
                if (operand >= body.Sources.Length && last[operand] == i)
                {
                    free.Push(places[operand]);
                }
            }

            places[body.Sources.Length + i] = free.TryPop(out var place) ? place : taken++;
        }

        return (places, taken);
    }

    /// <summary>For each value the last formula that reads it; beyond the last formula if it is stored or
    /// summed.</summary>
    private static int[] LastUses(LoopBody body)
    {
        var last = new int[body.Values];
        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (_, a, b, c) = body.Instructions[i];
            last[a] = last[b] = last[c] = i;
        }

        foreach (var value in body.Stored.Concat(body.Folds.Select(fold => fold.Value)))
        {
            last[value] = body.Instructions.Length;
        }

        return last;
    }

    /// <summary>A stretch of one row, or some whole rows.</summary>
    private readonly record struct Part(int Row, int Rows, int Start, int Length, bool IsLast);
}
