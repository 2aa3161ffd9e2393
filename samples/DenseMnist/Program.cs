// One hidden layer, kept from learning by heart by dropout and weight decay: above 98 % of MNIST's test digits.
// The folder with the four files of MNIST is given by --data; without it there are the 6,000 digits in the package.
var digits = args is ["--data", var folder] ? Datasets.Mnist(folder) : Datasets.Digits();
Console.WriteLine($"{digits.Train.Count} digits to learn from, {digits.Test.Count} to judge by");

var net = Layer.Of(Flatten) >> Dense(512) >> Relu >> Dropout(0.3) >> Dense(10);
Console.WriteLine(net.Summary([1, 28, 28]));

var trained = net.Fit(digits.Train, SoftmaxCrossEntropy, Adam(3e-3).WeightDecay(1e-5, "*.weight"),
    epochs: 8, batch: 128, validation: digits.Test, schedule: Schedules.OneCycle(),
    callbacks: [Callbacks.Do(run => Console.WriteLine(run.History[^1]))]);

Console.WriteLine($"test accuracy {trained.Evaluate(digits.Test).Accuracy:0.0000}");
Console.WriteLine($"weights sha256 {trained.Sha256()}");
