namespace AutoDiffCnn.Tests;

/// <summary>Sums over ranks, which are sessions of one plan here, each with threads of its own.</summary>
public class AllReduceTests
{
    /// <summary>Ranks in one process: all wait for all, and each adds up in the order of the ranks.</summary>
    private sealed class Ring(Barrier barrier)
    {
        private readonly float[][] given = new float[barrier.ParticipantCount][];

        public IRanks Rank(int rank) => new Member(this, rank);

        private void Meet() => Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(60)), "a rank is missing.");

        private sealed class Member(Ring ring, int rank) : IRanks
        {
            public void Sum(Span<float> values)
            {
                ring.given[rank] = values.ToArray();
                ring.Meet();
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = ring.given.Aggregate(0f, (sum, part) => sum + part[i]);
                }

                ring.Meet();
            }
        }
    }

    /// <summary>One session a rank, each run on a thread of its own.</summary>
    private static T[] OnRanks<T>(Plan plan, int ranks, int threads, Func<Session, int, T> run)
    {
        using var barrier = new Barrier(ranks);
        var (ring, results) = (new Ring(barrier), new T[ranks]);
        Thread[] all = [.. Enumerable.Range(0, ranks).Select(rank => new Thread(() =>
        {
            using var session = plan.Start(threads, ring.Rank(rank));
            results[rank] = run(session, rank);
        }))];
        Array.ForEach(all, thread => thread.Start());
        Array.ForEach(all, thread => thread.Join());
        return results;
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Steps_on_parts_of_a_batch_are_steps_on_the_batch(int threads)
    {
        const int Ranks = 3;
        var (w, v) = (Variable("w", [16, 2, 3, 3]), Variable("v", [3, 400]));
        var (x, labels) = (Key.Of(1).Normal([6, 2, 7, 7]), Tensor.From([6], i => i % 3));
        var (image, label) = (Variable("x", [2, 2, 7, 7]), Variable("t", [2], Kind.Index));
        var (images, all) = (Variable("x", [6, 2, 7, 7]), Variable("t", [6], Kind.Index));
        Node Loss(Node x, Node t) => SoftmaxCrossEntropy(Dense(Flatten(Relu(Conv2D(x, w))), v), t);
        (Node, Node)[] Updates(Node loss, Func<Node, Node> mean) =>
            [.. Gradient.Of(loss, [w, v]).Zip([w, v]).Select(pair => (pair.Second, pair.Second - 0.1 * mean(pair.First)))];
        void Train(Session session, Node x, Node t, Tensor images, Tensor labels)
        {
            session.Set(w, Key.Of(2).Normal(w.Shape));
            session.Set(v, Key.Of(3).Normal(v.Shape, 0, 0.1));
            session.Set(x, images);
            session.Set(t, labels);
            for (var step = 0; step < 3; step++)
            {
                session.Run();
            }
        }

        using var whole = Cpu.Compile([], Updates(Loss(images, all), dw => dw)).Start(threads);
        Train(whole, images, all, x, labels);
        var plan = Cpu.Compile([], Updates(Loss(image, label), dw => AllReduce(dw) / Ranks));
        var weights = OnRanks(plan, Ranks, threads, (session, rank) =>
        {
            Train(session, image, label, Slice(x, [2 * rank, 0, 0, 0], image.Shape).Value,
                Tensor.From([2], i => labels.At(2 * rank + i)));
            return (W: session.Get(w), V: session.Get(v));
        });
        Assert.All(weights, rank => Assert.Equal(weights[0], rank));
        Assert.All(weights[0].V.ToDoubles().Zip(whole.Get(v).ToDoubles()), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        Assert.All(weights[0].W.ToDoubles().Zip(whole.Get(w).ToDoubles()), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void The_derivative_of_the_sum_is_the_sum_of_the_cotangents()
    {
        var x = Variable("x", [3]);
        var dx = Gradient.Of(Sum(Square(AllReduce(x))), x);
        var found = OnRanks(Cpu.Compile([dx]), 2, 1, (session, rank) =>
        {
            session.Set(x, Tensor.From([3], i => i + 10 * rank));
            session.Run();
            return session.Get(dx);
        });

        // Both ranks' losses are Σ (x + x')², whose derivative is 2 (x + x') each.
        Assert.Equal(Tensor.Of([40, 48, 56]), found[0]);
        Assert.Equal(found[0], found[1]);
    }

    [Fact]
    public void A_constant_is_added_up_when_the_plan_runs()
    {
        var sum = AllReduce(Tensor.Of([1, 2])) + 1;
        Assert.Equal(Tensor.Of([2, 3]), Reference.Run(sum));
        Assert.Equal(Tensor.Of([2, 3]), Cpu.Run([sum], new Dictionary<Node, Tensor>())[0]);
        Assert.All(OnRanks(Cpu.Compile([sum]), 4, 1, (session, _) =>
        {
            session.Run();
            return session.Get(sum);
        }), value => Assert.Equal(Tensor.Of([5, 9]), value));
    }

    [Fact]
    public void What_a_rank_throws_ends_the_run()
    {
        var sum = AllReduce(Ones([2]));
        using var session = Cpu.Compile([sum]).Start(1, new Alone());
        Assert.Equal("a step of the plan failed: rank 1 has left", Assert.Throws<InvalidOperationException>(session.Run).Message);
    }

    private sealed class Alone : IRanks
    {
        public void Sum(Span<float> values) => throw new IOException("rank 1 has left");
    }
}
