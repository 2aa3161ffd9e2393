namespace AutoDiffCnn;

/// <summary>From a case in which a property falls to the smallest one in which it still does: first the graph, down to
/// one op if one does it alone, then its attributes and shapes, then the values.</summary>
internal static class Shrink
{
    private const int Attempts = 400;
    private const int Wide = 16;

    /// <summary>The smallest case, the property that falls in it, the op to blame, and a case
    /// that is not quite so small, in which mistakes look less alike.</summary>
    /// <remarks>A property of second order may fall because of the first order of an op in the backward graph, which
    /// is then the smaller case, of another property.</remarks>
    public static (Property Property, Case Case, Op? Op, Case Wide) Smallest(Property property, Case at, Key key)
    {
        var (small, op) = ToOneOp(property, at, key);
        property = property == Property.EachOp && op is not null ? Property.Differences : property;
        if (property == Property.Differences2 && Property.SecondOrder(small, key) is { } second)
        {
            var (backward, guilty) = ToOneOp(Property.Differences, second, key);
            if (guilty is not null and not StopGradient)
            {
                (property, small, op) = (Property.Differences, backward, guilty);
            }
        }

        var left = Attempts;
        bool Falls(Case candidate) => left-- > 0 && Falsifies(property, candidate, key);
        var wide = small = Greedy(small, SmallerOps.Of, candidate => candidate.Size.Elements >= Wide && Falls(candidate));
        small = Greedy(small, SmallerOps.Of, Falls);
        small = Greedy(small, SmallerValues.Of, Falls);
        return (property, small, op is null ? null : small.Output.Op, wide);
    }

    private static bool Falsifies(Property property, Case at, Key key)
    {
        try
        {
            return property.Check(at, key).IsFalse;
        }
        catch (Exception error) when (error is MisfitError or GraphError or IndexOutOfRangeException or ArgumentException)
        {
            // A candidate whose rule cannot be built is another failure than the one looked for.
            return false;
        }
    }

    /// <summary>The first op that does it alone; otherwise a part of the graph.</summary>
    private static (Case Case, Op? Op) ToOneOp(Property property, Case at, Key key)
    {
        if (at.Twin is not null)
        {
            return (at, null);
        }

        var guilty = Parts.Of(at).Where(part => part.Output.Op is not StopGradient && part.Output.Op.GetType() != typeof(Constant))
            .FirstOrDefault(part => Falsifies(property, part, key));
        return guilty is not null ? (guilty, guilty.Output.Op) : (Cut(property, at, key), null);
    }

    /// <summary>The earliest node whose graph still falls.</summary>
    private static Case Cut(Property property, Case at, Key key)
    {
        foreach (var node in at.Graph.Nodes.Where(node => !node.Inputs.IsEmpty && node.Kind == Kind.Real && node != at.Output))
        {
            var used = new Graph(node).Variables.ToHashSet();
            var part = new Case(node, [.. at.Inputs.Where(input => used.Contains(input.Variable))]);
            if (Falsifies(property, part, key))
            {
                return part;
            }
        }

        return at;
    }

    private static Case Greedy(Case at, Func<Case, IEnumerable<Case>> smaller, Func<Case, bool> falls)
    {
        while (smaller(at).FirstOrDefault(candidate => candidate.Size.CompareTo(at.Size) < 0 && falls(candidate)) is { } better)
        {
            at = better;
        }

        return at;
    }
}

/// <summary>The same graph at simpler values.</summary>
internal static class SmallerValues
{
    public static IEnumerable<Case> Of(Case at)
    {
        for (var i = 0; i < at.Inputs.Length; i++)
        {
            var (variable, value) = at.Inputs[i];
            foreach (var simple in (double[])[0, 1])
            {
                yield return With(Tensor.Fill(value.Shape, simple));
            }

            yield return With(value.Map(Math.Round));
            for (var k = 0; k < value.Count; k++)
            {
                var old = value.At(k);
                foreach (var simple in (double[])[0, 1, -1, 2, Math.Round(old), Math.Round(old * 2) / 2])
                {
                    if (!simple.Equals(old) && (variable.Kind == Kind.Real || simple >= 0))
                    {
                        var at_ = k;
                        yield return With(Tensor.From(value.Shape, j => j == at_ ? simple : value.At(j)));
                    }
                }
            }

            Case With(Tensor other) => at with { Inputs = at.Inputs.SetItem(i, (variable, other)) };
        }
    }
}
