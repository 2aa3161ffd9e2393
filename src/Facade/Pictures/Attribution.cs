namespace AutoDiffCnn;

/// <summary>Which pixels made a network give a class its score: gradients of the score, shown as pictures by
/// <see cref="Pictures.DrawOver"/>.</summary>
/// <example><code>
/// var model = lenet.Build([1, 1, 28, 28]);
/// var weights = model.Init(Key.Of(1));
/// var image = digits.Test.Images.Part(0);
/// Attribution.Saliency(model, weights, image, 3).Shape // [1, 28, 28]
/// Attribution.GradCam(model, weights, image, 3, "conv2").Shape // [10, 10]
/// Attribution.GuidedBackprop(model, weights, image, 3).DrawOver(image).Save("guided.svg");
/// </code></example>
public static class Attribution
{
    /// <summary>∂y[label] / ∂x, of the image's shape, where y are the model's results.</summary>
    /// <param name="model">A classifier for one image, built for use: <c>layer.Build([1, …])</c>.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="image">The image x, without the batch.</param>
    /// <param name="label">The class.</param>
    /// <remarks>K. Simonyan, A. Vedaldi, A. Zisserman, Deep Inside Convolutional Networks: Visualising Image Classification Models
    /// and Saliency Maps, 2014. They show the largest size over the channels.</remarks>
    /// <exception cref="ArgumentException">The model is for training or for more than one image, or has not one score for each
    /// class; or there is no such class.</exception>
    /// <exception cref="ShapeError">The image has another shape than the model's input.</exception>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public static Tensor Saliency(Model model, Weights weights, Tensor image, int label) =>
        Run(model, weights, image, Gradient.Vjp(model.Output, Seed(model, image, label), [model.Input])[0]).Reshape(image.Shape);

    /// <summary>As <see cref="Saliency"/>, but at each relu only what raises the score goes back: dx = max(dy, 0) where x &gt;
    /// 0, else 0. Other activations are as always.</summary>
    /// <inheritdoc cref="Saliency" path="/param"/>
    /// <inheritdoc cref="Saliency" path="/exception"/>
    /// <remarks>J. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller, Striving for Simplicity: The All Convolutional Net,
    /// 2015.</remarks>
    public static Tensor GuidedBackprop(Model model, Weights weights, Tensor image, int label)
    {
        var seed = Seed(model, image, label);
        var output = Rewrite.Apply(new Graph(model.Output), Guided).Outputs[0];
        return Run(model, weights, image, Gradient.Vjp(output, seed, [model.Input])[0]).Reshape(image.Shape);
    }

    /// <summary>max(Σ_k α_k A_k, 0), where A_k are the channels [h, w] of a layer's result and α_k is the mean of ∂y[label] / ∂A_k
    /// over h and w: where in the image the layer found what speaks for the class.</summary>
    /// <param name="model">A classifier for one image, built for use: <c>layer.Build([1, …])</c>.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="image">The image, without the batch.</param>
    /// <param name="label">The class.</param>
    /// <param name="layer">The layer's path as in a summary; the last whose result has more than one place if null.</param>
    /// <inheritdoc cref="Saliency" path="/exception"/>
    /// <remarks>R. Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization,
    /// 2017.</remarks>
    public static Tensor GradCam(Model model, Weights weights, Tensor image, int label, string? layer = null)
    {
        var seed = Seed(model, image, label);
        var candidates = model.Layers.Where(applied => applied.Y.Shape is [1, > 0, var h, var w] && h * w > 1).ToArray();
        var maps = (layer is null ? candidates.LastOrDefault() : candidates.FirstOrDefault(applied => applied.Path == layer))?.Y
            ?? throw new ArgumentException($"Attribution.GradCam: there is no layer {layer} that gives images; there are "
                + $"{string.Join(", ", candidates.Select(applied => applied.Path))}.", nameof(layer));
        var alpha = Functions.Mean(Gradient.Vjp(model.Output, seed, [maps])[0], [2, 3], keepDims: true);
        return Run(model, weights, image, Functions.Relu(Functions.Sum(alpha * maps, [0, 1])));
    }

    private static Node? Guided(Node node) => node is { Op: Relu, Inputs: [var input] }
        ? Functions.CustomVjp(Functions.Relu, (x, _, dy) => Functions.Where(Functions.Greater(x, 0), Functions.Relu(dy), 0))(input)
        : null;

    /// <summary>1 for the class and 0 for the others, after all has been checked.</summary>
    private static Node Seed(Model model, Tensor image, int label)
    {
        if (model.Mode != Mode.Eval || model.Input.Shape is not [1, ..] || model.Output.Shape is not [1, var classes])
        {
            throw new ArgumentException($"a model from {model.Input.Shape} to {model.Output.Shape} in Mode.{model.Mode} gives no scores for one image: "
                + "build it with [1, …] for use.", nameof(model));
        }

        if (image.Shape != model.Input.Shape[1..])
        {
            throw new ShapeError($"Attribution on {image.Shape}", $"the model is for images of {model.Input.Shape[1..]}", [$"an image of {model.Input.Shape[1..]}"]);
        }

        return (uint)label < (uint)classes ? Tensor.From([1, classes], i => i == label ? 1 : 0)
            : throw new ArgumentException($"there is no class {label}: the model has {classes}.", nameof(label));
    }

    private static Tensor Run(Model model, Weights weights, Tensor image, Node wanted)
    {
        var values = model.Bind(weights).ToDictionary(pair => pair.Variable, pair => pair.Value);
        values[model.Input] = image.Reshape(model.Input.Shape);
        return Cpu.Run([wanted], values)[0];
    }
}
