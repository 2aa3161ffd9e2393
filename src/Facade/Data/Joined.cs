namespace AutoDiffCnn;

/// <summary>Puts tensors together along a new first axis, in single precision: batches of images.</summary>
internal static class Joined
{
    public static Tensor Of(IReadOnlyList<Tensor> parts)
    {
        var shape = parts[0].Shape;
        var values = new float[parts.Count * shape.Elements];
        for (var i = 0; i < parts.Count; i++)
        {
            parts[i].CopyTo(values.AsSpan(i * (int)shape.Elements));
        }

        return Tensor.Wrap([parts.Count, .. shape], values);
    }
}
