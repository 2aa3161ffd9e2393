// Measures the project on the cases of its peers: `dotnet run -c Release --project bench -- lenet5 --threads 2`.
using System.Diagnostics;
using System.Reflection;

try
{
    var arguments = Arguments.Parse(args);
    return arguments switch
    {
        { Command: "--list" } => Print(Cases.List()),
        { Command: "--jobs" } => arguments.Jobs.Sum(job => Print($"{job.Case.Name} {job.Mode.Word()}")),
        { Command: "--profile" } => arguments.Jobs.Sum(job => Print(Measurement.Profile(job.Case, job.Mode, arguments))),
        { Command: "--table" } => Print(Table.Of(Results.Read(arguments.Files))),
        { Command: "--functions" } => FunctionSweep.Run(arguments.Rows, arguments.Threads, arguments.MinSeconds),
        { Command: "--compile-cost" } => CompileCost.Run(),
        { Command: "--growth" } => Growth.Run(),
        { Command: "--chain" } => ChainBench.Run(),
        { IsChild: true } => arguments.Jobs.Sum(job => Print(Measurement.Of(job.Case, job.Mode, arguments))),
        _ => arguments.Jobs.Max(job => InProcess(job.Case, job.Mode, arguments)),
    };
}
catch (UsageError error)
{
    Console.Error.WriteLine($"{error.Message}\n{Arguments.Usage}");
    return 2;
}

static int Print(string text)
{
    Console.WriteLine(text);
    return 0;
}

// A process of its own, so that the peak of its memory is the case's.
static int InProcess(Case measured, BenchMode mode, Arguments arguments)
{
    var self = Environment.ProcessPath!;
    var isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
    using var process = Process.Start(new ProcessStartInfo(self,
    [
        .. isHost ? [Assembly.GetExecutingAssembly().Location] : Array.Empty<string>(), measured.Name, "--child",
        "--mode", mode.Word(), "--threads", $"{arguments.Threads}", "--min-seconds", $"{arguments.MinSeconds}",
        "--wait-quiet", $"{arguments.WaitQuiet}", .. arguments.Direct ? ["--direct"] : Array.Empty<string>(),
    ]))!;
    process.WaitForExit();
    return process.ExitCode;
}
