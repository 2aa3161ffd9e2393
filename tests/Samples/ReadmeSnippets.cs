namespace SamplesTests;

/// <summary>The code in README.md: each fence is one of these regions, and each comment in it is what the code prints.
/// See <see cref="ReadmeTests"/>.</summary>
public sealed class ReadmeSnippets
{
    /// <summary>What the regions print to.</summary>
    private Paper Console { get; } = new();

    [Fact]
    public void A_first_cell()
    {
        #region A_first_cell
        var image  = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
        var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
        Console.WriteLine(CrossCorrelate(image, kernel));
        // [[15, 16], [6, 15]]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_first_cell));
    }

    [Fact]
    public void A_gradient()
    {
        #region A_gradient
        var x = Variable("x", [1, 1, 4, 4]);
        var w = Variable("w", [1, 1, 3, 3]);
        var loss = Sum(Square(Relu(Conv2D(x, w))));
        var dw = Gradient.Of(loss, w);
        Console.WriteLine(new Graph(dw).Simplify().Print());
        // x : [1, 1, 4, 4]
        // w : [1, 1, 3, 3]
        // %0 = Conv2D(x, w) : [1, 1, 2, 2]
        // %1 = Relu(%0) : [1, 1, 2, 2]
        // %2 = Less(0, %1) : [1, 1, 2, 2]   # Vjp of Relu %1
        // %3 = Add(%1, %1) : [1, 1, 2, 2]   # Vjp of Multiply
        // %4 = Select(%2, %3, 0) : [1, 1, 2, 2]   # Vjp of Relu %1
        // %5 = Conv2DKernel(W: [1, 1, 3, 3])(x, %4) : [1, 1, 3, 3]   # Vjp of Conv2D %0
        // return %5
        #endregion

        Readme.AssertPrinted(Console, nameof(A_gradient));
    }

