namespace FacadeTests;

/// <summary>The test assembly as a program: the run that a test kills.</summary>
public static class Program
{
    public static void Main(string[] arguments) => Runs.Tell(arguments[0]);
}
