using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>A trace held compactly in memory, column by column, ready to be replayed many times. Immutable; safe to share.</summary>
public sealed class TrafficTrace
{
    private const double CopyJitterSeconds = 2;

    private readonly double[] arrivals;
    private readonly int[] promptTokens;
    private readonly int[] outputTokens;
    private readonly TrafficClass[] classes;
    private readonly ReadOnlyMemory<ulong>[]? prefixes;
    private readonly int[]? prefixBlockTokens;

    private TrafficTrace(string name, IReadOnlyList<InferenceRequest> requests, double durationSeconds)
    {
        Name = name;
        DurationSeconds = durationSeconds;
        arrivals = new double[requests.Count];
        promptTokens = new int[requests.Count];
        outputTokens = new int[requests.Count];
        classes = new TrafficClass[requests.Count];
        for (int i = 0; i < requests.Count; i++)
        {
            InferenceRequest request = requests[i];
            arrivals[i] = request.ArrivalSeconds;
            promptTokens[i] = request.PromptTokens;
            outputTokens[i] = request.OutputTokens;
            classes[i] = request.Class;
            if (request.PrefixBlocks.Length == 0)
                continue;
            prefixes ??= new ReadOnlyMemory<ulong>[requests.Count];
            prefixBlockTokens ??= new int[requests.Count];
            prefixes[i] = request.PrefixBlocks;
            prefixBlockTokens[i] = request.PrefixBlockTokens;
        }
    }

    /// <summary>The trace's name for reports.</summary>
    public string Name { get; }

    /// <summary>Number of requests.</summary>
    public int Count => arrivals.Length;

    /// <summary>Length of the trace in seconds, from 0 to its last arrival.</summary>
    public double DurationSeconds { get; }

    /// <summary>Requests a second over the whole trace.</summary>
    public double MeanRate => Count / Math.Max(DurationSeconds, 1e-9);

    /// <summary>Whether any request says which prefix it shares.</summary>
    public bool HasPrefixes => prefixes is not null;

    /// <summary>Arrival times in seconds, ascending from 0.</summary>
    public ReadOnlySpan<double> Arrivals => arrivals;

    /// <summary>Prompt lengths in tokens.</summary>
    public ReadOnlySpan<int> PromptTokens => promptTokens;

    /// <summary>Output lengths in tokens.</summary>
    public ReadOnlySpan<int> OutputTokens => outputTokens;

    /// <summary>Kinds of work.</summary>
    public ReadOnlySpan<TrafficClass> Classes => classes;

    /// <summary>Hashes of a request's leading blocks; see <see cref="InferenceRequest"/>.</summary>
    public ReadOnlySpan<ulong> PrefixBlocks(int index) => prefixes is null ? default : prefixes[index].Span;

    /// <summary>Tokens each of a request's prefix blocks covers; 0 without prefixes.</summary>
    public int PrefixBlockTokens(int index) => prefixBlockTokens is null ? 0 : prefixBlockTokens[index];

    /// <summary>Reads a source; the first arrival becomes time 0.</summary>
    /// <param name="source">The source.</param>
    /// <param name="maxSeconds">Stops reading this long after the first arrival: some archives hold days at hundreds of requests a second.</param>
    /// <exception cref="TrafficFormatException">The source is empty or malformed.</exception>
    public static TrafficTrace Load(ITrafficSource source, double maxSeconds = double.PositiveInfinity)
    {
        var requests = new List<InferenceRequest>();
        foreach (InferenceRequest request in source)
        {
            if (requests.Count > 0 && request.ArrivalSeconds - requests[0].ArrivalSeconds >= maxSeconds)
                break;
            if (!double.IsFinite(request.ArrivalSeconds) || (requests.Count > 0 && request.ArrivalSeconds < requests[^1].ArrivalSeconds))
                throw new TrafficFormatException(FormattableString.Invariant($"{source.Name}: request {requests.Count + 1} arrives at {request.ArrivalSeconds:0.###} s, which is not later than the one before; traces ascend."));
            requests.Add(request);
        }

        if (requests.Count == 0)
            throw new TrafficFormatException($"{source.Name}: no requests found; a trace needs at least one.");
        double first = requests[0].ArrivalSeconds;
        for (int i = 0; i < requests.Count; i++)
            requests[i] = requests[i] with { ArrivalSeconds = requests[i].ArrivalSeconds - first };
        return new TrafficTrace(source.Name, requests, requests[^1].ArrivalSeconds);
    }

    /// <summary>A trace made of given requests, whose arrivals ascend.</summary>
    /// <param name="name">The trace's name.</param>
    /// <param name="requests">The requests.</param>
    /// <param name="durationSeconds">Its length; at least the last arrival.</param>
    public static TrafficTrace Of(string name, IReadOnlyList<InferenceRequest> requests, double durationSeconds)
        => new(name, requests, durationSeconds);

