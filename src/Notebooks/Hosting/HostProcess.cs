using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>The process of the cells, seen from outside. Whatever a cell does, each request comes to an end, and nothing is
/// left of the process when this is disposed.</summary>
internal sealed class HostProcess : IDisposable
{
    private const int KeptLines = 40;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly BlockingCollection<Message> messages = [];
    private readonly ConcurrentQueue<string> last = [];

    /// <param name="folder">What relative paths in the cells begin at.</param>
    public HostProcess(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "AutoDiffCnn.Notebooks.dll")])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
        new Thread(Read) { IsBackground = true }.Start();
    }

    /// <summary>Runs a cell and says of each thing that it shows.</summary>
    /// <param name="request">The cell.</param>
    /// <param name="show">Takes what the process says; an error that ended the process is said like any other.</param>
    /// <param name="timeout">How long it may take; then it is interrupted, and if that is of no use killed.</param>
    /// <returns>Whether the process lives.</returns>
    public bool Run(Request.Execute request, Action<Message> show, TimeSpan timeout)
    {
        if (!Send(request))
        {
            show(Death(null));
            return false;
        }

        var late = $"it took longer than {timeout.TotalSeconds} s";
        if (Answers(show, timeout) is { } isAlive)
        {
            return isAlive || Die(show, null);
        }

        Send(new Request.Interrupt());
        var stopped = Answers(message => show(message is Message.Error { Name: "Interrupted" } ? new Message.Error("Timeout", late, []) : message), Patience);
        return stopped ?? Die(show, late);
    }

    /// <summary>What could stand at a position of a cell.</summary>
    public Message.Completions? Complete(Request.Complete request)
    {
        Message.Completions? found = null;
        Send(request);
        Answers(message => found = message as Message.Completions ?? found, Patience);
        return found;
    }

    /// <summary>Stops what runs.</summary>
    public void Interrupt() => Send(new Request.Interrupt());

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit(Patience);
        process.Dispose();
    }

    private bool Die(Action<Message> show, string? why)
    {
        process.Kill(entireProcessTree: true);
        show(Death(why));
        return false;
    }

    /// <returns>True at the end of the answer, false at the end of the process, null when the time is over.</returns>
    private bool? Answers(Action<Message> show, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < time)
        {
            // Its own children may keep the pipe open when it is gone.
            var isGone = process.HasExited;
            if (messages.TryTake(out var message, Glance))
            {
                if (message is Message.Done)
                {
                    return true;
                }

                show(message);
            }
            else if (isGone)
            {
                return false;
            }
        }

        return null;
    }

    private Message.Error Death(string? why)
    {
        process.WaitForExit(Patience);
        var code = process.HasExited ? $"the process of the cells ended with exit code {process.ExitCode}" : "the process of the cells does not answer";
        return new("HostExited", why is null ? code : $"{why}, and could not be interrupted", [.. last]);
    }

    private bool Send(Request request)
    {
        try
        {
            process.StandardInput.WriteLine(Line.Of(request));
            process.StandardInput.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Read()
    {
        try
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                messages.Add(Line.Read<Message>(line));
            }
        }
        catch (Exception trouble) when (trouble is JsonException or ObjectDisposedException or InvalidOperationException)
        {
            Keep(trouble.Message);
        }
    }

    private void Keep(string? line)
    {
        if (line is not null && last.Count < KeptLines)
        {
            last.Enqueue(line);
        }
    }
}
