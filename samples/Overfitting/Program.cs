// A network with more weights than it has examples learns them by heart. Four ways to learn from 1,000 digits.
var digits = Datasets.Digits();
var few = digits.Train.Take(1000);

Console.WriteLine("                train     test  test loss");
Show("plain", Net(), few);
Show("weight decay", Net(), few, decay: 3);
Show("dropout", Net(dropout: 0.5), few);
Show("augmentation", Net(), Warped(few, times: 20));

static Layer Net(double dropout = 0) => Layer.Of(Flatten) >> Dense(256) >> Relu >> Dropout(dropout) >> Dense(10);

// Each digit 20 times, each time turned, sheared, scaled and shifted a little; what comes in is background.
static Dataset Warped(Dataset data, int times)
{
    var background = -Datasets.MnistMean / Datasets.MnistDeviation;
    var warp = Augment.Affine(degrees: 15, shear: 0.1, scale: 0.1, shift: 0.1, fill: background);
    return Dataset.Concat([.. Enumerable.Range(0, times)
        .Select(i => data with { Images = warp.Apply(Key.Of(i), data.Images) })]);
}

// As many steps for each: what is larger is gone through less often.
void Show(string name, Layer net, Dataset data, double decay = 0)
{
    var trained = net.Fit(data, SoftmaxCrossEntropy, Adam().DecoupledDecay(decay, "*.weight"),
        epochs: 40 * few.Count / data.Count, batch: 50, schedule: Schedules.Linear);
    var (learnt, unseen) = (trained.Evaluate(few), trained.Evaluate(digits.Test));
    Console.WriteLine($"{name,-13}  {learnt.Accuracy:0.0000}   {unseen.Accuracy:0.0000}     {unseen.Loss:0.0000}");
}
