// ResNet-20 and a network of MobileNet's blocks tell coloured shapes apart, 32×32 pixels in red, green and blue.
var mobile = ConvNorm(16, 3) >> Separable(32)
          >> Separable(64, stride: 2) >> Separable(64)
          >> Separable(128, stride: 2) >> Separable(128)
          >> GlobalAvgPool >> Dense(10);

var train = ColouredShapes.Of(Key.Of(1), 4000);
var test = ColouredShapes.Of(Key.Of(2), 1000);
Learn("ResNet-20", Models.ResNet20, rate: 5e-3);
Learn("MobileNet's blocks", mobile, rate: 1e-2);

void Learn(string name, Layer net, double rate)
{
    var cost = net.Summary([3, 32, 32]);
    Console.WriteLine($"{name}: {cost.Parameters:N0} parameters, {cost.MultiplyAdds:N0} multiply-adds an image");
    var trained = net.Fit(train, SoftmaxCrossEntropy, Adam(rate), epochs: 5, batch: 32, schedule: Schedules.OneCycle(),
        callbacks: [Callbacks.Do(run => Console.WriteLine(run.History[^1]))]);
    Console.WriteLine($"{name}: test accuracy {trained.Evaluate(test).Accuracy:0.0000}");
}

// A convolution for each channel alone, then one of 1×1 across the channels: MobileNetV1's block.
static Layer Separable(int filters, int stride = 1) =>
    DepthwiseConv2D(3, padding: 1, stride, bias: false) >> BatchNorm() >> Relu >> ConvNorm(filters, 1);

static Layer ConvNorm(int filters, int kernel) =>
    Conv2D(filters, kernel, Same, bias: false) >> BatchNorm() >> Relu;
