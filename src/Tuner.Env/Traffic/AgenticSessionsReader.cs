using System.Collections;
using System.Globalization;
using System.Text.Json;
using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>Recorded coding-agent sessions: JSON Lines, one session with its sub-agents a line, replayed open-loop by <c>t</c>.</summary>
/// <remarks>
/// The recordings share no clock: sessions start as a Poisson process of a stated mean gap, the first at 0. Block ids compare only
/// within a session, so they are salted per session. A completed sub-agent's <c>t</c> is when it ended.
/// github.com/callanjfox/kv-cache-tester, Apache-2.0.
/// </remarks>
internal sealed class AgenticSessionsReader(string name, Func<Stream> open, ulong seed, double meanGapSeconds = AgenticSessionsReader.DefaultMeanGapSeconds) : ITrafficSource
{
    internal const double DefaultMeanGapSeconds = 60;

    public string Name => name;

    internal static bool Recognises(ReadOnlySpan<byte> head)
        => head.StartsWith("{"u8) && (head.IndexOf("\"hash_id_scope\""u8) >= 0
            || (head.IndexOf("\"block_size\""u8) >= 0 && head.IndexOf("\"requests\""u8) >= 0));

    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        RandomStream starts = RandomStream.For(seed, "session starts");
        var queue = new PriorityQueue<InferenceRequest, (double, long)>();
        long order = 0;
        double start = 0;
        using var text = new StreamReader(open());
        for (int line = 1; text.ReadLine() is { } json; line++)
        {
            if (json.Length == 0)
                continue;

            // Sessions start in order, so nothing later can arrive before this start.
            while (queue.TryPeek(out InferenceRequest ready, out _) && ready.ArrivalSeconds < start)
                yield return queue.Dequeue();
            foreach (InferenceRequest request in Session(json, line, start))
                queue.Enqueue(request, (request.ArrivalSeconds, order++));
            start += starts.NextExponential(meanGapSeconds);
        }

        while (queue.TryDequeue(out InferenceRequest request, out _))
            yield return request;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<InferenceRequest> Session(string json, int line, double start)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            int block = root.GetProperty("block_size").GetInt32();
            if (block < 1 || block % 16 != 0)
                throw new TrafficFormatException($"{name}:{line}: block_size is {block}; expected a multiple of 16.");
            string id = root.TryGetProperty("id", out JsonElement named) ? named.GetString() ?? "" : "";
            ulong salt = RandomStream.For(seed, string.Create(CultureInfo.InvariantCulture, $"session {line} {id}")).NextUInt64();
            var requests = new List<InferenceRequest>();
            Collect(root.GetProperty("requests"), start, block, salt, line, requests);
            return requests;
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TrafficFormatException($"{name}:{line}: not an agentic session; expected block_size and requests with t, in, out and hash_ids.", broken);
        }
    }

    private void Collect(JsonElement entries, double start, int block, ulong salt, int line, List<InferenceRequest> requests)
    {
        ulong[] later = [];

        // Backwards, because a prompt is mostly a prefix of the next one and can then share its array.
        for (int i = entries.GetArrayLength() - 1; i >= 0; i--)
        {
            JsonElement entry = entries[i];
            double t = entry.GetProperty("t").GetDouble();
            if (!(t >= 0))
                throw new TrafficFormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: t is {t} s; expected at least 0."));
            if (entry.TryGetProperty("type", out JsonElement type) && type.ValueEquals("subagent"))
            {
                double duration = entry.TryGetProperty("duration_ms", out JsonElement ms) && ms.ValueKind == JsonValueKind.Number ? ms.GetDouble() / 1000 : 0;
                bool ended = !entry.TryGetProperty("status", out JsonElement status) || !status.ValueEquals("async_launched");
                Collect(entry.GetProperty("requests"), start + (ended ? Math.Max(0, t - duration) : t), block, salt, line, requests);
                continue;
            }

            int prompt = entry.GetProperty("in").GetInt32();
            int output = entry.GetProperty("out").GetInt32();
            if (prompt < 0 || output < 0)
                throw new TrafficFormatException($"{name}:{line}: {prompt} prompt and {output} output tokens found; expected whole numbers of at least 0.");
            JsonElement ids = entry.GetProperty("hash_ids");
            int blocks = Math.Min(ids.GetArrayLength(), prompt / block);
            var hashes = new ulong[blocks];
            int b = 0;
            foreach (JsonElement id in ids.EnumerateArray())
            {
                if (b == blocks)
                    break;
                hashes[b++] = Mix(salt ^ ((id.GetUInt64() + 1) * 0x9E3779B97F4A7C15));
            }

            if (!later.AsSpan().StartsWith(hashes))
                later = hashes;
            requests.Add(new InferenceRequest(start + t, Math.Max(1, prompt), Math.Max(1, output), TrafficClass.Agentic, later.AsMemory(0, blocks), blocks == 0 ? 0 : block));
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
