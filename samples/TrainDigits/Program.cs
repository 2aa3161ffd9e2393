Console.WriteLine("TrainDigits: nothing to train yet.");
