namespace SamplesTests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal static class Scratch
{
    public static void In(Action<string> test)
    {
        var folder = Directory.CreateTempSubdirectory("autodiffcnn-");
        try
        {
            test(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
