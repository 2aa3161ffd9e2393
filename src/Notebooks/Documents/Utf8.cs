using System.Text;

namespace AutoDiffCnn.Notebooks;

/// <summary>Text of files, which must be UTF-8.</summary>
internal static class Utf8
{
    private const int MostBytes = 256 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(string file, ReadOnlySpan<byte> content)
    {
        if (content.Length > MostBytes)
        {
            throw new NotebookError(file, "as a whole", $"at most {MostBytes:N0} bytes", $"{content.Length:N0}");
        }

        try
        {
            return Strict.GetString(content.StartsWith("\uFEFF"u8) ? content[3..] : content);
        }
        catch (DecoderFallbackException trouble)
        {
            throw new NotebookError(file, $"byte {trouble.Index}", "UTF-8", Convert.ToHexString(trouble.BytesUnknown ?? []));
        }
    }
}
