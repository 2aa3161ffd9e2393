using System.Collections.Concurrent;

namespace AutoDiffCnn;

/// <summary>Data that can be gone through any number of times: a function from the number of an epoch to the items in their
/// order. Everything else is composed: each method gives a new loader and changes none.</summary>
/// <param name="Epoch">The items of an epoch, counted from 0. The same epoch always gives the same items in the same order.
/// Nothing is read before it is asked for, so a set may be larger than memory.</param>
/// <remarks>A way of your own is a new function: <c>new Loader&lt;T>(epoch => …)</c>. <see cref="Training"/> takes loaders of
/// batches.</remarks>
/// <example><code>
/// var numbers = Loader.Of([0, 1, 2, 3, 4]).Map(x => x * x);
/// numbers.Epoch(0) // [0, 1, 4, 9, 16]
/// numbers.Chunk(2).Map(pair => pair.Sum()).Epoch(0) // [1, 13, 16]
/// numbers.Shuffle(Key.Of(1)).Epoch(0).Order() // [0, 1, 4, 9, 16]
/// var batches = Loader.Of(digits.Train).Shuffle(Key.Of(1)).Batch(32).Prefetch();
/// batches.Epoch(0).First() // Dataset(32 images [1, 28, 28], 10 classes)
/// batches.Count // 4
/// </code></example>
public sealed record Loader<T>(Func<int, IEnumerable<T>> Epoch)
{
    /// <summary>How many items an epoch has; null where only going through it would tell.</summary>
    public int? Count { get; init; }

    /// <summary>A function of each item.</summary>
    public Loader<TResult> Map<TResult>(Func<T, TResult> function) =>
        new(epoch => Epoch(epoch).Select(function)) { Count = Count };

    /// <summary>A random function of each item: it gets a key that depends on the epoch and on the item's place in it, and
    /// on nothing else.</summary>
    public Loader<TResult> Map<TResult>(Key key, Func<Key, T, TResult> function) =>
        new(epoch => Epoch(epoch).Select((item, i) => function(key.FoldIn((uint)epoch).FoldIn((uint)i), item))) { Count = Count };

    /// <summary>Pairs of the items of two loaders, as many as the shorter has.</summary>
    public Loader<(T First, TOther Second)> Zip<TOther>(Loader<TOther> other) =>
        new(epoch => Epoch(epoch).Zip(other.Epoch(epoch))) { Count = Fewer(Count, other.Count) };

    /// <summary>The first items of each epoch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public Loader<T> Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(epoch => Epoch(epoch).Take(count)) { Count = Fewer(Count, count) };
    }

    /// <summary>Several epochs as one: epoch e has the epochs e·times to e·times + times − 1, each in its own order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public Loader<T> Repeat(int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return new(epoch => Enumerable.Range(checked(epoch * times), times).SelectMany(Epoch)) { Count = checked(Count * times) };
    }

    /// <summary>Items in groups; see <see cref="Loader.Batch"/> for images.</summary>
    /// <param name="size">How many items a group has.</param>
    /// <param name="keepLast">Whether a smaller group at the end is kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public Loader<T[]> Chunk(int size, bool keepLast = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return new(epoch => Epoch(epoch).Chunk(size).Where(chunk => keepLast || chunk.Length == size))
        {
            Count = Count / size + (keepLast && Count % size > 0 ? 1 : 0),
        };
    }

    /// <summary>Another random order in each epoch, the same for the same key.</summary>
    /// <param name="key">What the order depends on.</param>
    /// <param name="window">How many items are held to choose from. All, unless they do not fit into memory: then each item
    /// comes at most so many places earlier; better shuffle the names of what is to be read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is below 1.</exception>
    public Loader<T> Shuffle(Key key, int window = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        return this with { Epoch = epoch => Shuffled(Epoch(epoch), key.FoldIn((uint)epoch), window) };
    }

    /// <summary>The items of epoch 0, read once when they are first asked for and then kept in memory, for every epoch: to be
    /// put behind what is slow and always the same, and before what is random.</summary>
    public Loader<T> Cache()
    {
        var items = new Lazy<T[]>(() => [.. Epoch(0)]);
        return this with { Epoch = _ => items.Value };
    }

    /// <summary>The same items in the same order, made on another thread while the last ones are being used. What goes wrong
    /// there is thrown here, behind the items before it.</summary>
    /// <param name="count">How many items may wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public Loader<T> Prefetch(int count = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return this with { Epoch = epoch => Ahead(Epoch(epoch), count) };
    }

    private static int? Fewer(int? count, int? other) => count is { } a && other is { } b ? Math.Min(a, b) : null;

    private static IEnumerable<T> Shuffled(IEnumerable<T> items, Key key, int window)
    {
        var (held, drawn) = (new List<T>(), 0u);
        foreach (var item in items)
        {
            if (held.Count < window)
            {
                held.Add(item);
                continue;
            }

            // The upper half of the product is uniform in the window.
            var chosen = (int)(key.Bits(drawn++) * (ulong)window >> 32);
            yield return held[chosen];
            held[chosen] = item;
        }

        foreach (var i in key.FoldIn("rest").Permutation(held.Count))
        {
            yield return held[i];
        }
    }

    private static IEnumerable<T> Ahead(IEnumerable<T> items, int count)
    {
        using var stop = new CancellationTokenSource();
        using var queue = new BlockingCollection<T>(count);
        var work = Task.Factory.StartNew(() =>
        {
            try
            {
                foreach (var item in items)
                {
                    queue.Add(item, stop.Token);
                }
            }
            finally
            {
                queue.CompleteAdding();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var item in queue.GetConsumingEnumerable())
            {
                yield return item;
            }

            work.GetAwaiter().GetResult();
        }
        finally
        {
            // Who leaves early leaves nothing running.
            stop.Cancel();
            Task.WaitAny(work);
        }
    }
}

/// <summary>Makes loaders.</summary>
/// <example><code>
/// Loader.Of(digits.Train).Batch(50, keepLast: false).Epoch(0).Count() // 2
/// File.WriteAllText("names.txt", "ada\nblaise\ncarl\n");
/// Loader.Stream(() => File.ReadLines("names.txt")).Take(2).Epoch(0) // [ada, blaise]
/// </code></example>
public static class Loader
{
    /// <summary>The items of a list.</summary>
    public static Loader<T> Of<T>(IReadOnlyList<T> items) => new(_ => items) { Count = items.Count };

    /// <summary>The images of a data set one by one, each a data set of one image. Nothing is copied.</summary>
    public static Loader<Dataset> Of(Dataset data) =>
        new(_ => Enumerable.Range(0, data.Count).Select(i => data.Slice(i, 1))) { Count = data.Count };

    /// <summary>The items of a sequence that is begun again in each epoch, such as the lines of a file.</summary>
    public static Loader<T> Stream<T>(Func<IEnumerable<T>> items) => new(_ => items());

    /// <summary>Data sets put together: batches of images.</summary>
    /// <param name="loader">Data sets of one image each, or of equally many.</param>
    /// <param name="size">How many of them a batch has.</param>
    /// <param name="keepLast">Whether a smaller batch at the end is kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public static Loader<Dataset> Batch(this Loader<Dataset> loader, int size, bool keepLast = true) =>
        loader.Chunk(size, keepLast).Map(Dataset.Concat);
}
