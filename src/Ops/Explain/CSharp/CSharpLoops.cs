namespace AutoDiffCnn;

// Loops: each op's Reference as nested loops, which add in the same order.
internal sealed partial class CSharpWriter
{
    /// <summary>The code that makes a node's array or number.</summary>
    private void Compute(Node node)
    {
        var (y, at, inputs) = (names[node], Indices(node.Shape), node.Inputs);
        switch (node.Op)
        {
            case Constant { Value: var value }:
                Line(node.Shape.Elements == 0 ? $"var {y} = {New(node)};" : $"{Type(node)} {y} = {Literal(value, node.Kind)};");
                break;
            case SumTo op:
                Declare(node);
                var missing = inputs[0].Shape.Rank - op.Shape.Rank;
                var from = Indices(inputs[0].Shape);
                Loop(inputs[0].Shape, from, $"{Target(node, [.. op.Shape.Select((size, axis) => size == 1 ? "0" : from[missing + axis])])} += {At(inputs[0], from)};");
                break;
            case Reshape:
                ComputeReshape(node);
                break;
            case MatMul op:
                Declare(node);
                var batch = at[..^2];
                var k = op.Matrices(inputs[0].Shape, inputs[1].Shape).K;
                var a = At(inputs[0], [.. batch, .. op.TransposeA ? ["k", at[^2]] : (string[])[at[^2], "k"]]);
                var b = At(inputs[1], [.. batch, .. op.TransposeB ? [at[^1], "k"] : (string[])["k", at[^1]]]);
                Loop([.. node.Shape, k], [.. at, "k"], $"{Target(node, at)} += {a} * {b};");
                break;
            case Convolution op:
                Convolve(node, op.Window, op.Groups, inputs[0].Shape, inputs[1].Shape, node.Shape,
                    (x, w, p) => $"{Target(node, p)} += {At(inputs[0], x)} * {At(inputs[1], w)};");
                break;
            case ConvolutionInput op:
                Convolve(node, op.Window, op.Groups, op.X, inputs[1].Shape, inputs[0].Shape,
                    (x, w, p) => $"{Target(node, x)} += {At(inputs[0], p)} * {At(inputs[1], w)};");
                break;
            case ConvolutionKernel op:
                Convolve(node, op.Window, op.Groups, inputs[0].Shape, op.W, inputs[1].Shape,
                    (x, w, p) => $"{Target(node, w)} += {At(inputs[0], x)} * {At(inputs[1], p)};");
                break;
            case SumPool op:
                Declare(node);
                Pool(inputs[0].Shape, node.Shape, op.Kernel, op.Window, (x, p) => $"{Target(node, p)} += {At(inputs[0], x)};");
                break;
            case SumPoolInput op:
                Declare(node);
                Pool(op.X, inputs[0].Shape, op.Kernel, op.Window, (x, p) => $"{Target(node, x)} += {At(inputs[0], p)};");
                break;
            case MaxPool op:
                MaxPool(node, op.Kernel, op.Window, (x, _) => At(inputs[0], x));
                break;
            case MaxPoolIndices op:
                MaxPool(node, op.Kernel, op.Window, (_, flat) => flat);
                break;
            case PlanePut op:
                Declare(node);
                Loop(inputs[0].Shape, Indices(inputs[0].Shape),
                    OnPlane(inputs[1], op.X, Indices(inputs[0].Shape), x => $"{Target(node, x)} += {At(inputs[0], Indices(inputs[0].Shape))};"));
                break;
            case PlaneTake:
                Declare(node);
                Loop(node.Shape, at, OnPlane(inputs[1], inputs[0].Shape, at, x => $"{Target(node, at)} = {At(inputs[0], x)};"));
                break;
            default:
                ComputeIndexed(node, y, at);
                break;
        }
    }

