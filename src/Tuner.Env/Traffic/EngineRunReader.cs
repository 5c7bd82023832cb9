using System.Collections;
using System.Text.Json;

namespace Tuner.Env.Traffic;

/// <summary>A run recorded by a real engine: JSON Lines, a request each, with vLLM's own times (github.com/casys-kaist/LLMServingSim, <c>bench</c>; MIT).</summary>
/// <remarks>
/// A line has <c>input_toks</c>, <c>output_toks</c> and, in seconds of the engine's clock, <c>queued_ts</c>, <c>scheduled_ts</c>,
/// <c>first_token_ts</c> and <c>last_token_ts</c>. A line whose times are null is of a request the engine did not finish, and is left out.
/// Requests arrive when they were queued. That is when the engine looked at its queue, which it does between steps; the process in front, where it
/// noted an <c>arrival_time</c> by its own clock, had the request up to a step earlier (<see cref="FromClients"/>).
/// </remarks>
public sealed class EngineRunReader : ITrafficSource
{
    /// <summary>Steps last a fraction of a second; where half of the requests lag longer than this, a clock was set meanwhile.</summary>
    private const double LongestLagSeconds = 1;

    private readonly Func<Stream> open;
    private readonly bool fromClients;
    private ServedRequest[]? requests;
    private int unfinished;

    internal EngineRunReader(string name, Func<Stream> open, bool fromClients = false) => (Name, this.open, this.fromClients) = (name, open, fromClients);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The requests, in order of arrival.</summary>
    /// <exception cref="TrafficFormatException">A line is not a request of such a run.</exception>
    public IReadOnlyList<ServedRequest> Requests => requests ??= Read();

    /// <summary>Lines without times, which are left out.</summary>
    public int Unfinished
    {
        get
        {
            _ = Requests;
            return unfinished;
        }
    }

    /// <summary>The same run with requests that arrive when the process in front had them; the request that got through quickest brings the two clocks together.</summary>
    public EngineRunReader FromClients() => new(Name, open, fromClients: true);

    /// <inheritdoc/>
    public IEnumerator<InferenceRequest> GetEnumerator()
        => Requests.Select(request => new InferenceRequest(request.ArrivalSeconds, request.PromptTokens, request.OutputTokens, TrafficClass.Chat)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool Recognises(ReadOnlySpan<byte> head)
        => head.StartsWith("{"u8) && head.IndexOf("\"queued_ts\""u8) >= 0 && head.IndexOf("\"first_token_ts\""u8) >= 0;

    private ServedRequest[] Read()
    {
        var read = new List<ServedRequest>();
        using var text = new StreamReader(open());
        int left = 0;
        for (int line = 1; text.ReadLine() is { } json; line++)
        {
            if (json.Length == 0)
                continue;
            if (Request(json, line) is { } request)
                read.Add(request);
            else
                left++;
        }

        if (read.Count == 0)
            throw new TrafficFormatException($"{Name}: {left} requests without times found; expected at least one that was served.");
        unfinished = left;
        double apart = fromClients ? ClocksApart(read) : 0;
        ServedRequest[] sorted = [.. read.Select(each => each with { ArrivalSeconds = fromClients ? each.ArrivalSeconds + apart : each.QueuedSeconds }).OrderBy(each => each.ArrivalSeconds)];
        double first = sorted[0].ArrivalSeconds;
        return [.. sorted.Select(each => each with
        {
            ArrivalSeconds = each.ArrivalSeconds - first,
            QueuedSeconds = each.QueuedSeconds - first,
            ScheduledSeconds = each.ScheduledSeconds - first,
            FirstTokenSeconds = each.FirstTokenSeconds - first,
            LastTokenSeconds = each.LastTokenSeconds - first,
        })];
    }

    private double ClocksApart(List<ServedRequest> read)
    {
        double[] lags = [.. read.Select(each => each.QueuedSeconds - each.ArrivalSeconds).Order()]; // NaN, the least of all, where one has no arrival
        if (double.IsNaN(lags[0]))
            throw new TrafficFormatException($"{Name}: a request without arrival_time found; arrivals at clients need one in every line.");
        double usual = lags[lags.Length / 2] - lags[0];
        return usual <= LongestLagSeconds
            ? lags[0]
            : throw new TrafficFormatException(FormattableString.Invariant($"{Name}: arrival_time and queued_ts drift apart, half of the requests by more than {usual:0.0} s; arrivals at clients need clocks that keep together."));
    }

    // Null where the engine recorded no times.
    private ServedRequest? Request(string json, int line)
    {
        ServedRequest request;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.GetProperty("queued_ts").ValueKind == JsonValueKind.Null || root.GetProperty("last_token_ts").ValueKind == JsonValueKind.Null)
                return null;
            request = new ServedRequest(
                root.GetProperty("input_toks").GetInt32(),
                root.GetProperty("output_toks").GetInt32(),
                root.TryGetProperty("arrival_time", out JsonElement arrival) && arrival.ValueKind == JsonValueKind.Number ? arrival.GetDouble() : double.NaN,
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
