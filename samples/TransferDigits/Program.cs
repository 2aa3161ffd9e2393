// What was learnt from the digits 0 to 4 helps with 5 to 9, of which there are only 100 images each.
var digits = Datasets.Digits();
var many = Five(digits.Train, from: 0, each: 500);
var few = Five(digits.Train, from: 5, each: 100);
var test = Five(digits.Test, from: 5, each: 100);

var features = Conv2D(8, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2);
var net = features >> Flatten >> Dense(64) >> Relu >> Dense(5);
var source = net.Fit(many, SoftmaxCrossEntropy, Adam(2e-3), epochs: 4, batch: 32, seed: 1);

// The convolutions' weights are taken over, the head begins anew.
var match = net.Match(new(source.Weights.Where(weight => weight.Key.StartsWith("conv"))), [1, 28, 28], seed: 2);
Console.WriteLine(match);

Console.WriteLine($"from scratch: test accuracy {Learn(Adam(1e-3)):0.0000}");
Console.WriteLine($"frozen features of 0 to 4: test accuracy {Learn(Adam(1e-3).Freeze("conv*"), match.Weights):0.0000}");
Console.WriteLine($"the same, learning slowly: test accuracy {Learn(Adam(1e-3).ScaleRate("conv*", 0.1), match.Weights):0.0000}");

double Learn(Optimizer optimizer, Weights? start = null) =>
    net.Fit(few, SoftmaxCrossEntropy, optimizer, epochs: 3, batch: 32, seed: 2, start: start).Evaluate(test).Accuracy;

// So many images of each of five digits, as the classes 0 to 4.
static Dataset Five(Dataset digits, int from, int each)
{
    var chosen = digits.Pick([.. Enumerable.Range(0, digits.Count)
        .GroupBy(i => (int)digits.Labels.At(i)).Where(digit => digit.Key >= from && digit.Key < from + 5)
        .SelectMany(digit => digit.Take(each))]);
    return chosen with { Labels = chosen.Labels.Map(label => label - from), Classes = 5 };
}