    private void ComputeIndexed(Node node, string y, string[] at)
    {
        var inputs = node.Inputs;
        switch (node.Op)
        {
            case TakeAlong op:
                Declare(node);
                Loop(node.Shape, at, $"if ({At(inputs[1], at)} < {inputs[0].Shape[op.Axis]}) "
                    + $"{Target(node, at)} = {At(inputs[0], With(at, op.Axis, At(inputs[1], at)))};");
                break;
            case PutAlong op:
                Declare(node);
                var put = Indices(inputs[0].Shape);
                Loop(inputs[0].Shape, put, $"if ({At(inputs[1], put)} < {op.Size}) {Target(node, With(put, op.Axis, At(inputs[1], put)))} = {At(inputs[0], put)};");
                break;
            case Gather op:
                Declare(node);
                var place = At(inputs[1], [at[op.Axis]]);
                Loop(node.Shape, at, $"if ({place} < {inputs[0].Shape[op.Axis]}) {Target(node, at)} = {At(inputs[0], With(at, op.Axis, place))};");
                break;
            case ScatterAdd op:
                Declare(node);
                var added = Indices(inputs[0].Shape);
                var to = At(inputs[1], [added[op.Axis]]);
                Loop(inputs[0].Shape, added, $"if ({to} < {op.Size}) {Target(node, With(added, op.Axis, to))} += {At(inputs[0], added)};");
                break;
            case Place op:
                Declare(node);
                var part = Indices(inputs[0].Shape);
                Loop(inputs[0].Shape, part, $"{Target(node, [.. part.Select((i, axis) => Affine(i, op.Step[axis], op.Start[axis]))])} = {At(inputs[0], part)};");
                break;
            case Concat op:
                Declare(node);
                var start = 0;
                foreach (var input in inputs)
                {
                    var each = Indices(input.Shape);
                    Loop(input.Shape, each, $"{Target(node, With(each, op.Axis, Affine(each[op.Axis], 1, start)))} = {At(input, each)};");
                    start += input.Shape[op.Axis];
                }

                break;
            case Prod op:
                Declare(node);
                var factor = Indices(inputs[0].Shape);
                Loop(node.Shape, at, $"{Target(node, at)} = 1;");
                Loop(inputs[0].Shape, factor, $"{Target(node, With(factor, op.Axis, "0"))} *= {At(inputs[0], factor)};");
                break;
            case CumSum op:
                Accumulate(node, op, at);
                break;
            case ArgMax op:
                Along(node, op.Axis, at, "best");
                break;
            case Max op:
                Along(node, op.Axis, at, At(inputs[0], With(at, op.Axis, "best")));
                break;
            case ToIndex:
                Declare(node);
                Loop(node.Shape, at, $"{Target(node, at)} = Math.Floor({At(inputs[0], at)}) is >= 0 and <= uint.MaxValue ? (long)Math.Floor({At(inputs[0], at)}) : uint.MaxValue;");
                break;
            default:
                if (Expression(node) is { } expression)
                {
                    Fill(node, expression);
                    break;
                }

                var function = Fresh(node.Op.Name.ToLowerInvariant());
                functions.Add($"Func<{string.Join(", ", inputs.Append(node).Select(Type))}> {function}");
                var arguments = string.Join(", ", inputs.Select(Array));
                Line($"var {y} = {function}({arguments}); // {node.Op} has no C# of its own.");
                break;
        }
    }

    /// <summary>Each sum from the one before it.</summary>
    private void Accumulate(Node node, CumSum op, string[] at)
    {
        var (i, last) = (at[op.Axis], node.Shape[op.Axis] - 1);
        var here = i != "0" && op.FromEnd ? With(at, op.Axis, $"{last} - {i}") : at;
        var before = With(at, op.Axis, op.FromEnd ? $"{last} - {i} + 1" : $"{i} - 1");
        var x = At(node.Inputs[0], here);
        Declare(node);
        Loop(node.Shape, at, $"{Target(node, here)} = {(i == "0" ? x : $"{i} == 0 ? {x} : {Target(node, before)} + {x}")};");
    }

    /// <summary>A node as an array, or a number, that has a name: one is made if there is none.</summary>
    private string Array(Node node)
    {
        if (!names.TryGetValue(node, out var name))
        {
            name = names[node] = Fresh("t1");
            Fill(node, expressions[node]);
        }

        return name;
    }

    private void Fill(Node node, Func<IReadOnlyList<string>, string> expression)
    {
        var at = Indices(node.Shape);
        var text = CodeReal.Bare(expression(at));
        if (node.Shape.Rank == 0)
        {
            Line($"var {names[node]} = {text};");
            return;
        }

        Declare(node);
        Loop(node.Shape, at, $"{Target(node, at)} = {text};");
    }

