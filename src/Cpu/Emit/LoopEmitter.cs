using System.Reflection.Emit;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Writes the code of a loop: operands come into registers, go through all formulas and leave as results.
/// </summary>
internal sealed class LoopEmitter
{
    private const int Step = Lanes.Count * sizeof(float);

    private readonly LoopBody body;
    private readonly Code code;
    private readonly Code.Number columns;
    private readonly Code.Number first;
    private readonly Code.Number at;
    private readonly Code.Pointer[] addresses;
    private readonly Code.Number[] rowSteps;
    private readonly Code.Lane[][] values;
    private readonly Code.Lane[] indices;
    private readonly Code.Lane[][] sums;

    private LoopEmitter(LoopBody body)
    {
        this.body = body;
        code = new Code("loop");
        (columns, first, at) = (code.Argument(1), code.Argument(2), code.Count());
        var places = Arrays.Range(0, body.Operands).Select(i => LoopBody.FirstArgument + 2 * i).ToArray();
        addresses = [.. places.Select((place, i) => IsNumber(i) ? code.Arguments(place) : code.Address(place))];
        rowSteps = [.. places.Select(place => code.Argument(place + 1))];
        var one = Arrays.Range(0, body.Values).Select(_ => code.NewLane()).ToArray();
        values = [one, .. Arrays.Range(1, Times - 1).Select(_ => one.Select(Another).ToArray())];
        indices = [.. body.Sources.Select(_ => code.NewLane())];
        sums = [.. body.Folds.Select(fold =>
            fold.Kind == FoldKind.Across ? [] : Arrays.Range(0, Fold.Ways).Select(_ => code.NewLane()).ToArray())];
    }

    /// <summary>A body's code.</summary>
    public static Code.Compiled Emit(LoopBody body) => new LoopEmitter(body).Emit();

    // Several vectors at a time, formula by formula: within a vector each operation waits for the one before, and the
    // processor does not look so far ahead that it would find the next one. But beyond 512 variables the JIT inlines
    // nothing. Where registers are narrower a vector
    // is several of them, which find each other, and several variables.
    private int Times => body.Size switch
    {
        _ when !Vector512.IsHardwareAccelerated => 1,
        <= 90 => 4,
        <= 150 => 2,
        _ => 1,
    };

    private int FirstStored => body.Sources.Length;

    private int FirstFold => FirstStored + body.Stored.Length;

    private Code.Compiled Emit()
    {
        Spread(SourceKind.Number, values[0]);
        code.Repeat(code.Argument(0), Row);
        return code.Finish();
    }

    private void Row()
    {
        Spread(SourceKind.Fixed, values[0]);
        Spread(SourceKind.Hot, indices);
        BeginFolds();
        code.Set(at, 0);
        code.While(at, columns, Times * Step, Vectors);
        code.While(at, code.Sum(columns, Step - sizeof(float)), Step, Part);
        EndFolds();
        for (var i = 0; i < addresses.Length; i++)
        {
            if (!IsNumber(i))
            {
                code.Advance(addresses[i], rowSteps[i]);
            }
        }
    }

    /// <summary>Some vectors of sixteen elements, formula by formula. All are read before any is written: a result may
    /// lie where an operand lies.</summary>
    private void Vectors()
    {
        for (var time = 0; time < Times; time++)
        {
            Read(time);
        }

        Compute(Times);
        for (var time = 0; time < Times; time++)
        {
            Write(time);
        }

        for (var time = 0; time < Times % Fold.Ways; time++)
        {
            Rotate();
        }
    }

