using System.Collections.Immutable;
using System.IO.Enumeration;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn;

// What goes around any optimiser; each is one use of Optimizer.With. What is written last acts first:
// Adam().ClipNorm(1).Accumulate(4) gathers gradients, clips the gathered ones, and hands them to Adam.
public static partial class Optimizers
{
    /// <summary>Weight decay in the gradient: dw + λ·w, that of loss + λ/2·‖w‖². PyTorch's <c>weight_decay</c> of
    /// all optimisers but AdamW.</summary>
    /// <param name="optimizer">What gets the gradients.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="pattern">The parameters' names, with * for anything: <c>*.weight</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or not finite.</exception>
    public static Optimizer WeightDecay(this Optimizer optimizer, double lambda, string pattern = "*") =>
        optimizer.Each($"WeightDecay({Decay(lambda, pattern)})", pattern, p => p with { Dw = p.Dw + lambda * p.W });

    /// <summary>Weight decay beside the gradient: w loses rate·λ·w in the step too. As in AdamW.</summary>
    /// <param name="optimizer">What makes the steps.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="pattern">The parameters' names, with * for anything: <c>*.weight</c>.</param>
    /// <remarks>I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or not finite.</exception>
    public static Optimizer DecoupledDecay(this Optimizer optimizer, double lambda, string pattern = "*") =>
        optimizer.With($"DecoupledDecay({Decay(lambda, pattern)})", [], inner => (all, step) =>
        {
            var isMatch = Matching(all, pattern);
            return [.. all.Zip(inner(all, step), (p, next) => isMatch(p) && next.W != p.W
                ? next with { W = next.W - p.Rate * lambda * p.W }
                : next)];
        });

    /// <summary>Each element of the gradients brought into [−most, most].</summary>
    /// <param name="optimizer">What gets the gradients.</param>
    /// <param name="most">The largest absolute value.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public static Optimizer ClipValue(this Optimizer optimizer, double most)
    {
        Optimizer.Amount(nameof(most), most);
        return optimizer.Each($"ClipValue({Tensor.Number(most)})", "*", p => p with { Dw = Clamp(p.Dw, -most, most) });
    }

    /// <summary>All gradients scaled by one factor, so that their norm, taken over all together, is at
    /// most so large.</summary>
    /// <param name="optimizer">What gets the gradients.</param>
    /// <param name="most">The largest norm.</param>
    /// <remarks>R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, ICML
    /// 2013.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public static Optimizer ClipNorm(this Optimizer optimizer, double most)
    {
        Optimizer.Amount(nameof(most), most);
        return optimizer.With($"ClipNorm({Tensor.Number(most)})", [], inner => (all, step) =>
        {
            var norm = Sqrt(all.Aggregate((Node)0, (sum, p) => sum + Sum(Square(p.Dw))));
            var factor = Where(Less(most, norm), most / norm, 1);
            return inner([.. all.Select(p => p with { Dw = factor * p.Dw })], step);
        });
    }

    /// <summary>One step for every so many batches, with the mean of their gradients: as one step for a batch that is
    /// so many times larger, in the memory of the small one. Batch norm still sees the small one. What is written
    /// before counts its own steps.</summary>
    /// <param name="optimizer">What gets the mean of the gradients.</param>
    /// <param name="batches">How many batches.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public static Optimizer Accumulate(this Optimizer optimizer, int batches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batches, 1);
        var averages = optimizer.Averages;
        return optimizer.WithAverages($"Accumulate({batches})", ["sum"], inner => (all, step) =>
        {
            var (steps, isDue) = Due(step);
            ImmutableArray<Node> sums = [.. all.Select(p => p.Slots[0] + p.Dw)];
            var next = inner(
                [.. all.Zip(sums, (p, sum) => p with { Dw = sum / batches, Slots = p.Slots[1..] })], steps);
            return [.. all.Select((p, i) => new Update(Where(isDue, next[i].W, p.W), [Where(isDue, 0, sums[i]),
                .. p.Slots.Skip(1).Zip(next[i].Slots, (slot, later) => Where(isDue, later, slot))]))];
        }, averages is null ? null : (average, value, step) =>
        {
            var (steps, isDue) = Due(step);
            return Where(isDue, averages(average, value, steps), average);
        });

