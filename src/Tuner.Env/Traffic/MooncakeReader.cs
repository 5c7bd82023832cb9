using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Tuner.Env.Traffic;

/// <summary>Mooncake's traces: JSON Lines with <c>timestamp</c> (ms), <c>input_length</c>, <c>output_length</c>, <c>hash_ids</c> of 512 tokens.</summary>
/// <remarks>
/// Timestamps are quantised upstream to ticks of about 3 s; the requests of a tick are spread evenly over the 3 s after it, or up
/// to the next timestamp where that comes sooner.
/// An optional <c>class</c> names the <see cref="TrafficClass"/> and an optional <c>block_tokens</c> the block size, so that
/// synthetic traces survive being written and read. github.com/kvcache-ai/Mooncake, Apache-2.0 (Qin et al., FAST 2025).
/// </remarks>
internal sealed class MooncakeReader(string name, Func<Stream> open) : ITrafficSource
{
    public const int DefaultBlockTokens = 512;
    private const double TickSeconds = 3;

    public string Name => name;

    internal static bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith("{"u8) && head.IndexOf("\"input_length\""u8) >= 0;

    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        var tick = new List<InferenceRequest>();
        foreach (InferenceRequest request in Lines())
        {
            if (tick.Count > 0 && request.ArrivalSeconds != tick[0].ArrivalSeconds)
            {
                foreach (InferenceRequest spread in Spread(tick, request.ArrivalSeconds - tick[0].ArrivalSeconds))
                    yield return spread;
                tick.Clear();
            }

            tick.Add(request);
        }

        foreach (InferenceRequest spread in Spread(tick, TickSeconds))
            yield return spread;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<InferenceRequest> Spread(List<InferenceRequest> tick, double untilNext)
    {
        // Never past the next timestamp: a trace with a real clock has ties too, and they stay where they are.
        double seconds = Math.Min(TickSeconds, untilNext);
        for (int i = 0; i < tick.Count; i++)
            yield return tick[i] with { ArrivalSeconds = tick[i].ArrivalSeconds + (seconds * i / tick.Count) };
    }

    private IEnumerable<InferenceRequest> Lines()
    {
        using var text = new StreamReader(open());
        double last = double.NegativeInfinity;
        for (int line = 1; text.ReadLine() is { } json; line++)
        {
            if (json.Length == 0)
                continue;
            InferenceRequest request = Parse(json, line);
            if (request.ArrivalSeconds < last)
                throw new TrafficFormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: arrival {request.ArrivalSeconds:0.###} s is earlier than the line before ({last:0.###} s); traces ascend."));
            last = request.ArrivalSeconds;
            yield return request;
        }
    }

    private InferenceRequest Parse(string json, int line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            int block = root.TryGetProperty("block_tokens", out JsonElement size) ? size.GetInt32() : DefaultBlockTokens;
            TrafficClass trafficClass = root.TryGetProperty("class", out JsonElement kind) && Enum.TryParse(kind.GetString(), true, out TrafficClass parsed)
                ? parsed
                : TrafficClass.LongContext;
            ulong[] hashes = root.TryGetProperty("hash_ids", out JsonElement ids) ? [.. ids.EnumerateArray().Select(id => Hash(id.GetUInt64()))] : [];
            int prompt = Math.Max(1, root.GetProperty("input_length").GetInt32());

            // The last id may cover a partial block, which no other prompt can share.
            int full = Math.Min(hashes.Length, prompt / block);
            return new InferenceRequest(
                root.GetProperty("timestamp").GetDouble() / 1000,
                prompt,
                Math.Max(1, root.GetProperty("output_length").GetInt32()),
                trafficClass,
                hashes.AsMemory(0, full),
                full == 0 ? 0 : block);
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TrafficFormatException($"{name}:{line}: not a Mooncake record; expected timestamp, input_length, output_length and hash_ids as numbers.", broken);
        }
    }

    private static ulong Hash(ulong id) => (id + 1) * 0x9E3779B97F4A7C15;
}