    private void Read(int time)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == SourceKind.Dense)
            {
                Call(values[time][i], nameof(LaneParts.Load), code.At(addresses[i], at, time * Step).Local);
            }
            else if (body.Sources[i] == SourceKind.Hot)
            {
                var place = time == 0 ? at : code.Sum(at, time * Step);
                Call(values[time][i], nameof(LaneParts.Hot), indices[i].Local, place.Local, first.Local);
            }
        }
    }

    private void Write(int time)
    {
        for (var i = 0; i < body.Stored.Length; i++)
        {
            Call(body.Streams ? nameof(LaneParts.Stream) : nameof(LaneParts.Store),
                values[time][body.Stored[i]].Local, code.At(addresses[FirstStored + i], at, time * Step).Local);
        }

        for (var i = 0; i < body.Folds.Length; i++)
        {
            var (value, kind) = body.Folds[i];
            if (kind == FoldKind.Across)
            {
                Call(nameof(LaneParts.AddTo), values[time][value].Local,
                    code.At(addresses[FirstFold + i], at, time * Step).Local);
            }
            else
            {
                Call(sums[i][time], kind == FoldKind.Along ? nameof(LaneParts.Add) : nameof(LaneParts.Max),
                    sums[i][time].Local, values[time][value].Local);
            }
        }
    }

    /// <summary>One vector, of which perhaps only the first elements belong to the row.</summary>
    private void Part()
    {
        var count = code.Floats(columns, at);
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == SourceKind.Dense)
            {
                Call(values[0][i], nameof(LaneParts.LoadPart), code.At(addresses[i], at, 0).Local, count.Local);
            }
            else if (body.Sources[i] == SourceKind.Hot)
            {
                Call(values[0][i], nameof(LaneParts.Hot), indices[i].Local, at.Local, first.Local);
            }
        }

        Compute(times: 1);
        for (var i = 0; i < body.Stored.Length; i++)
        {
            Call(nameof(LaneParts.StorePart),
                values[0][body.Stored[i]].Local, code.At(addresses[FirstStored + i], at, 0).Local, count.Local);
        }

        for (var i = 0; i < body.Folds.Length; i++)
        {
            var (value, kind) = body.Folds[i];
            if (kind == FoldKind.Across)
            {
                Call(nameof(LaneParts.AddPartTo), values[0][value].Local,
                    code.At(addresses[FirstFold + i], at, 0).Local, count.Local);
            }
            else
            {
                Call(sums[i][0], kind == FoldKind.Along ? nameof(LaneParts.AddPart) : nameof(LaneParts.MaxPart),
                    sums[i][0].Local, values[0][value].Local, count.Local);
            }
        }

        Rotate();
    }

    private void Compute(int times)
    {
        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = body.Instructions[i];
            foreach (var lanes in values.AsSpan(0, times))
            {
                code.Call(lanes[body.Sources.Length + i], formula, lanes[a], lanes[b], lanes[c]);
            }
        }
    }

    private void BeginFolds()
    {
        for (var i = 0; i < sums.Length; i++)
        {
            foreach (var sum in sums[i])
            {
                Call(sum, body.Folds[i].Kind == FoldKind.Along ? nameof(LaneParts.Zero) : nameof(LaneParts.Lowest));
            }
        }
    }

    private void EndFolds()
    {
        for (var i = 0; i < sums.Length; i++)
        {
            if (sums[i] is [var a, var b, var c, var d])
            {
                Call(body.Folds[i].Kind == FoldKind.Along ? nameof(LaneParts.StoreSum) : nameof(LaneParts.StoreMax),
                    a.Local, b.Local, c.Local, d.Local, addresses[FirstFold + i].Local);
            }
        }
    }

    /// <summary>The next register comes first.</summary>
    private void Rotate()
    {
        foreach (var ways in sums.Where(ways => ways.Length > 0))
        {
            var last = code.NewLane();
            code.Copy(last, ways[0]);
            for (var way = 1; way < ways.Length; way++)
            {
                code.Copy(ways[way - 1], ways[way]);
            }

            code.Copy(ways[^1], last);
        }
    }

    private void Spread(SourceKind kind, Code.Lane[] targets)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == kind)
            {
                Call(targets[i], nameof(LaneParts.Spread), addresses[i].Local);
            }
        }
    }

    /// <summary>The value's register for another vector: the same one if it does not change along a row.</summary>
    private Code.Lane Another(Code.Lane lane, int value) =>
        value < FirstStored && body.Sources[value] is SourceKind.Number or SourceKind.Fixed ? lane : code.NewLane();

    private bool IsNumber(int operand) => operand < FirstStored && body.Sources[operand] == SourceKind.Number;

    private void Call(Code.Lane target, string method, params ReadOnlySpan<LocalBuilder> arguments) =>
        code.Call(target, LaneParts.Method(method), arguments);

    private void Call(string method, params ReadOnlySpan<LocalBuilder> arguments) =>
        code.Call(LaneParts.Method(method), arguments);
}
