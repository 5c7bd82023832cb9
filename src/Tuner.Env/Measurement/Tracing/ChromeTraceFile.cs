using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Tuner.Env.Measurement.Tracing;

/// <summary>A file of Chrome trace events, as chrome://tracing and ui.perfetto.dev open it, written as events come.</summary>
/// <remarks>
/// The "Trace Event Format" document of the Chromium project says what each kind of event means; times are whole microseconds. Events
/// need no order: viewers sort them. The file is written beside its target and moved there when it is complete.
/// </remarks>
internal sealed class ChromeTraceFile : IDisposable
{
    private const int FlushBytes = 1 << 16;

    private static readonly JsonEncodedText Phase = JsonEncodedText.Encode("ph");
    private static readonly JsonEncodedText NameKey = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText Category = JsonEncodedText.Encode("cat");
    private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("ts");
    private static readonly JsonEncodedText Duration = JsonEncodedText.Encode("dur");
    private static readonly JsonEncodedText Process = JsonEncodedText.Encode("pid");
    private static readonly JsonEncodedText Thread = JsonEncodedText.Encode("tid");
    private static readonly JsonEncodedText Identity = JsonEncodedText.Encode("id2");
    private static readonly JsonEncodedText Local = JsonEncodedText.Encode("local");
    private static readonly JsonEncodedText Scope = JsonEncodedText.Encode("s");
    private static readonly JsonEncodedText ArgumentsKey = JsonEncodedText.Encode("args");

    private readonly string path;
    private readonly string unfinished;
    private readonly Stream stream;
    private readonly Utf8JsonWriter json;

    /// <summary>Opens a file; one whose name ends in <c>.gz</c> is compressed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="facts">What the run was, for whoever opens the file later.</param>
    public ChromeTraceFile(string path, IEnumerable<KeyValuePair<string, string>> facts)
    {
        this.path = path;
        unfinished = $"{path}.unfinished";
        Stream file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.Read, FlushBytes);
        stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        json = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        foreach ((string key, string value) in facts)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
    }

    /// <summary>Names a process, which is a group of tracks.</summary>
    public void NameProcess(int process, string name) => Metadata("process_name", process, process, name);

    /// <summary>Names a thread, which is a track. Viewers find threads by number alone: it is unique in the whole file.</summary>
    public void NameThread(int process, int thread, string name) => Metadata("thread_name", process, thread, name);

    /// <summary>Begins a slice of a thread's track; its arguments are written next, and then <see cref="End"/>.</summary>
    public Utf8JsonWriter BeginComplete(int process, int thread, in JsonEncodedText name, long start, long end)
    {
        Begin("X"u8, name, start, process);
        json.WriteNumber(Thread, thread);
        json.WriteNumber(Duration, end - start);
        json.WriteStartObject(ArgumentsKey);
        return json;
    }

    /// <summary>Begins an event of the slices that belong to one number in one process, where a slice inside another nests.</summary>
    /// <param name="process">The process.</param>
    /// <param name="phase"><c>b</c> begins a slice, <c>e</c> ends it, <c>n</c> is an instant.</param>
    /// <param name="category">What the numbers count.</param>
    /// <param name="number">The number.</param>
    /// <param name="name">Name of the slice or instant; an end repeats it.</param>
    /// <param name="at">When, microseconds.</param>
    public Utf8JsonWriter BeginNested(int process, ReadOnlySpan<byte> phase, in JsonEncodedText category, int number, in JsonEncodedText name, long at)
    {
        StartNested(process, phase, category, number, name, at);
        json.WriteStartObject(ArgumentsKey);
        return json;
    }

    /// <summary>Writes such an event without arguments: most are.</summary>
    public void Nested(int process, ReadOnlySpan<byte> phase, in JsonEncodedText category, int number, in JsonEncodedText name, long at)
    {
        StartNested(process, phase, category, number, name, at);
        EndEvent();
    }

    /// <summary>Begins a sample of counters: its arguments are their values.</summary>
    public Utf8JsonWriter BeginCounter(int process, in JsonEncodedText name, long at)
    {
        Begin("C"u8, name, at, process);
        json.WriteNumber(Thread, process);
        json.WriteStartObject(ArgumentsKey);
        return json;
    }

    /// <summary>Begins an instant, of a thread's track (<c>t</c>) or of everything (<c>g</c>).</summary>
    public Utf8JsonWriter BeginInstant(int process, int thread, ReadOnlySpan<byte> scope, in JsonEncodedText name, long at)
    {
        Begin("i"u8, name, at, process);
        json.WriteNumber(Thread, thread);
        json.WriteString(Scope, scope);
        json.WriteStartObject(ArgumentsKey);
        return json;
    }

    /// <summary>Ends the event begun last.</summary>
    public void End()
    {
        json.WriteEndObject();
        EndEvent();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        json.WriteEndArray();
        json.WriteEndObject();
        json.Dispose();
        stream.Dispose();
        File.Move(unfinished, path, overwrite: true);
    }

    private void Begin(ReadOnlySpan<byte> phase, in JsonEncodedText name, long at, int process)
    {
        json.WriteStartObject();
        json.WriteString(Phase, phase);
        json.WriteString(NameKey, name);
        json.WriteNumber(Timestamp, at);
        json.WriteNumber(Process, process);
    }

    private void StartNested(int process, ReadOnlySpan<byte> phase, in JsonEncodedText category, int number, in JsonEncodedText name, long at)
    {
        Begin(phase, name, at, process);

        // Viewers give an event without a thread to the process's main one.
        json.WriteNumber(Thread, process);
        json.WriteString(Category, category);
        Span<byte> digits = stackalloc byte[11];
        number.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture);
        json.WriteStartObject(Identity);
        json.WriteString(Local, digits[..length]);
        json.WriteEndObject();
    }

    private void EndEvent()
    {
        json.WriteEndObject();
        if (json.BytesPending > FlushBytes)
            json.Flush();
    }

    private void Metadata(string kind, int process, int thread, string name)
    {
        Begin("M"u8, JsonEncodedText.Encode(kind), 0, process);
        json.WriteNumber(Thread, thread);
        json.WriteStartObject(ArgumentsKey);
        json.WriteString(NameKey, name);
        End();
    }
}
