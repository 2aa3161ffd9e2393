Console.WriteLine("Bench: nothing to measure yet.");