        (Node Steps, Node IsDue) Due(Node step)
        {
            var steps = Floor(step / batches);
            return (steps, Equal(steps * batches, step));
        }
    }

    /// <summary>Keeps beside each parameter its running average over the steps, with the weight decayᵏ for the value k
    /// steps ago, and likewise beside what batch norm carries from batch to batch (PyTorch's <c>AveragedModel</c> with
    /// <c>use_buffers</c>). The network is judged, returned and saved with the averages; training goes on with the
    /// parameters.</summary>
    /// <param name="optimizer">What makes the steps.</param>
    /// <param name="decay">0.99 averages over about the last 100 steps; 0 is no average.</param>
    /// <remarks>B. Polyak, A. Juditsky, Acceleration of Stochastic Approximation by Averaging, SIAM J. Control Optim.
    /// 30, 1992; with Adam's correction of the beginning.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">It lies outside [0, 1).</exception>
    public static Optimizer Average(this Optimizer optimizer, double decay)
    {
        Optimizer.Share(nameof(decay), decay);
        return optimizer.WithAverages($"Average({Tensor.Number(decay)})", [Optimizer.AverageSlot], inner => (all, step) =>
        {
            var next = inner([.. all.Select(p => p with { Slots = p.Slots[1..] })], step);
            return [.. all.Zip(next, (p, update) => update with
            {
                Slots = [update.W == p.W ? p.Slots[0] : Averaged(p.Slots[0], update.W, step), .. update.Slots],
            })];
        }, Averaged);

        Node Averaged(Node average, Node value, Node step)
        {
            var share = (1 - decay) / Correction(decay, step);
            return (1 - share) * average + share * value;
        }
    }

    /// <summary>Parameters that do not learn. Their gradients are not even computed, if this is written last. What
    /// batch norm carries from batch to batch is no parameter and goes on.</summary>
    /// <param name="optimizer">What makes the steps of the others.</param>
    /// <param name="patterns">The parameters' names, with * for anything: <c>conv*</c>.</param>
    public static Optimizer Freeze(this Optimizer optimizer, params string[] patterns) => optimizer.With(
        $"Freeze({string.Join(", ", patterns.Select(pattern => $"\"{pattern}\""))})", [], inner => (all, step) =>
        {
            var matches = patterns.Select(pattern => Matching(all, pattern)).ToArray();
            var isFrozen = all.ToLookup(p => matches.Any(isMatch => isMatch(p)));
            var next = isFrozen[false].Zip(inner([.. isFrozen[false]], step))
                .ToDictionary(pair => pair.First.W, pair => pair.Second);
            return [.. all.Select(p => next.TryGetValue(p.W, out var update) ? update : new(p.W, p.Slots))];
        });

    /// <summary>Another learning rate for some parameters.</summary>
    /// <param name="optimizer">What makes the steps.</param>
    /// <param name="pattern">The parameters' names, with * for anything: <c>conv*</c>.</param>
    /// <param name="factor">What the rate is multiplied with.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative or not finite.</exception>
    public static Optimizer ScaleRate(this Optimizer optimizer, string pattern, double factor)
    {
        Optimizer.Amount(nameof(factor), factor);
        return optimizer.Each($"ScaleRate(\"{pattern}\", {Tensor.Number(factor)})", pattern,
            p => p with { Rate = factor * p.Rate });
    }

    /// <summary>The optimiser with each parameter that matches changed before the step.</summary>
    private static Optimizer Each(
        this Optimizer optimizer, string call, string pattern, Func<Learner, Learner> change) =>
        optimizer.With(call, [], inner => (all, step) =>
        {
            var isMatch = Matching(all, pattern);
            return inner([.. all.Select(p => isMatch(p) ? change(p) : p)], step);
        });

    private static string Decay(double lambda, string pattern) =>
        Tensor.Number(Optimizer.Amount(nameof(lambda), lambda)) + (pattern == "*" ? "" : $", \"{pattern}\"");

    /// <summary>Whether a parameter's name matches; a pattern that none of them matches is a mistake.</summary>
    private static Func<Learner, bool> Matching(ImmutableArray<Learner> all, string pattern)
    {
        bool IsMatch(Learner p) => FileSystemName.MatchesSimpleExpression(pattern, p.Name, ignoreCase: false);
        return pattern == "*" || all.Any(IsMatch)
            ? IsMatch
            : throw new ArgumentException($"no parameter's name matches \"{pattern}\"; "
                + $"there are {string.Join(", ", all.Select(p => p.Name))}.", nameof(pattern));
    }
}
