using System.Security.Cryptography;

namespace FacadeTests;

public sealed class MnistDownloadTests
{
    private static readonly Dictionary<string, byte[]> Plain = new()
    {
        ["train-images-idx3-ubyte"] = IdxFile.Of([500, 10, 10], [.. Enumerable.Range(0, 50_000).Select(i => (byte)Key.Of(1).Bits((uint)i))]),
        ["train-labels-idx1-ubyte"] = IdxFile.Of([500], [.. Enumerable.Range(0, 500).Select(i => (byte)(i % 10))]),
        ["t10k-images-idx3-ubyte"] = IdxFile.Of([1, 10, 10], new byte[100]),
        ["t10k-labels-idx1-ubyte"] = IdxFile.Of([1], [7]),
    };

    private static readonly Dictionary<string, byte[]> Packed = Plain.ToDictionary(pair => $"/mnist/{pair.Key}.gz", pair => IdxFile.Gzip(pair.Value));

    private static readonly Datasets.MnistFile[] Files =
        [.. Plain.Select(pair => new Datasets.MnistFile(pair.Key, pair.Value.Length, Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, pair.Value))))];

    private static readonly byte[] Images = Packed["/mnist/train-images-idx3-ubyte.gz"];

    [Fact]
    public Task Fetches_once_reports_and_keeps() => With(Good, async (server, folder) =>
    {
        var reports = new Reports();
        var (train, test) = await Fetch(server, folder, reports);
        Assert.Equal((500, 1), (train.Count, test.Count));
        Assert.Equal(4, server.Requests.Count);
        Assert.Contains(new($"train-images-idx3-ubyte.gz", Images.Length, Images.Length), reports.Seen);
        Assert.Equal(4, Directory.GetFileSystemEntries(folder).Length);
        await Fetch(server, folder);
        Assert.Equal(4, server.Requests.Count);
    });

    [Fact]
    public Task What_broke_off_goes_on() => With(async (n, path, from, stream) =>
    {
        // The first answer promises all and ends in the middle.
        await (n == 0 ? WebServer.Send(stream, Packed[path], only: Images.Length / 2) : Good(n, path, from, stream));
    }, async (server, folder) =>
    {
        await Fetch(server, folder);
        Assert.Equal(("/mnist/train-images-idx3-ubyte.gz", (long?)(Images.Length / 2)), server.Requests[1]);
        Assert.Equal(5, server.Requests.Count);
    });

    [Fact]
    public Task A_server_that_stalls_is_left_and_asked_again() => With(async (n, path, from, stream) =>
    {
        if (n == 0)
        {
            await WebServer.Send(stream, Packed[path], only: 100);
            await Task.Delay(TimeSpan.FromSeconds(3));
        }

        await (n == 0 ? Task.CompletedTask : Good(n, path, from, stream));
    }, async (server, folder) =>
    {
        await Datasets.MnistAsync(folder, server.Address, Files, null, Quick with { Stall = TimeSpan.FromSeconds(1) }, default);
        Assert.Equal(100L, server.Requests[1].From);
    });

    [Theory]
    [InlineData(true)] // a shorter length than there is: the end is missing
    [InlineData(false)] // bytes that are not the file's
    public Task A_wrong_file_is_thrown_away_and_fetched_from_its_beginning(bool shorter) => With(async (n, path, from, stream) =>
    {
        await (n > 0 ? Good(n, path, from, stream) : shorter ? WebServer.Send(stream, Packed[path], length: 200, only: 200) : WebServer.Send(stream, IdxFile.Gzip([1, 2, 3])));
    }, async (server, folder) =>
    {
        await Fetch(server, folder);
        Assert.Null(server.Requests[1].From);
        Assert.Empty(Directory.GetFiles(folder, "*.part"));
    });

    [Fact]
    public Task A_server_that_ignores_or_refuses_the_range_sends_all_again() => With(async (n, path, from, stream) =>
    {
        await (n switch
        {
            0 => WebServer.Send(stream, Packed[path], only: 100),
            1 => WebServer.Send(stream, Packed[path], length: Packed[path].Length, only: 200), // 200 although a range was asked for
            2 => WebServer.Head(stream, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0"),
            _ => Good(n, path, from, stream),
        });
    }, async (server, folder) =>
    {
        await Fetch(server, folder);
        Assert.Equal([null, 100, 200, null], server.Requests.Take(4).Select(request => request.From));
    });

    [Fact]
    public Task Another_range_than_asked_for_is_not_put_in() => With(async (n, path, from, stream) =>
    {
        await (n switch
        {
            0 => WebServer.Send(stream, Packed[path], only: 100),
            1 => WebServer.Send(stream, Packed[path], from: 50),
            _ => Good(n, path, from, stream),
        });
    }, async (server, folder) =>
    {
        await Fetch(server, folder);
        Assert.Equal([null, 100, null], server.Requests.Take(3).Select(request => request.From));
    });

    [Fact]
    public Task A_busy_server_is_asked_again_a_refusal_is_not() => With(async (n, path, from, stream) =>
    {
        await WebServer.Head(stream, n < 2 ? "HTTP/1.1 503 Busy\r\nContent-Length: 0" : "HTTP/1.1 404 Not Found\r\nContent-Length: 0");
    }, async (server, folder) =>
    {
        var error = await Assert.ThrowsAsync<DownloadError>(() => Fetch(server, folder));
        Assert.Equal($"cannot download {server.Address}train-images-idx3-ubyte.gz: the server says 404 Not Found.\nPossible: trying again, which goes on where it "
            + "stopped; another source; the files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz put "
            + $"into {folder}; or Datasets.Digits(), which needs no network.", error.Message);
        Assert.Equal(3, server.Requests.Count);
        Assert.Empty(Directory.GetFiles(folder, "*.gz"));
    });

    [Fact]
    public Task An_endless_answer_is_stopped() => With(async (_, _, _, stream) =>
    {
        await WebServer.Head(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000");
        for (var i = 0; i < 200; i++)
        {
            await stream.WriteAsync(new byte[1 << 20]);
        }
    }, async (server, folder) =>
    {
        Assert.Contains("the server sends more than 67108864 bytes.", (await Assert.ThrowsAsync<DownloadError>(() => Fetch(server, folder))).Message);
        Assert.True(new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length) < 1 << 16);
    });

    [Fact]
    public Task Always_wrong_bytes_end_in_an_error_with_the_sums() => With((_, _, _, stream) => WebServer.Send(stream, IdxFile.Gzip([1, 2, 3])), async (server, folder) =>
    {
        var error = await Assert.ThrowsAsync<DownloadError>(() => Fetch(server, folder));
        Assert.Contains($"the MD5 sum of train-images-idx3-ubyte is 5289df737df57326fcdd22597afb1fac, it must be {Files[0].Md5}.", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    });

    [Fact]
    public Task Cancelling_keeps_what_came() => With(async (n, path, from, stream) =>
    {
        await (n == 0 ? WebServer.Send(stream, Packed[path], only: 1000) : Good(n, path, from, stream));
        await Task.Delay(n == 0 ? 300 : 0);
    }, async (server, folder) =>
    {
        using var source = new CancellationTokenSource();
        var cancelling = new Reports(_ => source.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(server, folder, cancelling, source.Token));
        await Fetch(server, folder);
        Assert.Equal(1000L, server.Requests[1].From);
    });

    [Fact]
    public Task A_spoilt_file_in_the_folder_is_fetched_again() => With(Good, async (server, folder) =>
    {
        File.WriteAllText(Path.Combine(folder, "t10k-labels-idx1-ubyte"), "spoilt");
        File.WriteAllText(Path.Combine(folder, "train-labels-idx1-ubyte.gz"), "spoilt");
        Assert.Equal(7, (await Fetch(server, folder)).Test.Labels[0]);
        Assert.Equal(4, server.Requests.Count);
    });

    [Fact]
    public async Task Without_a_network_the_message_says_what_helps()
    {
        var server = new WebServer(Good);
        var address = server.Address;
        server.Dispose();
        await In(async folder =>
        {
            var error = await Assert.ThrowsAsync<DownloadError>(() => Datasets.MnistAsync(folder, address, Files, null, Quick, default));
            Assert.StartsWith($"cannot download {address}train-images-idx3-ubyte.gz: Connection refused", error.Message);
            Assert.Contains("or Datasets.Digits(), which needs no network.", error.Message);
        });
    }

    // A busy machine may stop a test for a minute; only a server that stalls on purpose is given up soon.
    private static Download.Patience Quick => new(TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(1), 5);

    private static Task Good(int n, string path, long? from, Stream stream) => WebServer.Send(stream, Packed[path], from);

    private static Task<Split> Fetch(WebServer server, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default) =>
        Datasets.MnistAsync(folder, server.Address, Files, progress, Quick, cancel);

    private static Task With(Func<int, string, long?, Stream, Task> answer, Func<WebServer, string, Task> test) => In(async folder =>
    {
        using var server = new WebServer(answer);
        await test(server, folder);
    });

    private static async Task In(Func<string, Task> test)
    {
        var folder = Directory.CreateTempSubdirectory("autodiffcnn-");
        try
        {
            await test(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Progress told at once, on the same thread.</summary>
    private sealed class Reports(Action<DownloadProgress>? also = null) : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> Seen { get; } = [];

        public void Report(DownloadProgress value)
        {
            Seen.Add(value);
            also?.Invoke(value);
        }
    }
}
