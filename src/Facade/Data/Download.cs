using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace AutoDiffCnn;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Bytes">How many bytes of it are there, those of an earlier attempt included.</param>
/// <param name="Total">How many there will be, if the server says so.</param>
/// <example><code>new DownloadProgress("train-images-idx3-ubyte.gz", 4_956_211, 9_912_422) // train-images-idx3-ubyte.gz: 4,956,211 of 9,912,422 bytes</code></example>
public sealed record DownloadProgress(string File, long Bytes, long? Total)
{
    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}: {Bytes:N0}")
        + (Total is { } total ? string.Create(CultureInfo.InvariantCulture, $" of {total:N0} bytes") : " bytes");
}

/// <summary>A file cannot be fetched. The message says from where, what went wrong last, and what can be done
/// without.</summary>
/// <example><code>new DownloadError("cannot download http://localhost/x: Connection refused.").Message // cannot download http://localhost/x: Connection refused.</code></example>
public sealed class DownloadError(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>Fetches files: what came before a break stays in a .part file beside and is continued, and the file itself
/// appears in one step, whole and checked.</summary>
internal static class Download
{
    private const long MostBytes = 1 << 26;

    /// <summary>How long to wait for a server and how often to ask again.</summary>
    internal sealed record Patience(TimeSpan Stall, TimeSpan Pause, int Attempts)
    {
        public static Patience Usual { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), 5);
    }

    /// <summary>An answer that asking again will not change.</summary>
    private sealed class FinalAnswer(string message) : IOException(message);

    /// <summary>Makes sure that a file is there, whole.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="path">Where it goes; the folder must exist.</param>
    /// <param name="fault">What is wrong with a file's content; null if nothing.</param>
    /// <param name="progress">Told about each block.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancel">Stops at the next block; what came stays for the next time.</param>
    /// <exception cref="DownloadError">No attempt succeeded.</exception>
    public static async Task To(Uri source, string path, Func<string, string?> fault, IProgress<DownloadProgress>? progress,
        Patience patience, CancellationToken cancel)
    {
        if (File.Exists(path) && fault(path) is null)
        {
            return;
        }

        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var part = $"{path}.part";
        Exception? last = null;
        for (var attempt = 0; attempt < patience.Attempts && last is not FinalAnswer; attempt++)
        {
            await Task.Delay(attempt * patience.Pause, cancel);
            try
            {
                await Fetch(client, source, part, progress, patience.Stall, cancel);
                if (fault(part) is { } wrong)
                {
                    // Nobody knows which of its bytes are right.
                    File.Delete(part);
                    throw new IOException(wrong);
                }

                File.Move(part, path, overwrite: true);
                return;
            }
            catch (Exception trouble) when (trouble is IOException or HttpRequestException or UnauthorizedAccessException
                || (trouble is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                last = trouble is OperationCanceledException ? new IOException($"nothing came for {patience.Stall.TotalSeconds} s") : trouble;
            }
        }

        throw new DownloadError($"cannot download {source}: {last!.Message.TrimEnd('.')}.", last);
    }

    private static async Task Fetch(HttpClient client, Uri source, string part, IProgress<DownloadProgress>? progress, TimeSpan stall,
        CancellationToken cancel)
    {
        await using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        request.Headers.Range = file.Length > 0 ? new RangeHeaderValue(file.Length, null) : null;
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        watch.CancelAfter(stall);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token);
        var range = answer.Content.Headers.ContentRange;
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || (answer.StatusCode == HttpStatusCode.PartialContent && range?.From != file.Length))
        {
            file.SetLength(0);
            throw new IOException("the server cannot go on where it was broken off");
        }

        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            var says = $"the server says {(int)answer.StatusCode} {answer.ReasonPhrase}";
            throw (int)answer.StatusCode is >= 500 or 408 or 429 ? new IOException(says) : new FinalAnswer(says);
        }

        // A server that ignores the range sends everything again.
        file.SetLength(answer.StatusCode == HttpStatusCode.OK ? 0 : file.Length);
        file.Seek(0, SeekOrigin.End);
        var total = answer.Content.Headers.ContentLength + file.Length;
        await using var content = await answer.Content.ReadAsStreamAsync(watch.Token);
        var block = new byte[1 << 16];
        while (true)
        {
            watch.CancelAfter(stall);
            var read = await content.ReadAsync(block, watch.Token);
            if (read == 0)
            {
                break;
            }

            if (file.Length + read > MostBytes)
            {
                file.SetLength(0);
                throw new FinalAnswer($"the server sends more than {MostBytes} bytes");
            }

            await file.WriteAsync(block.AsMemory(0, read), cancel);
            progress?.Report(new(Path.GetFileNameWithoutExtension(part), file.Length, total));
        }

        file.Flush(flushToDisk: true);
    }
}
