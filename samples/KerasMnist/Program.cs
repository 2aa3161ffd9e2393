// The MNIST program of the Keras tutorials, with the lines of Python above those of C#.
// (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
var digits = args is ["--data", var folder] ? Datasets.Mnist(folder) : Datasets.Digits();
Console.WriteLine($"{digits.Train.Count} digits to learn from, {digits.Test.Count} to judge by");

// train_images = (train_images / 255) - 0.5, and the same for the test; ours come normalised, which is undone here.
static Dataset Centred(Dataset data) => data with
{
    Images = data.Images.Map(x => x * Datasets.MnistDeviation + Datasets.MnistMean - 0.5),
};
var (train, test) = (Centred(digits.Train), Centred(digits.Test));

// model = Sequential([Conv2D(8, 2, input_shape=(28, 28, 1), activation='relu'), MaxPooling2D(pool_size=4),
//                     Flatten(), Dense(10, activation='softmax')])
var model = Conv2D(8, 2) >> Relu >> MaxPool(4) >> Flatten >> Dense(10) >> Softmax;
Console.WriteLine(model.Summary([1, 28, 28]));

// loss='categorical_crossentropy'; like Keras, no probability counts as less than 1e-7. to_categorical is not needed.
static Node CategoricalCrossEntropy(Node p, Node labels) => CrossEntropy(Log(Maximum(p, 1e-7)), labels);

// model.compile('adam', …, metrics=['accuracy'])
// model.fit(train_images, to_categorical(train_labels), epochs=5, validation_data=(test_images, …))
var trained = model.Fit(train, CategoricalCrossEntropy, Adam(), epochs: 5, batch: 32, validation: test,
    callbacks: [Callbacks.Do(run => Console.WriteLine(run.History[^1]))]);

// model.save_weights('cnn.mnist')
trained.Save("cnn.mnist");

// model.load_weights('cnn.mnist')
var loaded = model.Load("cnn.mnist", [1, 28, 28]);

// predictions = model.predict(test_images)
var predictions = loaded.Predict(test.Images);

// predicted_labels = np.argmax(predictions[:8], axis=1)
var predictedLabels = ArgMax(predictions.Slice(0, 8), 1).Value.Reshape([8]);

// print('Predicted labels:', predicted_labels[:8])
// print('Real labels:', test_labels[:8])
Console.WriteLine($"Predicted labels: {predictedLabels}");
Console.WriteLine($"Real labels: {test.Labels.Slice(0, 8)}");