    /// <summary>All products of a convolution, in the order of <see cref="Convolution.Products"/>.</summary>
    private void Convolve(Node node, Window window, int groups, Shape x, Shape w, Shape y, Func<string[], string[], string[], string> body)
    {
        Declare(node);
        var (n, o, c) = (x[0] == 1 ? "0" : "n", w[0] == 1 ? "0" : "o", w[1] == 1 ? "0" : "c");
        var channel = groups == 1 ? c : $"o / {w[0] / groups} * {w[1]} + {c}";
        var (p, k) = (Indices(y[2..], "p"), Indices(w[2..], "k"));
        var (q, guard) = Walk(window, x[2..], p, k);
        Loop([x[0], w[0], w[1], .. y[2..], .. w[2..]], [n, o, c, .. p, .. k],
            guard + body([n, channel, .. q], [o, c, .. k], [n, o, .. p]));
    }

    private void Pool(Shape x, Shape y, Shape kernel, Window window, Func<string[], string[], string> body)
    {
        var (p, k) = (Indices(y[2..], "p"), Indices(kernel, "k"));
        var (q, guard) = Walk(window, x[2..], p, k);
        var plane = Plane(x);
        Loop([x[0], x[1], .. y[2..], .. kernel], [.. plane, .. p, .. k], guard + body([.. plane, .. q], [.. plane, .. p]));
    }

    private void MaxPool(Node node, Shape kernel, Window window, Func<string[], string, string> chosen)
    {
        Declare(node);
        var x = node.Inputs[0];
        var (p, k) = (Indices(node.Shape[2..], "p"), Indices(kernel, "k"));
        var (q, guard) = Walk(window, x.Shape[2..], p, k);
        var plane = Plane(x.Shape);
        string[] best = [.. plane, .. OfPlane(x.Shape, "best")];
        var image = q.Select((each, axis) => (each, step: x.Shape[2..].Strides()[axis]))
            .Select(pair => pair.step == 1 ? Factor(pair.each) : $"{Factor(pair.each)} * {pair.step}");
        var (depth, indent) = Open([node.Shape[0], node.Shape[1], .. node.Shape[2..]], [.. plane, .. p]);
        body.Append($"{indent}var best = -1L;\n");
        Loop(kernel, k, $"{guard}{{ var flat = {string.Join(" + ", image)}; "
            + $"if (best < 0 || Larger({At(x, [.. plane, .. q])}, {At(x, best)})) best = flat; }}", depth);
        body.Append($"{indent}{Target(node, [.. plane, .. p])} = {chosen(best, "best")};\n");
        Close(depth);
    }

    private void Along(Node node, int axis, string[] at, string result)
    {
        Declare(node);
        var x = node.Inputs[0];
        var (depth, indent) = Open(node.Shape, at);
        body.Append($"{indent}var best = 0;\n");
        Loop([x.Shape[axis]], ["k"], $"if (Larger({At(x, With(at, axis, "k"))}, {At(x, With(at, axis, "best"))})) best = k;", depth);
        body.Append($"{indent}{Target(node, at)} = {result};\n");
        Close(depth);
    }

    /// <summary>Where kernel element k at position p lies, and a condition where that may be outside.</summary>
    private static (string[] Q, string Guard) Walk(Window window, Shape size, string[] p, string[] k)
    {
        string[] q = [.. p.Select((each, axis) => Sum(Affine(each, window.Stride[axis], 0), Affine(k[axis], window.Dilation[axis], -window.Before[axis])))];
        var guards = Enumerable.Range(0, q.Length).Where(axis => window.Before[axis] > 0 || window.After[axis] > 0)
            .Select(axis => $"{q[axis]} >= 0 && {q[axis]} < {size[axis]}").ToArray();
        return (q, guards.Length == 0 ? "" : $"if ({string.Join(" && ", guards)}) ");

        static string Sum(string a, string b) => a == "0" ? b : b == "0" ? a : b[0] == '-' ? $"{a} - {b[1..]}" : $"{a} + {b}";
    }

    private static string[] Plane(Shape x) => [x[0] == 1 ? "0" : "n", x[1] == 1 ? "0" : "c"];

