namespace AutoDiffCnn;

/// <summary>Writes the code of a loop: operands come into registers, go through all formulas and leave as
/// results.</summary>
internal sealed class LoopEmitter
{
    private const int Step = Lanes.Count * sizeof(float);

    private readonly LoopBody body;
    private readonly Code code;
    private readonly Code.Number columns;
    private readonly Code.Number at;
    private readonly Code.Pointer[] addresses;
    private readonly Code.Number[] rowSteps;
    private readonly Code.Lane[] values;

    private LoopEmitter(LoopBody body)
    {
        this.body = body;
        code = new Code("loop");
        (columns, at) = (code.Argument(1), code.Count());
        var places = Enumerable.Range(0, body.Sources.Length + body.Stored.Length)
            .Select(i => LoopBody.FirstArgument + 2 * i).ToArray();
        addresses = [.. places.Select((place, i) => IsNumber(i) ? code.Arguments(place) : code.Address(place))];
        rowSteps = [.. places.Select(place => code.Argument(place + 1))];
        values = [.. Enumerable.Range(0, body.Values).Select(_ => code.NewLane())];
    }

    /// <summary>A body's code.</summary>
    public static Code.Compiled Emit(LoopBody body) => new LoopEmitter(body).Emit();

    // Several vectors at a time where the work on one is short, so that counting does not matter.
    private int Times => body.Effort switch { <= 12 => 4, <= 24 => 2, _ => 1 };

    private Code.Compiled Emit()
    {
        Spread(SourceKind.Number);
        code.Repeat(code.Argument(0), Row);
        return code.Finish();
    }

    private void Row()
    {
        Spread(SourceKind.Fixed);
        code.Set(at, 0);
        if (Times > 1)
        {
            code.While(at, columns, Times * Step, () =>
            {
                for (var time = 0; time < Times; time++)
                {
                    Vector(time * Step);
                }
            });
        }

        code.While(at, columns, Step, () => Vector(0));
        code.IfLess(at, columns, Part);
        for (var i = 0; i < addresses.Length; i++)
        {
            if (!IsNumber(i))
            {
                code.Advance(addresses[i], rowSteps[i]);
            }
        }
    }

    /// <summary>Sixteen elements, so many bytes behind the place where the loop is. All are read before any is written:
    /// a result may lie where an operand lies.</summary>
    private void Vector(int more)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == SourceKind.Dense)
            {
                code.Call(values[i], LaneParts.Method(nameof(LaneParts.Load)), code.At(addresses[i], at, more).Local);
            }
        }

        Compute();
        for (var i = 0; i < body.Stored.Length; i++)
        {
            code.Call(LaneParts.Method(nameof(LaneParts.Store)),
                values[body.Stored[i]].Local, code.At(addresses[body.Sources.Length + i], at, more).Local);
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
                code.Call(values[i], LaneParts.Method(nameof(LaneParts.LoadPart)),
                    code.At(addresses[i], at, 0).Local, count.Local);
            }
        }

        Compute();
        for (var i = 0; i < body.Stored.Length; i++)
        {
            code.Call(LaneParts.Method(nameof(LaneParts.StorePart)),
                values[body.Stored[i]].Local, code.At(addresses[body.Sources.Length + i], at, 0).Local, count.Local);
        }
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

    private void Spread(SourceKind kind)
    {
        for (var i = 0; i < body.Sources.Length; i++)
        {
            if (body.Sources[i] == kind)
            {
                code.Call(values[i], LaneParts.Method(nameof(LaneParts.Spread)), addresses[i].Local);
            }
        }
    }

    private bool IsNumber(int operand) => operand < body.Sources.Length && body.Sources[operand] == SourceKind.Number;
}
