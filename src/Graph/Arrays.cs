using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AutoDiffCnn;

/// <summary>LINQ's functions of immutable arrays, each computed at once. Inside this namespace the compiler finds them
/// before LINQ's.</summary>
/// <remarks>For each combination of types that are not classes the runtime compiles some ten methods of LINQ, its iterators
/// among them, and one of these: a network's first step takes a fifth less. A condition that a loop over the result changes
/// belongs into the loop.</remarks>
internal static class Arrays
{
    public static ImmutableArray<int> Range(int start, int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = start + i;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(numbers);
    }

    public static ImmutableArray<T> Repeat<T>(T x, int count)
    {
        var xs = new T[count];
        Array.Fill(xs, x);
        return ImmutableCollectionsMarshal.AsImmutableArray(xs);
    }

    public static ImmutableArray<R> Select<T, R>(this ImmutableArray<T> xs, Func<T, R> f)
    {
        var results = new R[xs.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = f(xs[i]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(results);
    }

    public static ImmutableArray<R> Select<T, R>(this ImmutableArray<T> xs, Func<T, int, R> f)
    {
        var results = new R[xs.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = f(xs[i], i);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(results);
    }

    public static ImmutableArray<R> SelectMany<T, R>(this ImmutableArray<T> xs, Func<T, IEnumerable<R>> f)
    {
        var results = new List<R>();
        for (var i = 0; i < xs.Length; i++)
        {
            results.AddRange(f(xs[i]));
        }

        return [.. results];
    }

    public static ImmutableArray<R> SelectMany<T, U, R>(this ImmutableArray<T> xs, Func<T, ImmutableArray<U>> f, Func<T, U, R> g) =>
        xs.SelectMany(x => (IEnumerable<R>)f(x).Select(y => g(x, y)));

    public static ImmutableArray<T> Where<T>(this ImmutableArray<T> xs, Func<T, bool> f)
    {
        var (kept, count) = (new T[xs.Length], 0);
        for (var i = 0; i < kept.Length; i++)
        {
            if (f(xs[i]))
            {
                kept[count++] = xs[i];
            }
        }

        Array.Resize(ref kept, count);
        return ImmutableCollectionsMarshal.AsImmutableArray(kept);
    }

    public static ImmutableArray<(A First, B Second)> Zip<A, B>(this ImmutableArray<A> xs, ImmutableArray<B> ys)
    {
        var pairs = new (A, B)[Math.Min(xs.Length, ys.Length)];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = (xs[i], ys[i]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(pairs);
    }

    public static T Aggregate<T>(this ImmutableArray<T> xs, Func<T, T, T> f)
    {
        var result = xs[0];
        for (var i = 1; i < xs.Length; i++)
        {
            result = f(result, xs[i]);
        }

        return result;
    }

    public static R Aggregate<T, R>(this ImmutableArray<T> xs, R seed, Func<R, T, R> f)
    {
        var result = seed;
        for (var i = 0; i < xs.Length; i++)
        {
            result = f(result, xs[i]);
        }

        return result;
    }

    public static int Sum<T>(this ImmutableArray<T> xs, Func<T, int> f) => xs.Aggregate(0, (sum, x) => checked(sum + f(x)));

    public static long Sum<T>(this ImmutableArray<T> xs, Func<T, long> f) => xs.Aggregate(0L, (sum, x) => checked(sum + f(x)));

    public static bool Any<T>(this ImmutableArray<T> xs, Func<T, bool> f)
    {
        for (var i = 0; i < xs.Length; i++)
        {
            if (f(xs[i]))
            {
                return true;
            }
        }

        return false;
    }

    public static bool All<T>(this ImmutableArray<T> xs, Func<T, bool> f) => !xs.Any(x => !f(x));
}