    /// <summary>A flat position of a plane as one on each axis.</summary>
    private static string[] OfPlane(Shape x, string flat)
    {
        var (sizes, steps) = (x[2..], x[2..].Strides());
        return [.. sizes.Select((size, axis) => (steps[axis] == 1 ? flat : $"{flat} / {steps[axis]}") + (axis == 0 ? "" : $" % {size}"))];
    }

    private string OnPlane(Node index, Shape x, string[] at, Func<string[], string> body)
    {
        var flat = At(index, index.Shape[1] == 1 ? With(at, 1, "0") : at);
        return $"if ({flat} < {x[2..].Elements}) {body([at[0], at[1], .. OfPlane(x, flat)])}";
    }

    private void ComputeReshape(Node node)
    {
        var x = node.Inputs[0];
        var source = node.Shape.Rank == 0 || x.Shape.Rank == 0 ? At(x, [.. x.Shape.AsEnumerable().Select(_ => "0")]) : Array(x);
        Declare(node);
        if (node.Shape.Rank == 0 || x.Shape.Rank == 0)
        {
            Line($"{Target(node, [.. node.Shape.AsEnumerable().Select(_ => "0")])} = {source};");
        }
        else if (node.Shape.Elements > 0)
        {
            Line($"Buffer.BlockCopy({source}, 0, {names[node]}, 0, {node.Shape.Elements} * sizeof(double));");
        }
    }

    private static string[] With(string[] at, int axis, string index) => [.. at.Select((each, i) => i == axis ? index : each)];

    private string Target(Node node, IReadOnlyList<string> at) => node.Shape.Rank == 0 ? names[node] : $"{names[node]}[{string.Join(", ", at)}]";

    private void Declare(Node node) =>
        Line(node.Shape.Rank == 0 ? $"var {names[node]} = {(node.Kind == Kind.Real ? "0.0" : "0L")};" : $"var {names[node]} = {New(node)};");

    private static string New(Node node) => $"new {(node.Kind == Kind.Real ? "double" : "long")}[{string.Join(", ", node.Shape)}]";

    /// <summary>Nested loops around a statement.</summary>
    private void Loop(Shape sizes, string[] counters, string statement, int depth = 1)
    {
        depth = Heads(sizes, counters, depth);
        body.Append($"{new string(' ', 4 * depth)}{statement}\n");
    }

    private int Heads(Shape sizes, string[] counters, int depth)
    {
        foreach (var (size, counter) in sizes.Zip(counters).Where(pair => pair.Second != "0"))
        {
            body.Append($"{new string(' ', 4 * depth++)}for (var {counter} = 0; {counter} < {size}; {counter}++)\n");
        }

        return depth;
    }

    /// <summary>Opens nested loops around a block; gives the depth and the indentation inside.</summary>
    private (int Depth, string Indent) Open(Shape sizes, string[] counters)
    {
        var depth = Heads(sizes, counters, 1);
        body.Append($"{new string(' ', 4 * depth)}{{\n");
        return (depth + 1, new string(' ', 4 * (depth + 1)));
    }

    private void Close(int depth) => body.Append($"{new string(' ', 4 * (depth - 1))}}}\n");

    private void Line(string text) => body.Append($"    {text}\n");

    private static string Literal(Tensor value, Kind kind) => value.Shape.Rank == 0
        ? kind == Kind.Real ? CodeReal.Literal(value.Scalar) : $"{value.Scalar}L"
        : $"{(value.Shape.Rank == 1 ? "" : $"new {(kind == Kind.Real ? "double" : "long")}[{new string(',', value.Shape.Rank - 1)}] ")}"
            + Nested(value, 0, 0, kind, value.Shape.Rank == 1 ? "[]" : "{}");

    private static string Nested(Tensor value, int axis, int flat, Kind kind, string brackets)
    {
        var step = (int)value.Shape[(axis + 1)..].Elements;
        var parts = Enumerable.Range(0, value.Shape[axis]).Select(i => flat + i * step).Select(at => axis == value.Shape.Rank - 1
            ? kind == Kind.Real ? CodeReal.Literal(value.At(at)) : $"{value.At(at)}L"
            : Nested(value, axis + 1, at, kind, brackets));
        return brackets[0] + string.Join(", ", parts) + brackets[1];
    }
}
