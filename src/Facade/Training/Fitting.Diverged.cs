using System.Collections.Immutable;

namespace AutoDiffCnn;

// What went wrong when a value is no longer finite.
internal sealed partial class Fitting
{
    private void CheckFinite(Trained trained, Weights weights, Cursor cursor)
    {
        foreach (var (name, variable) in now.Step.Learnt)
        {
            if (Finite.FirstNot(weights[name].Singles) is >= 0 and var at)
            {
                throw Diverged(trained, cursor, "a weight is not finite after the update", variable, at,
                    weights[name].At(at));
            }
        }
    }

    /// <summary>Runs the forward pass of the failing step again, with every node as an output, and finds the first that
    /// is not finite.</summary>
    private DivergedError Diverged(Trained trained, Cursor cursor)
    {
        var lossText = Tensor.Number(now.Run.Reals(now.Step.Loss)[0]);
        var graph = new Graph(now.Step.Loss);
        ImmutableArray<Node> real =
            [.. graph.Nodes.Where(node => node.Kind == Kind.Real && node.Op is not (Constant or Variable))];
        using var again = Cpu.Compile(real).Start(threads);
        foreach (var variable in now.Step.Model.Parameters.Select(parameter => parameter.Variable)
            .Concat(now.Step.Model.Running.Select(running => running.Variable)).Where(again.Plan.Has))
        {
            again.Set(variable, now.Run.Get(variable));
        }

        if (now.Step.Model.Key is { } random)
        {
            keyBefore.CopyTo(again.Indices(random));
        }

        Feed(again, cursor);
        again.Run();
        foreach (var node in graph.Nodes.Where(node => node.Kind == Kind.Real && node.Op is not Constant))
        {
            if (Finite.FirstNot(again.Reals(node)) is >= 0 and var at)
            {
                return Diverged(trained, cursor with { Step = cursor.Step + 1 }, $"the loss is {lossText}", node, at,
                    again.Reals(node)[at]);
            }
        }

        return Diverged(trained, cursor with { Step = cursor.Step + 1 }, $"the loss is {lossText}", now.Step.Loss, 0,
            now.Run.Reals(now.Step.Loss)[0]);
    }

    private DivergedError Diverged(Trained trained, Cursor cursor, string what, Node node, int at, double value)
    {
        var layer = node.Origin?.Path is { Length: > 0 } path ? path : "the loss's";
        var name = node.Op is Variable ? $"the parameter {node.Op.Name}" : $"{layer} {node.Op.Name}";
        var cause = node.Op is Variable ? ", so the update before it was too large" : "";
        var strides = node.Shape.Strides();
        var position = node.Shape.Select((length, axis) => (int)(at / strides[axis] % length));
        var good = resumed is not null ? $"of {resumed}"
            : trained.History.IsEmpty ? "before training"
            : $"after epoch {trained.History[^1].Epoch}";
        return new DivergedError(
            $"training diverged in epoch {cursor.Epoch}, step {cursor.Step} of {batches.Steps}: {what}.\n"
            + $"First not finite: {name} {node.Shape}, {Tensor.Number(value)} at {position}{cause}.\n"
            + $"Possible: a smaller learning rate than {Tensor.Number(now.Step.Optimizer.Rate)}, "
            + "inputs scaled to about −1 to 1.\n"
            + $"LastGood has the weights {good}.", cursor.Epoch, cursor.Step, node, trained);
    }
}
