using AutoDiffCnn.Cli;

var parsed = Commands.Root().Parse(args);
if (parsed.Errors is [var error, ..])
{
    Console.Error.WriteLine(error.Message);
    return 2;
}

return parsed.Invoke();
