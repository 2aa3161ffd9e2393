// A network with more weights than it has examples learns them by heart. Four ways to learn from 1,000 digits.
var digits = Datasets.Digits();
var few = digits.Train.Take(1000);
var batches = Loader.Of(few).Shuffle(Key.Of(1)).Batch(50);

// Each digit turned, sheared, scaled and shifted a little, differently in each epoch; what comes in is background.
var background = -Datasets.MnistMean / Datasets.MnistDeviation;
var warp = Augment.Affine(degrees: 15, shear: 0.1, scale: 0.1, shift: 0.1, fill: background);

Console.WriteLine("                train     test  test loss");
Show("plain", Net(), batches, Adam());
Show("weight decay", Net(), batches, Adam().DecoupledDecay(3, "*.weight"));
Show("dropout", Net(dropout: 0.5), batches, Adam());
Show("augmentation", Net(), batches.With(Key.Of(2), warp).Prefetch(), Adam());

static Layer Net(double dropout = 0) => Layer.Of(Flatten) >> Dense(256) >> Relu >> Dropout(dropout) >> Dense(10);

void Show(string name, Layer net, Loader<Dataset> batches, Optimizer optimizer)
{
    var trained = net.Fit(batches, SoftmaxCrossEntropy, optimizer, epochs: 40, schedule: Schedules.Linear);
    var (learnt, unseen) = (trained.Evaluate(few), trained.Evaluate(digits.Test));
    Console.WriteLine($"{name,-13}  {learnt.Accuracy:0.0000}   {unseen.Accuracy:0.0000}     {unseen.Loss:0.0000}");
}
