using System.IO.Compression;
using System.Text.Json;

namespace Tuner.Env.Measurement.Tracing;

/// <summary>A trace file read back, with the rules viewers rely on.</summary>
internal sealed class ChromeEvents
{
    private readonly List<JsonElement> events;

    private ChromeEvents(JsonElement root)
    {
        Facts = root.GetProperty("otherData");
        events = [.. root.GetProperty("traceEvents").EnumerateArray().OrderBy(item => item.GetProperty("ts").GetInt64())];
    }

    public JsonElement Facts { get; }

    public static ChromeEvents Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        return new ChromeEvents(JsonDocument.Parse(stream).RootElement);
    }

    public IEnumerable<JsonElement> Of(string phase, string? name = null)
        => events.Where(item => item.GetProperty("ph").GetString() == phase && (name is null || item.GetProperty("name").GetString() == name));

    public string[] Names(string kind) => [.. Of("M", kind).Select(item => item.GetProperty("args").GetProperty("name").GetString()!)];

    /// <summary>Every slice begun is ended, the innermost first, in each process for each number; nothing stands outside one.</summary>
    public void AssertSlicesNest()
    {
        var open = new Dictionary<(int, string), Stack<string>>();
        foreach (JsonElement item in events)
        {
            string phase = item.GetProperty("ph").GetString()!;
            if (phase is not ("b" or "e" or "n"))
                continue;
            (int, string) key = (item.GetProperty("pid").GetInt32(), item.GetProperty("id2").GetProperty("local").GetString()!);
            if (!open.TryGetValue(key, out Stack<string>? stack))
                open.Add(key, stack = new Stack<string>());
            string name = item.GetProperty("name").GetString()!;
            if (phase == "b")
                stack.Push(name);
            else
                Assert.That(stack, Is.Not.Empty, $"{name} outside any slice: {item}");
            if (phase == "e")
                Assert.That(name, Is.EqualTo(stack.Pop()), item.ToString());
        }

        Assert.That(open.Where(pair => pair.Value.Count > 0), Is.Empty);
    }

    /// <summary>No two slices of a thread overlap, and no thread's number is used in two processes.</summary>
    public void AssertThreadsDoOneThingAtATime()
    {
        foreach (IGrouping<int, JsonElement> thread in Of("X").GroupBy(item => item.GetProperty("tid").GetInt32()))
        {
            Assert.That(thread.Select(item => item.GetProperty("pid").GetInt32()).Distinct().Count(), Is.EqualTo(1));
            long end = 0;
            foreach (JsonElement item in thread)
            {
                Assert.That(item.GetProperty("ts").GetInt64(), Is.GreaterThanOrEqualTo(end), item.ToString());
                end = item.GetProperty("ts").GetInt64() + item.GetProperty("dur").GetInt64();
            }
        }
    }
}
