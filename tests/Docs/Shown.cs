using System.Collections;

namespace DocsTests;

/// <summary>Receives what the expressions of the running example give. Examples run one after the other.</summary>
public static class Shown
{
    private static readonly Dictionary<int, string> Texts = [];

    /// <summary>Runs an example.</summary>
    /// <returns>For each line with an expression the text of what it gave.</returns>
    public static IReadOnlyDictionary<int, string> By(Action example)
    {
        Texts.Clear();
        example();
        return new Dictionary<int, string>(Texts);
    }

    /// <summary>The example's expression in a line.</summary>
    public static void Value<T>(int line, Func<T> expression)
    {
#pragma warning disable CA1031 // Whatever an example throws is what it gives.
        try
        {
            Texts[line] = TextOf(expression());
        }
        catch (Exception error)
        {
            Texts[line] = $"{error.GetType().Name}: {error.Message}";
        }
#pragma warning restore CA1031
    }

    /// <inheritdoc cref="Value{T}"/>
    public static void Value(int line, Action expression) => Value<object?>(line, () =>
    {
        expression();
        return null;
    });

    private static string TextOf(object? value) => value switch
    {
        string text => text,
        IEnumerable parts and not Shape => $"[{string.Join(", ", parts.Cast<object?>().Select(TextOf))}]",
        _ => value?.ToString() ?? "",
    };
}