    [Fact]
    public void A_derivation()
    {
        #region A_derivation
        var model = (Conv2D(3, 3) >> Relu >> MaxPool(2) >> Flatten >> Dense(3)).Build([2, 2, 6, 6]);
        var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [2], Kind.Index));
        Console.WriteLine(Derivation.Of(loss, [.. model.Parameters.Select(parameter => parameter.Variable)]));
        // Forward
        //   Z₁ = X ⋆ W₁ + b₁                  Conv2D, conv1
        //   A₁ = relu(Z₁)                     Relu, relu1
        //   P₁ = maxpool(A₁)                  MaxPool, pool1
        //   Z₂ = flatten(P₁) · W₂ᵀ + b₂       MatMul, dense1
        //   Y = onehot(labels)                OneHot
        //   L = −(Σ Y ⊙ ln softmax(Z₂)) / 2   CrossEntropy
        //   W₁ is conv1.weight, b₁ is conv1.bias, W₂ is dense1.weight, b₂ is dense1.bias
        // Backward, dV = ∂L/∂V
        //   dZ₂ = (softmax(Z₂) − Y) / 2       softmax and cross-entropy: what is predicted minus what is true
        //   db₂ = Σ_n dZ₂                     repetition: sum over the repeats
        //   dW₂ = dZ₂ᵀ · flatten(P₁)          matrix product: the first factor, transposed, times the error
        //   dP₁ = unflatten(dZ₂ · W₂)         matrix product: the error times the second factor, transposed
        //   dA₁ = upsample(dP₁, argmax(A₁))   max-pool: the error to the largest of each window, 0 to the others
        //   dZ₁ = dA₁ ⊙ [A₁ > 0]              relu: times its derivative
        //   db₁ = Σ_n,i,j dZ₁                 repetition: sum over the repeats
        //   dW₁ = X ⋆ dZ₁                     convolution: cross-correlation of the input with the error
        // Each derivative agrees with differences.
        #endregion

        Readme.AssertPrinted(Console, nameof(A_derivation));
    }

    [Fact]
    public void A_second_derivative()
    {
        #region A_second_derivative
        var x = Variable("x", [2]);
        var dx = Gradient.Of(Sum(x * x * x), x);
        var d2x = Gradient.Of(Sum(dx), x);
        Console.WriteLine(Reference.Run(d2x, (x, Tensor.Of([1, 2]))));
        // [6, 12]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_second_derivative));
    }

    [Fact]
    public void Transforms()
    {
        #region Transforms
        Func<Node, Node> cubes = x => Sum(x * x * x);
        Console.WriteLine(Hessian(cubes)(Tensor.Of([1, 2])));
        Console.WriteLine(Vmap(Grad(cubes))(Tensor.Of([[1, 2], [3, 4]])));
        // [[6, 0], [0, 12]]
        // [[3, 12], [27, 48]]
        #endregion

        Readme.AssertPrinted(Console, nameof(Transforms));
    }

    [Fact]
    public void A_gradient_attacked()
    {
        #region A_gradient_attacked
        GradKit.Check(x => x * Tanh(Softplus(x)));
        Console.WriteLine(GradKit.Attack(x => x * new Softsign().Of(x), new Budget(Cases: 50)).Title);
        // function: holds in 50 cases, seed 1
        #endregion

        Readme.AssertPrinted(Console, nameof(A_gradient_attacked));
    }

    [Fact]
    public void A_custom_op_runs()
    {
        #region A_custom_op_runs
        var x = Variable("x", [3]);
        var y = new Softsign().Of(x);
        Console.WriteLine(Reference.Run(Gradient.Of(Sum(y), x), (x, Tensor.Of([-1, 0, 3]))));
        // [0.25, 1, 0.0625]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_custom_op_runs));
    }

    [Fact]
    public void A_network()
    {
        #region A_network
        var lenet = Conv2D(6, 5, Same) >> Relu >> MaxPool(2)
                 >> Conv2D(16, 5)      >> Relu >> MaxPool(2)
                 >> Flatten >> Dense(120) >> Relu >> Dense(84) >> Relu >> Dense(10);
        Console.WriteLine(lenet.Summary([1, 28, 28]));
        // name      layer               output        parameters  multiply-adds
        // input                         [1, 28, 28]
        // conv1     Conv2D(6, 5, Same)  [6, 28, 28]          156        117,600
        // relu1     Relu                [6, 28, 28]            0              0
        // pool1     MaxPool(2)          [6, 14, 14]            0              0
        // conv2     Conv2D(16, 5)       [16, 10, 10]       2,416        240,000
        // relu2     Relu                [16, 10, 10]           0              0
        // pool2     MaxPool(2)          [16, 5, 5]             0              0
        // flatten1  Flatten             [400]                  0              0
        // dense1    Dense(120)          [120]             48,120         48,000
        // relu3     Relu                [120]                  0              0
        // dense2    Dense(84)           [84]              10,164         10,080
        // relu4     Relu                [84]                   0              0
        // dense3    Dense(10)           [10]                 850            840
        // total                                           61,706        416,520
        #endregion

        Readme.AssertPrinted(Console, nameof(A_network));
        Assert.Equal($"{Models.LeNet5}", $"{lenet}");
    }

    [Fact]
    public void Training()
    {
        var lenet = Models.LeNet5;
        InScratch(() =>
        {
            #region Training
            var digits = Datasets.Digits();
            var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs: 5, validation: digits.Test);
            var result = trained.Evaluate(digits.Test);
            trained.Save("lenet.safetensors");
            #endregion

            Assert.InRange(result.Accuracy, 0.93, 1);
            Assert.Equal(61_706, Safetensors.Read("lenet.safetensors").Values.Sum(tensor => tensor.Count));
        });
    }

    [Fact]
    public void Training_composed()
    {
        var lenet = Models.LeNet5;
        InScratch(() =>
        {
            #region Training_composed
            var digits = Datasets.Digits();
            var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, AdamW(2e-3).ClipNorm(1).ScaleRate("conv*", 0.5), epochs: 5,
                validation: digits.Test, schedule: Schedules.WarmUp(0.1, Schedules.Cosine),
                callbacks: [Callbacks.EarlyStopping(patience: 2), Callbacks.LogCsv("log.csv")], checkpoints: new("run"));
            #endregion

            Assert.InRange(trained.History[^1].Validation!.Accuracy, 0.93, 1);
            Assert.Equal(1 + trained.History.Length, File.ReadAllLines("log.csv").Length);
            Assert.NotEmpty(Directory.GetFiles("run"));
        });
    }

    [Fact]
    public void Picture()
    {
        Scratch.In(folder =>
        {
            var home = Environment.CurrentDirectory;
            Environment.CurrentDirectory = folder;

            #region Picture
            var x = Variable("x", [1, 1, 4, 4]);
            var w = Variable("w", [1, 1, 3, 3]);
            var loss = Sum(Square(Relu(Conv2D(x, w))));
            var picture = new Graph(Gradient.Of(loss, w)).Simplify().Draw();
            picture.Save("gradient.svg");
            #endregion

            Assert.Equal(Readme.File("docs/pictures/gradient.svg"), File.ReadAllText("gradient.svg"));
            Environment.CurrentDirectory = home;
        });
    }

    [Fact]
    public void Data_augmented()
    {
        #region Data_augmented
        var soften = Augment.PadCrop(4) >> Augment.Flip() >> Augment.Rotate(-15, 15) >> Augment.Brightness(-0.2, 0.2);
        var shapes = Loader.Of(ColouredShapes.Of(Key.Of(0), 300)).Shuffle(Key.Of(1)).Batch(32);
        var net = Conv2D(16, 3, Same) >> BatchNorm() >> Relu >> MaxPool(4) >> Flatten >> Dense(10);
        var trained = net.Fit(shapes.With(Key.Of(2), soften).Prefetch(), SoftmaxCrossEntropy, Adam(1e-3), epochs: 3);
        #endregion

        Assert.True(trained.History[2].Loss < trained.History[0].Loss);
    }

    [Fact]
    public void Data_mixed()
    {
        var shapes = Loader.Of(ColouredShapes.Of(Key.Of(0), 300)).Shuffle(Key.Of(1)).Batch(32);
        var net = Conv2D(16, 3, Same) >> BatchNorm() >> Relu >> MaxPool(4) >> Flatten >> Dense(10);

        #region Data_mixed
        var mixed = shapes.Map(Key.Of(3), (key, batch) => Blend.Mixup(key, batch));
        var trained = net.Fit(mixed, SoftmaxCrossEntropy, Adam(1e-3), epochs: 3);
        #endregion

        Assert.True(trained.History[2].Loss < trained.History[0].Loss);
    }

    [Fact]
    public void A_shape_error()
    {
        #region A_shape_error
        var deep = Conv2D(6, 5) >> MaxPool(2) >> Conv2D(16, 5) >> MaxPool(2) >> Conv2D(16, 5);
        try
        {
            deep.Build([32, 1, 28, 28]);
        }
        catch (ShapeError error)
        {
            Console.WriteLine(error.Message);
        }
        // conv3: Conv2D(16, 5) on [32, 16, 4, 4]: height ⌊(4 + 2·0 − 1·(5−1) − 1)/1⌋ + 1 = 0, must be at least 1.
        // Possible: padding 1 gives 2, Same gives 4, a kernel of at most 4.
        // So far: input [32, 1, 28, 28] -> conv1 [32, 6, 24, 24] -> pool1 [32, 6, 12, 12] -> conv2 [32, 16, 8, 8] -> pool2 [32, 16, 4, 4]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_shape_error));
    }

    [Fact]
    public void A_custom_layer_runs()
    {
        #region A_custom_layer_runs
        var net = Conv2D(8, 3) >> new SqueezeExcite(Ratio: 4) >> GlobalAvgPool;
        Console.WriteLine(net.Summary([1, 28, 28]));
        // name                     layer          output       parameters  multiply-adds
        // input                                   [1, 28, 28]
        // conv1                    Conv2D(8, 3)   [8, 26, 26]          80         48,672
        // squeezeExcite1.pool1     GlobalAvgPool  [8]                   0              0
        // squeezeExcite1.dense1    Dense(2)       [2]                  18             16
        // squeezeExcite1.relu1     Relu           [2]                   0              0
        // squeezeExcite1.dense2    Dense(8)       [8]                  24             16
        // squeezeExcite1.sigmoid1  Sigmoid        [8]                   0              0
        // pool1                    GlobalAvgPool  [8]                   0              0
        // total                                                       122         48,704
        #endregion

        Readme.AssertPrinted(Console, nameof(A_custom_layer_runs));
    }

    [Fact]
    public void Networks_edited_and_compared()
    {
        #region Networks_edited_and_compared
        var ten = Models.ResNet18.Replace("dense1", Dense(10));
        Console.WriteLine(ten.Build([1, 3, 224, 224]).ParameterCount);
        Console.WriteLine(Conv2D(128, 3, Same).Compare(SeparableConv2D(128, 3, Same), [128, 28, 28]));
        // 11181642
        // on [128, 28, 28]  Conv2D(128, 3, Same)  SeparableConv2D(128, 3, Same)  ratio
        // output                   [128, 28, 28]                  [128, 28, 28]
        // parameters                     147,584                         17,664   0.12
        // multiply-adds              115,605,504                     13,748,224  0.119
        // backward                   115,605,504                     26,593,280   0.23
        // activation bytes               401,408                        802,816      2
        // receptive field                 [3, 3]                         [3, 3]
        #endregion

        Readme.AssertPrinted(Console, nameof(Networks_edited_and_compared));
    }

    [Fact]
    public void Networks_as_files()
    {
        InScratch(() =>
        {
            #region Networks_as_files
            var model = Models.LeNet5.Build([64, 1, 28, 28], Mode.Train);
            var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [64], Kind.Index));
            Onnx.Write("step.onnx", OnnxGraph.Of(TrainingStep.Of(model, loss, Adam(1e-3))));
            Onnx.Write("lenet.onnx", OnnxGraph.Of(model, model.Init(Key.Of(42))));
            var lenet = Onnx.ReadLayer("lenet.onnx");
            Console.WriteLine((lenet >> Softmax).Build([1, 1, 28, 28]).ParameterCount);
            // 61706
            #endregion

            Assert.Equal(["loss", "conv1.weight.next"], Onnx.Read("step.onnx").Outputs.Take(2).Select(output => output.Name));
        });
        Readme.AssertPrinted(Console, nameof(Networks_as_files));
    }

    /// <summary>Runs what writes files in a folder of its own.</summary>
    private static void InScratch(Action snippet) => Scratch.In(folder =>
    {
        var home = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder;
        try
        {
            snippet();
        }
        finally
        {
            Environment.CurrentDirectory = home;
        }
    });

    internal sealed class Paper
    {
        private readonly List<string> lines = [];

        public string Text => string.Join("\n", lines);

        public void WriteLine(object value) => lines.Add($"{value}");
    }
}

#region A_custom_op
/// <summary>y = x / (1 + |x|).</summary>
public sealed record Softsign : Map1<Softsign>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x / (V.Of(1) + V.Abs(x));

    public override Node? Vjp(Node x, Node y, Node dy) => dy / Square(1 + Abs(x));
}
#endregion

#region A_custom_layer
/// <summary>Weighs each channel by what all channels hold on average.</summary>
public sealed record SqueezeExcite(int Ratio) : Layer
{
    public override Node Apply(Scope scope, Node x)
    {
        var channels = x.Shape[1];
        var gate = GlobalAvgPool >> Dense(channels / Ratio) >> Relu >> Dense(channels) >> Sigmoid;
        return x * Reshape(gate.Apply(scope, x), [x.Shape[0], channels, 1, 1]);
    }
}
#endregion
