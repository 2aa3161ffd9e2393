using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace AutoDiffCnn.Notebooks;

/// <summary>Where cells show things. Text is gathered and sent ten times a second, since Jupyter loses what comes faster, and so are
/// updates, of which only the last can be seen; everything arrives in the order in which it was shown.</summary>
internal sealed class Screen(Action<Message> send) : IDisposable
{
    /// <summary>How much text one cell may write.</summary>
    public const int MostText = 1_000_000;

    private const int Join = 100;

    private readonly Lock one = new();
    private readonly Dictionary<string, ImmutableSortedDictionary<string, string>> updates = [];
    private readonly StringBuilder text = new();
    private Timer? timer;
    private string stream = "stdout";
    private long written;
    private int displays;

    /// <summary>That of this process.</summary>
    public static Screen? Current { get; private set; }

    /// <summary>Makes this the screen of the process, for its console, too.</summary>
    public void Install()
    {
        timer = new(_ => Flush(), null, Join, Join);
        Current = this;
        Console.SetOut(new Writer(this, "stdout"));
        Console.SetError(new Writer(this, "stderr"));
        Console.SetIn(TextReader.Null);
    }

    /// <summary>Shows something new.</summary>
    /// <returns>Its id.</returns>
    public string Display(ImmutableSortedDictionary<string, string> data)
    {
        lock (one)
        {
            var id = (++displays).ToString(CultureInfo.InvariantCulture);
            Flush();
            send(new Message.Display(id, data));
            return id;
        }
    }

    /// <summary>Shows something in its place.</summary>
    public void Update(string id, ImmutableSortedDictionary<string, string> data)
    {
        lock (one)
        {
            updates[id] = data;
        }
    }

    /// <summary>Sends a message behind everything that has been shown.</summary>
    public void Send(Message message)
    {
        lock (one)
        {
            Flush();
            send(message);
        }
    }

    /// <summary>Begins a cell.</summary>
    public void Begin()
    {
        lock (one)
        {
            written = 0;
        }
    }

    /// <summary>Says how much text has been left out of the cell, if any.</summary>
    public void End()
    {
        lock (one)
        {
            if (written > MostText)
            {
                Gather("stderr", $"\n… {written - MostText:N0} more characters; a cell may write {MostText:N0}.\n");
            }

            Flush();
        }
    }

    public void Dispose() => timer?.Dispose();

    private void Write(string name, ReadOnlySpan<char> letters)
    {
        lock (one)
        {
            var room = (int)Math.Clamp(MostText - written, 0, letters.Length);
            written += letters.Length;
            Gather(name, letters[..room]);
        }
    }

    private void Gather(string name, ReadOnlySpan<char> letters)
    {
        if (name != stream)
        {
            Flush();
            stream = name;
        }

        text.Append(letters);
    }

    private void Flush()
    {
        lock (one)
        {
            if (text.Length > 0)
            {
                send(new Message.Stream(stream, text.ToString()));
                text.Clear();
            }

            foreach (var (id, data) in updates)
            {
                send(new Message.Update(id, data));
            }

            updates.Clear();
        }
    }

    private sealed class Writer(Screen screen, string name) : TextWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => screen.Write(name, [value]);

        public override void Write(string? value) => screen.Write(name, value);

        public override void Write(ReadOnlySpan<char> buffer) => screen.Write(name, buffer);

        public override void Write(char[] buffer, int index, int count) => screen.Write(name, buffer.AsSpan(index, count));

        public override void WriteLine(string? value) => screen.Write(name, value + "\n");
    }
}
