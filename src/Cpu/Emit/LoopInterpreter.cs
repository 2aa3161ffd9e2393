namespace AutoDiffCnn;

/// <summary>Runs a loop without making code: a stretch of a row goes through one formula after the other, intermediates
/// stay in the nearest cache. For small loops, which are not worth compiling, and where code cannot be made. The bits
/// are those of emitted code.</summary>
internal sealed unsafe class LoopInterpreter
{
    private const int Stretch = 1024;

    private readonly LoopBody body;
    private readonly int[] registers;
    private readonly int count;

    public LoopInterpreter(LoopBody body)
    {
        this.body = body;
        (registers, count) = Assign(body);
    }

    /// <summary>The floats of scratch memory that a run needs: an address for each value, and the registers.</summary>
    public int Scratch => Whole(2 * body.Values) + count * Stretch;

    public void Run(nint* arguments, float* scratch)
    {
        var at = (float**)scratch;
        var columns = (int)(arguments[1] / sizeof(float));
        for (var i = 0; i < body.Values; i++)
        {
            at[i] = scratch + Whole(2 * body.Values) + registers[i] * Stretch;
        }

        Fill(SourceKind.Number, arguments, 0, columns, at);
        for (var row = 0; row < arguments[0]; row++)
        {
            Fill(SourceKind.Fixed, arguments, row, columns, at);
            for (var start = 0; start < columns; start += Stretch)
            {
                Compute(arguments, row, start, Math.Min(Stretch, columns - start), at);
            }
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

    private void Fill(SourceKind kind, nint* arguments, int row, int columns, float** at)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == kind)
            {
                var value = kind == SourceKind.Number
                    ? *(float*)(arguments + LoopBody.FirstArgument + 2 * i)
                    : *Address(arguments, i, row);
                new Span<float>(at[i], Math.Min(Stretch, Whole(columns))).Fill(value);
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

    /// <summary>For each value the last formula that reads it; beyond the last formula if it is stored.</summary>
    private static int[] LastUses(LoopBody body)
    {
        var last = new int[body.Values];
        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (_, a, b, c) = body.Instructions[i];
            last[a] = last[b] = last[c] = i;
        }

        foreach (var value in body.Stored)
        {
            last[value] = body.Instructions.Length;
        }

        return last;
    }

    private static int Whole(int floats) => (floats + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
}
