// Measures the project: `dotnet run -c Release --project bench -- chain` or `-- lenet5 [threads]`.
return args switch
{
    ["chain"] => ChainBench.Run(),
    ["lenet5"] => StepBench.Run(0),
    ["lenet5", var threads] when int.TryParse(threads, out var count) && count is > 0 and <= 1024 => StepBench.Run(count),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: bench chain | lenet5 [threads]");
    return 2;
}
