namespace AutoDiffCnn;

/// <summary>Runs a loop without making code: a stretch of a row goes through one formula after the other, intermediates
/// stay in the nearest cache. For small loops, which are not worth compiling, and where code cannot be made. The bits
/// are those of emitted code.</summary>
internal sealed unsafe class LoopInterpreter
{
    // A multiple of what the registers of a fold take in turn.
    private const int Stretch = 1024;
    private const int FoldSize = Fold.Ways * Lanes.Count;

    private readonly LoopBody body;
    private readonly int[] registers;
    private readonly int count;

    public LoopInterpreter(LoopBody body)
    {
        this.body = body;
        (registers, count) = Assign(body);
    }

    /// <summary>The floats of scratch memory that a run needs: an address for each value, the registers, and those of
    /// the folds.</summary>
    public int Scratch => FirstRegister + count * Stretch + body.Folds.Length * FoldSize;

    private int FirstRegister => (2 * body.Values + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    private int FirstFold => body.Sources.Length + body.Stored.Length;

    public void Run(nint* arguments, float* scratch)
    {
        var at = (float**)scratch;
        var columns = (int)(arguments[1] / sizeof(float));
        for (var i = 0; i < body.Values; i++)
        {
            at[i] = scratch + FirstRegister + registers[i] * Stretch;
        }

        var folds = scratch + FirstRegister + count * Stretch;
        Fill(SourceKind.Number, arguments, 0, columns, at);
        for (var row = 0; row < arguments[0]; row++)
        {
            Fill(SourceKind.Fixed, arguments, row, columns, at);
            BeginFolds(folds);
            for (var start = 0; start < columns; start += Stretch)
            {
                var length = Math.Min(Stretch, columns - start);
                Compute(arguments, row, start, length, at);
                AddFolds(arguments, row, start, length, at, folds);
            }

            EndFolds(arguments, row, (columns + Lanes.Count - 1) / Lanes.Count, folds);
        }
    }

    private void Compute(nint* arguments, int row, int start, int length, float** at)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == SourceKind.Dense)
            {
                at[i] = Address(arguments, i, row) + start;
            }
            else if (body.Sources[i] == SourceKind.Hot)
            {
                var place = *(int*)Address(arguments, i, row) - (int)arguments[2] - start;
                new Span<float>(at[i], length).Clear();
                if (place >= 0 && place < length)
                {
                    at[i][place] = 1;
                }
            }
        }

        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = body.Instructions[i];
            formula.Run(at[a], at[b], at[c], at[body.Sources.Length + i], length);
        }

        // All are read before any is written: a result may lie where an operand lies.
        for (var i = 0; i < body.Stored.Length; i++)
        {
            var target = Address(arguments, body.Sources.Length + i, row) + start;
            new ReadOnlySpan<float>(at[body.Stored[i]], length).CopyTo(new Span<float>(target, length));
        }
    }

    private void BeginFolds(float* folds)
    {
        for (var i = 0; i < body.Folds.Length; i++)
        {
            var start = body.Folds[i].Kind == FoldKind.Largest ? float.NegativeInfinity : 0;
            new Span<float>(folds + i * FoldSize, FoldSize).Fill(start);
        }
    }

    private void AddFolds(nint* arguments, int row, int start, int length, float** at, float* folds)
    {
        for (var i = 0; i < body.Folds.Length; i++)
        {
            var (value, kind) = body.Folds[i];
            var source = at[value];
            var across = kind == FoldKind.Across;
            var target = across ? Address(arguments, FirstFold + i, row) + start : folds + i * FoldSize;
            var turn = across ? Stretch : FoldSize;
            for (var k = 0; k < length; k += Lanes.Count)
            {
                AddVector(kind, source + k, target + k % turn, length - k);
            }
        }
    }

    private static void AddVector(FoldKind kind, float* source, float* target, int rest)
    {
        if (kind == FoldKind.Across)
        {
            if (rest >= Lanes.Count)
            {
                LaneParts.AddTo(Lanes.Load(source), target);
            }
            else
            {
                LaneParts.AddPartTo(LaneParts.LoadPart(source, rest), target, rest);
            }

            return;
        }

        var (before, value) = (Lanes.Load(target), LaneParts.LoadPart(source, Math.Min(rest, Lanes.Count)));
        var after = kind == FoldKind.Along
            ? LaneParts.AddPart(before, value, rest)
            : LaneParts.MaxPart(before, value, rest);
        after.Store(target);
    }

    private void EndFolds(nint* arguments, int row, int vectors, float* folds)
    {
        for (var i = 0; i < body.Folds.Length; i++, folds += FoldSize)
        {
            var target = Address(arguments, FirstFold + i, row);
            if (body.Folds[i].Kind == FoldKind.Along)
            {
                LaneParts.StoreSum(Way(0), Way(1), Way(2), Way(3), target);
            }
            else if (body.Folds[i].Kind == FoldKind.Largest)
            {
                LaneParts.StoreMax(Way(0), Way(1), Way(2), Way(3), target);
            }
        }

        Lanes Way(int way) => Lanes.Load(folds + (vectors + way) % Fold.Ways * Lanes.Count);
    }

    private void Fill(SourceKind kind, nint* arguments, int row, int columns, float** at)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == kind)
            {
                var value = kind == SourceKind.Number
                    ? *(float*)(arguments + LoopBody.FirstArgument + 2 * i)
                    : *Address(arguments, i, row);
                new Span<float>(at[i], Math.Min(Stretch, columns)).Fill(value);
            }
        }
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
}
