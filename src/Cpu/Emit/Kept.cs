using System.Collections.Concurrent;

namespace AutoDiffCnn;

/// <summary>What plans share: one code for each description. Plans hold their kernels; one that no plan holds any more is
/// forgotten.</summary>
/// <param name="make">From a description to its code.</param>
internal sealed class Kept<TKey, TCode>(Func<TKey, TCode> make)
    where TKey : notnull
    where TCode : class
{
    private readonly ConcurrentDictionary<TKey, WeakReference<TCode>> known = new();

    /// <summary>The code of a description.</summary>
    public TCode Of(TKey key)
    {
        if (known.TryGetValue(key, out var reference) && reference.TryGetTarget(out var code))
        {
            return code;
        }

        var made = make(key);
        known[key] = new(made);
        return made;
    }
}
