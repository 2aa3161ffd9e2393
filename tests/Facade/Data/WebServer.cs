using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace FacadeTests;

/// <summary>A web server on this machine that answers each request as a test says, byte by byte, and as badly.</summary>
internal sealed class WebServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task work;

    /// <param name="answer">Answers request number n, from 0, for a path and the first byte that is wanted.</param>
    public WebServer(Func<int, string, long?, Stream, Task> answer)
    {
        listener.Start();
        work = Serve(answer);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/mnist/");

    public List<(string Path, long? From)> Requests { get; } = [];

    /// <summary>A well-behaved answer.</summary>
    public static async Task Send(Stream stream, byte[] content, long? from = null, int? length = null, int? only = null)
    {
        var rest = content[(int)(from ?? 0)..];
        var head = from is null ? "HTTP/1.1 200 OK" : $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{content.Length - 1}/{content.Length}";
        await Head(stream, $"{head}\r\nContent-Length: {length ?? rest.Length}");
        await stream.WriteAsync(rest.AsMemory(0, only ?? rest.Length));
    }

    public static Task Head(Stream stream, string head) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\nConnection: close\r\n\r\n")).AsTask();

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
        Task.WaitAny(work);
        stop.Dispose();
    }

    private async Task Serve(Func<int, string, long?, Stream, Task> answer)
    {
        // A mistake in a test must not let its client wait.
        using var end = listener;
        while (!stop.IsCancellationRequested)
        {
            using var client = await listener.AcceptTcpClientAsync(stop.Token);
            await using var stream = client.GetStream();
            var text = await Request(stream);
            var from = Regex.Match(text, @"Range: bytes=(\d+)-") is { Success: true } range ? long.Parse(range.Groups[1].Value) : (long?)null;
            var path = text.Split(' ')[1];
            Requests.Add((path, from));
            try
            {
                await answer(Requests.Count - 1, path, from, stream).WaitAsync(stop.Token);
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }

    private static async Task<string> Request(NetworkStream stream)
    {
        var (text, block) = (new StringBuilder(), new byte[4096]);
        while (!text.ToString().Contains("\r\n\r\n") && await stream.ReadAsync(block) is > 0 and var read)
        {
            text.Append(Encoding.ASCII.GetString(block, 0, read));
        }

        return text.ToString();
    }
}
