using System.Collections;
using System.Text.Json;

namespace Tuner.Env.Traffic;

/// <summary>A run recorded by a real engine: JSON Lines, a request each, with vLLM's own times (github.com/casys-kaist/LLMServingSim, <c>bench</c>; MIT).</summary>
/// <remarks>
/// A line has <c>input_toks</c>, <c>output_toks</c> and, in seconds of the engine's clock, <c>queued_ts</c>, <c>scheduled_ts</c>,
/// <c>first_token_ts</c> and <c>last_token_ts</c>. Requests arrive when they were queued: <c>arrival_time</c>, where it is there, is another
/// process's clock.
/// </remarks>
public sealed class EngineRunReader : ITrafficSource
{
    private readonly Func<Stream> open;
    private ServedRequest[]? requests;

    internal EngineRunReader(string name, Func<Stream> open) => (Name, this.open) = (name, open);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The requests, in order of arrival.</summary>
    /// <exception cref="TrafficFormatException">A line is not a request of such a run.</exception>
    public IReadOnlyList<ServedRequest> Requests => requests ??= Read();

    /// <inheritdoc/>
    public IEnumerator<InferenceRequest> GetEnumerator()
        => Requests.Select(request => new InferenceRequest(request.QueuedSeconds, request.PromptTokens, request.OutputTokens, TrafficClass.Chat)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool Recognises(ReadOnlySpan<byte> head)
        => head.StartsWith("{"u8) && head.IndexOf("\"queued_ts\""u8) >= 0 && head.IndexOf("\"first_token_ts\""u8) >= 0;

    private ServedRequest[] Read()
    {
        var read = new List<ServedRequest>();
        using var text = new StreamReader(open());
        for (int line = 1; text.ReadLine() is { } json; line++)
        {
            if (json.Length > 0)
                read.Add(Request(json, line));
        }

        read.Sort(static (a, b) => a.QueuedSeconds.CompareTo(b.QueuedSeconds));
        double first = read.Count > 0 ? read[0].QueuedSeconds : 0;
        return [.. read.Select(each => each with
        {
            QueuedSeconds = each.QueuedSeconds - first,
            ScheduledSeconds = each.ScheduledSeconds - first,
            FirstTokenSeconds = each.FirstTokenSeconds - first,
            LastTokenSeconds = each.LastTokenSeconds - first,
        })];
    }

    private ServedRequest Request(string json, int line)
    {
        ServedRequest request;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            request = new ServedRequest(
                root.GetProperty("input_toks").GetInt32(),
                root.GetProperty("output_toks").GetInt32(),
                root.GetProperty("queued_ts").GetDouble(),
                root.GetProperty("scheduled_ts").GetDouble(),
                root.GetProperty("first_token_ts").GetDouble(),
                root.GetProperty("last_token_ts").GetDouble());
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TrafficFormatException($"{Name}:{line}: not a request of a recorded run; expected input_toks, output_toks, queued_ts, scheduled_ts, first_token_ts and last_token_ts.", broken);
        }

        bool ascends = request.QueuedSeconds <= request.ScheduledSeconds && request.ScheduledSeconds <= request.FirstTokenSeconds && request.FirstTokenSeconds <= request.LastTokenSeconds;
        if (request is not { PromptTokens: > 0, OutputTokens: > 0 } || !ascends)
            throw new TrafficFormatException(FormattableString.Invariant($"{Name}:{line}: {request.PromptTokens} prompt and {request.OutputTokens} output tokens, queued {request.QueuedSeconds}, first token {request.FirstTokenSeconds}, last {request.LastTokenSeconds}; expected at least one token each, and times that ascend."));
        return request;
    }
}
