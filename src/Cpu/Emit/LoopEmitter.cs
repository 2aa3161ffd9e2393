using System.Reflection.Emit;

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
    private readonly Code.Lane[] values;
    private readonly Code.Lane[] indices;
    private readonly Code.Lane[][] sums;

    private LoopEmitter(LoopBody body)
    {
        this.body = body;
        code = new Code("loop");
        (columns, first, at) = (code.Argument(1), code.Argument(2), code.Count());
        var places = Enumerable.Range(0, body.Operands).Select(i => LoopBody.FirstArgument + 2 * i).ToArray();
        addresses = [.. places.Select((place, i) => IsNumber(i) ? code.Arguments(place) : code.Address(place))];
        rowSteps = [.. places.Select(place => code.Argument(place + 1))];
        values = [.. Enumerable.Range(0, body.Values).Select(_ => code.NewLane())];
        indices = [.. body.Sources.Select(_ => code.NewLane())];
        sums = [.. body.Folds.Select(fold =>
            fold.Kind == FoldKind.Across ? [] : Enumerable.Range(0, Fold.Ways).Select(_ => code.NewLane()).ToArray())];
    }

    /// <summary>A body's code.</summary>
    public static Code.Compiled Emit(LoopBody body) => new LoopEmitter(body).Emit();

    // Several vectors at a time where the work on one is short, so that counting does not matter.
    private int Times => body.Effort switch { <= 12 => 4, <= 24 => 2, _ => 1 };

    private int FirstStored => body.Sources.Length;

    private int FirstFold => FirstStored + body.Stored.Length;

    private Code.Compiled Emit()
    {
        Spread(SourceKind.Number, values);
        code.Repeat(code.Argument(0), Row);
        return code.Finish();
    }

    private void Row()
    {
        Spread(SourceKind.Fixed, values);
        Spread(SourceKind.Hot, indices);
        BeginFolds();
        code.Set(at, 0);
        if (Times > 1)
        {
            code.While(at, columns, Times * Step, () => Vectors(Times));
        }

        code.While(at, columns, Step, () => Vectors(1));
        code.IfLess(at, columns, Part);
        EndFolds();
        for (var i = 0; i < addresses.Length; i++)
        {
            if (!IsNumber(i))
            {
                code.Advance(addresses[i], rowSteps[i]);
            }
        }
    }

    private void Vectors(int times)
    {
        for (var time = 0; time < times; time++)
        {
            Vector(time);
        }

        for (var time = 0; time < times % Fold.Ways; time++)
        {
            Rotate();
        }
    }

    /// <summary>Sixteen elements, so many vectors behind the place where the loop is. All are read before any is
    /// written: a result may lie where an operand lies.</summary>
    private void Vector(int time)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == SourceKind.Dense)
            {
                Call(values[i], nameof(LaneParts.Load), code.At(addresses[i], at, time * Step).Local);
            }
            else if (body.Sources[i] == SourceKind.Hot)
            {
                var place = time == 0 ? at : code.Sum(at, time * Step);
                Call(values[i], nameof(LaneParts.Hot), indices[i].Local, place.Local, first.Local);
            }
        }

        Compute();
        for (var i = 0; i < body.Stored.Length; i++)
        {
            Call(nameof(LaneParts.Store),
                values[body.Stored[i]].Local, code.At(addresses[FirstStored + i], at, time * Step).Local);
        }

        for (var i = 0; i < body.Folds.Length; i++)
        {
            var (value, kind) = body.Folds[i];
            if (kind == FoldKind.Across)
            {
                Call(nameof(LaneParts.AddTo), values[value].Local,
                    code.At(addresses[FirstFold + i], at, time * Step).Local);
            }
            else
            {
                Call(sums[i][time], kind == FoldKind.Along ? nameof(LaneParts.Add) : nameof(LaneParts.Max),
                    sums[i][time].Local, values[value].Local);
            }
        }
    }

    /// <summary>The last elements of a row that do not fill a vector.</summary>
    private void Part()
    {
        var count = code.Floats(columns, at);
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == SourceKind.Dense)
            {
                Call(values[i], nameof(LaneParts.LoadPart), code.At(addresses[i], at, 0).Local, count.Local);
            }
            else if (body.Sources[i] == SourceKind.Hot)
            {
                Call(values[i], nameof(LaneParts.Hot), indices[i].Local, at.Local, first.Local);
            }
        }

        Compute();
        for (var i = 0; i < body.Stored.Length; i++)
        {
            Call(nameof(LaneParts.StorePart),
                values[body.Stored[i]].Local, code.At(addresses[FirstStored + i], at, 0).Local, count.Local);
        }

        for (var i = 0; i < body.Folds.Length; i++)
        {
            var (value, kind) = body.Folds[i];
            if (kind == FoldKind.Across)
            {
                Call(nameof(LaneParts.AddPartTo), values[value].Local,
                    code.At(addresses[FirstFold + i], at, 0).Local, count.Local);
            }
            else
            {
                Call(sums[i][0], kind == FoldKind.Along ? nameof(LaneParts.AddPart) : nameof(LaneParts.MaxPart),
                    sums[i][0].Local, values[value].Local, count.Local);
            }
        }

        Rotate();
    }

    private void Compute()
    {
        for (var i = 0; i < body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = body.Instructions[i];
            var operands = new[] { values[a].Local, values[b].Local, values[c].Local };
            code.Call(values[body.Sources.Length + i], formula.Method, operands.AsSpan(0, formula.Inputs));
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

    private bool IsNumber(int operand) => operand < FirstStored && body.Sources[operand] == SourceKind.Number;

    private void Call(Code.Lane target, string method, params ReadOnlySpan<LocalBuilder> arguments) =>
        code.Call(target, LaneParts.Method(method), arguments);

    private void Call(string method, params ReadOnlySpan<LocalBuilder> arguments) =>
        code.Call(LaneParts.Method(method), arguments);
}