    /// <summary>Traces end to end: one long day.</summary>
    /// <param name="traces">At least one; one alone stays as it is.</param>
    public static TrafficTrace Joined(IReadOnlyList<TrafficTrace> traces)
    {
        if (traces.Count == 1)
            return traces[0];
        var requests = new List<InferenceRequest>(traces.Sum(trace => trace.Count));
        double from = 0;
        foreach (TrafficTrace trace in traces)
        {
            double offset = from;
            requests.AddRange(trace.Requests().Select(request => request with { ArrivalSeconds = request.ArrivalSeconds + offset }));
            from += trace.DurationSeconds;
        }

        return new TrafficTrace(string.Join(", ", traces.Select(trace => trace.Name)), requests, from);
    }

    /// <summary>The requests one by one, in order of arrival.</summary>
    public IEnumerable<InferenceRequest> Requests()
    {
        for (int i = 0; i < Count; i++)
            yield return Request(i, arrivals[i], 0);
    }

    /// <summary>Index of the first request that arrives at or after an instant; <see cref="Count"/> when none does.</summary>
    public int FirstAtOrAfter(double seconds)
    {
        int low = 0;
        int high = arrivals.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (arrivals[middle] < seconds)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The part of the trace in [<paramref name="fromSeconds"/>, <paramref name="fromSeconds"/> + <paramref name="seconds"/>), moved to time 0.</summary>
    public TrafficTrace Slice(double fromSeconds, double seconds)
    {
        int from = FirstAtOrAfter(fromSeconds);
        int to = FirstAtOrAfter(fromSeconds + seconds);
        var requests = new List<InferenceRequest>(to - from);
        for (int i = from; i < to; i++)
            requests.Add(Request(i, arrivals[i] - fromSeconds, 0));
        return new TrafficTrace(Name, requests, Math.Min(seconds, Math.Max(0, DurationSeconds - fromSeconds)));
    }

    /// <summary>The trace at another rate on the same clock: requests are repeated, or left out, not squeezed in time.</summary>
    /// <remarks>
    /// Each request is kept ⌊factor⌋ times and once more with probability frac(factor). Copies arrive within ±2 s of the
    /// original, and share no prefix with it but among themselves, as another tenant's sessions would. For one seed a larger
    /// factor keeps all that a smaller one keeps: two loads differ by what was added, and not by luck.
    /// </remarks>
    /// <param name="factor">Multiple of the rate, above 0.</param>
    /// <param name="seed">Same seed, same copies.</param>
    public TrafficTrace Scaled(double factor, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        if (factor == 1)
            return this;
        int whole = (int)factor;
        double part = factor - whole;
        RandomStream keeping = RandomStream.For(seed, "rate-scale");
        var jitters = new RandomStream[(int)Math.Ceiling(factor)];
        for (int copy = 1; copy < jitters.Length; copy++)
            jitters[copy] = RandomStream.For(seed, $"rate-scale copy {copy}");
        var requests = new List<InferenceRequest>((int)(Count * factor) + 16);
        for (int i = 0; i < Count; i++)
        {
            // For one draw the number of copies never falls as the factor grows.
            int copies = whole + (keeping.NextDouble() < part ? 1 : 0);
            if (copies > 0)
                requests.Add(Request(i, arrivals[i], 0));
            for (int copy = 1; copy < jitters.Length; copy++)
            {
                double jitter = CopyJitterSeconds * ((2 * jitters[copy].NextDouble()) - 1);
                if (copy < copies)
                    requests.Add(Request(i, Within(arrivals[i] + jitter), copy));
            }
        }

        // A stable order: by arrival, and where arrivals tie as they stood.
        InferenceRequest[] ordered = [.. requests.OrderBy(request => request.ArrivalSeconds)];
        return new TrafficTrace(Name, ordered, DurationSeconds);
    }

    /// <summary>The trace with prompts a whole multiple as long, shared prefixes included: the same users with longer documents.</summary>
    /// <param name="factor">The multiple, at least 1.</param>
    public TrafficTrace WithLongerPrompts(int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        InferenceRequest[] requests = [.. Requests().Select(request => request with { PromptTokens = request.PromptTokens * factor, PrefixBlockTokens = request.PrefixBlockTokens * factor })];
        return new TrafficTrace($"{Name} ×{factor}", requests, DurationSeconds);
    }

    private InferenceRequest Request(int index, double arrival, int copy)
    {
        ReadOnlyMemory<ulong> blocks = prefixes is null ? default : prefixes[index];
        if (copy > 0 && blocks.Length > 0)
        {
            ulong[] salted = new ulong[blocks.Length];
            for (int i = 0; i < salted.Length; i++)
                salted[i] = Salted(blocks.Span[i], (ulong)copy);
            blocks = salted;
        }

        return new InferenceRequest(arrival, promptTokens[index], outputTokens[index], classes[index], blocks, PrefixBlockTokens(index));
    }

    /// <summary>SplitMix64's finaliser over both: what two copies share they still share, and nothing meets by accident.</summary>
    private static ulong Salted(ulong block, ulong copy)
    {
        ulong z = block + (copy * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Reflects at the ends of the trace: cutting off would pile copies up there.</summary>
    private double Within(double seconds)
    {
        seconds = Math.Abs(seconds);
        return Math.Clamp(seconds > DurationSeconds ? (2 * DurationSeconds) - seconds : seconds, 0, DurationSeconds);
    }
}
