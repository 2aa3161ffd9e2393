using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AutoDiffCnn.Notebooks;

/// <summary>The process in which cells run. It takes requests from its standard input and answers on its standard output, of
/// which cells see neither; when its input ends it is gone, whatever runs.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
internal sealed partial class Host
{
    // Compilers and users recurse.
    private const int StackBytes = 64 << 20;

    private readonly BlockingCollection<Request> requests = [];
    private readonly StreamWriter output;
    private readonly Screen screen;
    private readonly Session session;
    private volatile Running? running;

    private Host(Stream output)
    {
        this.output = new(output) { AutoFlush = true, NewLine = "\n" };
        screen = new(Send);
        session = new(screen);
    }

    public static void Main()
    {
        var (input, output) = Pipes();
        var host = new Host(output);
        host.screen.Install();
        new Thread(() => host.Read(input)) { IsBackground = true }.Start();

        host.Work();
    }

    /// <summary>Standard input and output. Where that can be done nothing else reads or writes them: their numbers come
    /// to stand for nothing and for the standard error.</summary>
    private static (Stream Input, Stream Output) Pipes()
    {
        if (OperatingSystem.IsWindows())
        {
            return (Console.OpenStandardInput(), Console.OpenStandardOutput());
        }

        var (input, output) = (Duplicate(0), Duplicate(1));
        using var nothing = File.OpenHandle("/dev/null");
        if (input < 0 || output < 0 || Redirect((int)nothing.DangerousGetHandle(), 0) < 0 || Redirect(2, 1) < 0)
        {
            throw new IOException("standard input and output cannot be kept from the cells");
        }

        return (new FileStream(new SafeFileHandle(input, ownsHandle: true), FileAccess.Read),
            new FileStream(new SafeFileHandle(output, ownsHandle: true), FileAccess.Write));
    }

    private void Read(Stream input)
    {
        using var reader = new StreamReader(input, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (Line.Read<Request>(line) is Request.Interrupt)
            {
                _ = Task.Run(Interrupt);
            }
            else
            {
                requests.Add(Line.Read<Request>(line));
            }
        }

        Process.GetCurrentProcess().Kill();
    }

    /// <summary>Ends what runs: an interrupt ends waiting, an abort work. It tries until that is so.</summary>
    private void Interrupt()
    {
        var cell = running;
        while (cell is { Thread.IsAlive: true })
        {
            if (cell.Thread.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin))
            {
                cell.Thread.Interrupt();
            }
            else
            {
                _ = Task.Run(cell.Abort.Cancel);
            }

            Thread.Sleep(100);
        }
    }

    /// <summary>Each request has a thread of its own: one that was aborted cannot be a second time.</summary>
    private void Work()
    {
        foreach (var request in requests.GetConsumingEnumerable())
        {
            screen.Begin();
            Message.Error? error = null;
            var abort = new CancellationTokenSource();
            var thread = new Thread(() => error = Trouble(request, abort.Token), StackBytes);
            running = new(thread, abort);
            thread.Start();
            thread.Join();
            running = null;
            if (error is not null)
            {
                screen.Send(error);
            }

            screen.End();
            screen.Send(new Message.Done());
        }
    }

    /// <summary>Does what is asked for, and says what went wrong.</summary>
    private Message.Error? Trouble(Request request, CancellationToken abort)
    {
        try
        {
#pragma warning disable SYSLIB0046 // Made for this: an interrupted cell may leave things half done, and the user asked for it.
            ControlledExecution.Run(() => Answer(request), abort);
#pragma warning restore SYSLIB0046
            return null;
        }
        catch (Exception error) when (error is OperationCanceledException or ThreadInterruptedException
            or TargetInvocationException { InnerException: ThreadInterruptedException })
        {
            return new("Interrupted", "the cell was interrupted", []);
        }
        catch (CellError error)
        {
            return new(error.Name, error.Message, error.Trace);
        }
        catch (TargetInvocationException error)
        {
            return Traces.Of(error.InnerException!);
        }
        catch (Exception error)
        {
            return Traces.Of(error);
        }
    }

    private void Answer(Request request)
    {
        switch (request)
        {
            case Request.Execute execute:
                session.Run(execute.Language, execute.Code, $"cell {execute.Number}");
                break;
            case Request.Complete complete:
                screen.Send(session.Complete(complete.Language, complete.Code, complete.Position));
                break;
        }
    }

    private void Send(Message message)
    {
        lock (output)
        {
            output.WriteLine(Line.Of(message));
        }
    }

    /// <summary>What runs, and what aborts it.</summary>
    private sealed record Running(Thread Thread, CancellationTokenSource Abort);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int number);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Redirect(int from, int to);
}
