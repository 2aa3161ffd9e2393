using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class LoaderTests
{
    private static readonly Loader<int> Ten = Loader.Of(Enumerable.Range(0, 10).ToArray());

    private static Gen<(int Count, int Size, int Seed)> Cases =>
        from count in Gen.Choose(0, 40)
        from size in Gen.Choose(1, 12)
        from seed in Gen.Choose(0, 1000)
        select (count, size, seed);

    [Fact]
    public void Shuffling_loses_nothing_and_depends_on_key_and_epoch_only() => Law.ForAll(Cases, c =>
    {
        foreach (var window in (int[])[c.Size, int.MaxValue])
        {
            var loader = Loader.Of(Enumerable.Range(0, c.Count).ToArray()).Shuffle(Key.Of(c.Seed), window);
            Assert.Equal(Enumerable.Range(0, c.Count), loader.Epoch(3).Order());
            Assert.Equal(loader.Epoch(3), loader.Epoch(3));
            Assert.True(c.Count < 12 || window < 4 || !loader.Epoch(0).SequenceEqual(loader.Epoch(1)));
            Assert.All(loader.Epoch(0).Select((item, place) => (item, place)), pair => Assert.True(window == int.MaxValue || pair.item - pair.place <= window));
        }
    });

    [Fact]
    public void Shuffling_puts_every_item_in_every_place_equally_often()
    {
        var counts = new int[5, 5];
        foreach (var order in Enumerable.Range(0, 5000).Select(Loader.Of([0, 1, 2, 3, 4]).Shuffle(Key.Of(7)).Epoch))
        {
            foreach (var (item, place) in order.Select((item, place) => (item, place)))
            {
                counts[item, place]++;
            }
        }

        // 1,000 each with a standard deviation of 28.
        Assert.All(counts.Cast<int>(), count => Assert.InRange(count, 860, 1140));
    }

    [Fact]
    public void Chunks_put_together_are_the_items() => Law.ForAll(Cases, c =>
    {
        var items = Loader.Of(Enumerable.Range(0, c.Count).ToArray());
        Assert.Equal(items.Epoch(0), items.Chunk(c.Size).Epoch(0).SelectMany(chunk => chunk));
        Assert.Equal((c.Count + c.Size - 1) / c.Size, items.Chunk(c.Size).Epoch(0).Count());
        Assert.Equal(c.Count / c.Size, items.Chunk(c.Size, keepLast: false).Epoch(0).Count(chunk => chunk.Length == c.Size));
        Assert.DoesNotContain(items.Chunk(c.Size, keepLast: false).Epoch(0), chunk => chunk.Length != c.Size);
    });

    [Fact]
    public void The_count_is_that_of_every_epoch()
    {
        var changes = Gen.Elements<Func<Loader<int>, int, Loader<int>>>(
            (loader, _) => loader.Map(i => i + 1), (loader, n) => loader.Map(Key.Of(n), (_, i) => i), (loader, n) => loader.Shuffle(Key.Of(n), n),
            (loader, n) => loader.Chunk(n).Map(chunk => chunk.Sum()), (loader, n) => loader.Chunk(n, keepLast: false).Map(chunk => chunk.Length),
            (loader, n) => loader.Take(n), (loader, n) => loader.Repeat(n % 3 + 1), (loader, _) => loader.Cache(), (loader, n) => loader.Prefetch(n),
            (loader, n) => loader.Zip(Loader.Of(Enumerable.Range(0, 3 * n).ToArray())).Map(pair => pair.First));
        Law.ForAll(Cases.Zip(changes.Zip(Gen.Choose(1, 9)).ListOf()), at =>
        {
            var (c, list) = at;
            var loader = list.Aggregate(Loader.Of(Enumerable.Range(0, c.Count).ToArray()), (loader, change) => change.Item1(loader, change.Item2));
            Assert.Equal(loader.Epoch(0).Count(), loader.Count);
            Assert.Equal(loader.Epoch(2).Count(), loader.Count);
        }, times: 100);
        Assert.Null(Loader.Stream(() => Enumerable.Range(0, 4)).Zip(Ten).Take(3).Shuffle(Key.Of(1)).Count);
        Assert.Equal(7, Loader.Of(Runs.Data.Take(20)).Batch(3).Count);
        Assert.Equal(10, new Loader<int>(_ => Enumerable.Range(0, 20)) { Count = 20 }.Chunk(2).Count);
    }

    [Fact]
    public void Prefetching_changes_nothing() => Law.ForAll(Cases, c =>
    {
        var loader = Loader.Of(Enumerable.Range(0, c.Count).ToArray()).Shuffle(Key.Of(c.Seed)).Map(Key.Of(1), (key, i) => key.Uniform((uint)i)).Chunk(3);
        Assert.Equal(loader.Epoch(2), loader.Prefetch(c.Size).Epoch(2));
    }, times: 40);

    [Fact]
    public void What_goes_wrong_ahead_comes_behind_the_items_before_it()
    {
        var seen = new List<int>();
        var loader = Ten.Map(i => i < 4 ? i : throw new InvalidOperationException($"no {i}")).Prefetch(5);
        Assert.Equal("no 4", Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var item in loader.Epoch(0))
            {
                seen.Add(item);
            }
        }).Message);
        Assert.Equal([0, 1, 2, 3], seen);
    }

    [Fact]
    public void Who_leaves_early_leaves_nothing_running()
    {
        var (closed, made) = (false, 0);
        IEnumerable<int> Endless()
        {
            try
            {
                while (true)
                {
                    yield return made++;
                }
            }
            finally
            {
                closed = true;
            }
        }

        Assert.Equal([0, 1, 2], Loader.Stream(Endless).Prefetch(2).Epoch(0).Take(3));
        Assert.True(closed);
        Assert.InRange(made, 3, 6);
    }

    [Fact]
    public void A_stream_is_read_only_as_far_as_it_is_asked_for()
    {
        var read = 0;
        IEnumerable<int> Large()
        {
            for (; read < 1_000_000_000; read++)
            {
                yield return read;
            }
        }

        Assert.Equal([3, 12], Loader.Stream(Large).Shuffle(Key.Of(3), window: 5).Chunk(3).Map(c => c.Length).Take(2).Epoch(0).Select((n, i) => n * (i * 3 + 1)));
        Assert.InRange(read, 6, 15);
    }

    [Fact]
    public void A_cache_reads_once()
    {
        var reads = 0;
        var cached = Ten.Map(i => { reads++; return i; }).Cache();
        Assert.Equal(cached.Epoch(0), cached.Epoch(5));
        Assert.Equal(10, reads);
    }

    [Fact]
    public void Repeat_is_several_epochs_and_zip_pairs()
    {
        var shuffled = Ten.Shuffle(Key.Of(1));
        Assert.Equal([.. shuffled.Epoch(4), .. shuffled.Epoch(5)], shuffled.Repeat(2).Epoch(2));
        Assert.Equal([(0, 5), (1, 6)], Ten.Zip(Loader.Of([5, 6])).Epoch(0));
        Assert.Equal([0, 1], Ten.Take(2).Epoch(0));
    }

    [Fact]
    public void A_random_function_gets_a_key_of_epoch_and_place()
    {
        var keys = Ten.Map(Key.Of(1), (key, _) => key);
        Assert.Equal(30, Enumerable.Range(0, 3).SelectMany(keys.Epoch).Distinct().Count());
        Assert.Equal(keys.Epoch(1).Take(3), keys.Take(3).Epoch(1));
    }

    [Fact]
    public void Batches_are_the_images_in_order()
    {
        var train = Datasets.Digits().Train.Take(25);
        var batches = Loader.Of(train).Batch(10).Epoch(0).ToArray();
        Assert.Equal([10, 10, 5], batches.Select(batch => batch.Count));
        Assert.Equal(train, Dataset.Concat(batches));
        Assert.Equal(train.Pick(24, 3), Dataset.Concat([train.Slice(24, 1), train.Slice(3, 1)]));
    }

    [Fact]
    public void A_split_keeps_the_share_of_each_class() => Law.ForAll(
        from labels in Gen.Choose(0, 3).NonEmptyListOf()
        from share in Gen.Choose(0, 10)
        from seed in Gen.Choose(0, 100)
        select (Labels: labels.ToArray(), Share: share / 10.0, Seed: seed),
        c =>
        {
            var data = new Dataset(Tensor.From([c.Labels.Length, 1, 1, 1], i => i), Tensor.Of([.. c.Labels.Select(l => (double)l)]), 4);
            var (train, test) = data.Split(c.Share, Key.Of(c.Seed));
            Assert.Equal(Enumerable.Range(0, c.Labels.Length), train.Images.ToDoubles().Concat(test.Images.ToDoubles()).Select(i => (int)i).Order());
            Assert.All(train.Images.ToDoubles().Zip(train.Labels.ToDoubles()), pair => Assert.Equal(c.Labels[(int)pair.First], pair.Second));
            foreach (var label in c.Labels.Distinct())
            {
                Assert.InRange(test.Labels.ToDoubles().Count(l => l == label) - c.Share * c.Labels.Count(l => l == label), -0.5, 0.5);
            }

            Assert.Equal((train, test), (data.Split(c.Share, Key.Of(c.Seed)).Train, data.Split(c.Share, Key.Of(c.Seed)).Test));
        });

    [Fact]
    public void Refuses_numbers_that_mean_nothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ten.Chunk(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ten.Take(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ten.Repeat(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ten.Prefetch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ten.Shuffle(Key.Of(0), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Datasets.Digits().Test.Split(1.5, Key.Of(0)));
        Assert.Equal("nothing to put together: at least one data set is needed.", Assert.Throws<DataError>(() => Dataset.Concat([])).Message);
        var digits = Datasets.Digits().Test;
        Assert.Equal("Dataset(1000 images [1, 28, 28], 10 classes) and Dataset(1000 images [1, 28, 28], 11 classes) cannot be put together: images and classes must be the same.",
            Assert.Throws<DataError>(() => Dataset.Concat([digits, digits with { Classes = 11 }])).Message);
    }
}
