// Two convolutions, Adam and a one-cycle schedule: above 99.2 % of MNIST's test digits in 5 epochs.
// The folder with the four files of MNIST is given by --data; without it there are the 6,000 digits in the package.
using System.Diagnostics;

var digits = args is ["--data", var folder] ? Datasets.Mnist(folder) : Datasets.Digits();
Console.WriteLine($"{digits.Train.Count} digits to learn from, {digits.Test.Count} to judge by");

var net = Conv2D(16, 5) >> Relu >> MaxPool(2)
       >> Conv2D(32, 5) >> Relu >> MaxPool(2)
       >> Flatten >> Dropout(0.5) >> Dense(128) >> Relu >> Dense(10);
Console.WriteLine(net.Summary([1, 28, 28]));

var watch = Stopwatch.StartNew();
var trained = net.Fit(digits.Train, SoftmaxCrossEntropy, Adam(3e-3), epochs: 5, validation: digits.Test,
    schedule: Schedules.OneCycle(), callbacks: [Callbacks.Do(run => Console.WriteLine(run.History[^1]))]);
Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:0} s of processor time");

var result = trained.Evaluate(digits.Test);
Console.WriteLine(result.Confusion);
Console.WriteLine($"test accuracy {result.Accuracy:0.0000}");
Console.WriteLine($"weights sha256 {trained.Sha256()}");
