namespace AutoDiffCnn;

/// <summary>Rules that real numbers obey, and floats up to rounding and the sign of a zero; see also
/// <see cref="SumAlgebra"/>.</summary>
internal static class RealAlgebra
{
    /// <summary>Small whole powers are products. Parts placed in zeros side by side and added, as the gradient of a
    /// value that is used in parts, are joined.</summary>
    public static Node? Rule(Node node) => node switch
    {
        { Op: Power, Inputs: [var a, var b] } => SumAlgebra.NumberIn(b) switch
        {
            -1 => new Reciprocal().Of(a),
            1 => a,
            2 => a * a,
            3 => a * a * a,
            4 => Functions.Square(a * a),
            _ => null,
        },
        { Op: Add, Inputs: [{ Op: Place } a, { Op: Place } b] } => Joined(a, b) ?? Joined(b, a),
        _ => null,
    };

    /// <summary>Two boxes as one, if the second begins on some axis where the first ends and is the same on all
    /// others.</summary>
    private static Node? Joined(Node first, Node second)
    {
        var ((a, p), (b, q)) = ((first.Inputs[0], (Place)first.Op), (second.Inputs[0], (Place)second.Op));
        for (var axis = 0; axis < a.Shape.Rank; axis++)
        {
            if (p.Step[axis] == 1 && p.Step == q.Step && p.Start.With(axis, p.Start[axis] + a.Shape[axis]) == q.Start
                && a.Shape.With(axis, b.Shape[axis]) == b.Shape)
            {
                var both = new Concat(axis).Of([.. Parts(a, axis), .. Parts(b, axis)]);
                return both.Shape == p.Shape && p.Step.All(step => step == 1) ? both : p.Of(both);
            }
        }

        return null;
    }

    private static IEnumerable<Node> Parts(Node x, int axis) =>
        x.Op is Concat concat && concat.Axis == axis ? x.Inputs : [x];
}
