namespace Tuner.Env.Traffic;

/// <summary>What a trace looks like in figures. Ratios that a trace is too short to have are <see cref="double.NaN"/>.</summary>
public sealed record TrafficStatistics
{
    private const double MinuteSeconds = 60;

    /// <summary>Number of requests.</summary>
    public int Count { get; private init; }

    /// <summary>Seconds from the first arrival to the last.</summary>
    public double SpanSeconds { get; private init; }

    /// <summary>Requests a second over the span.</summary>
    public double RequestsPerSecond { get; private init; }

    /// <summary>Coefficient of variation of the gaps between arrivals; 1 for a Poisson process.</summary>
    public double GapVariation { get; private init; }

    /// <summary>The busiest full minute over the mean full minute.</summary>
    public double PeakToMeanMinute { get; private init; }

    /// <summary>The quietest full minute over the mean full minute.</summary>
    public double QuietestToMeanMinute { get; private init; }

    /// <summary>Index of dispersion: variance over mean of the counts in full seconds; 1 for a Poisson process.</summary>
    public double DispersionIndex { get; private init; }

    /// <summary>
    /// r90/r60: of the rates of the full minutes, each weighted by its requests, the 90 % quantile over the 60 % one. Near 1 the load is
    /// flat, and there is nothing for a policy to adapt to.
    /// </summary>
    public double R90OverR60 { get; private init; }

    /// <summary>Prompt lengths in tokens.</summary>
    public LengthSummary PromptTokens { get; private init; }

    /// <summary>Output lengths in tokens.</summary>
    public LengthSummary OutputTokens { get; private init; }

    /// <summary>Share of all prompt tokens that a prefix cache without bounds would hold already, from 0 to 1.</summary>
    public double PrefixHitShare { get; private init; }

    /// <summary>Different prefix blocks in the trace.</summary>
    public int DistinctPrefixBlocks { get; private init; }

    /// <summary>Requests of each class that occurs.</summary>
    public IReadOnlyDictionary<TrafficClass, int> Classes { get; private init; } = new Dictionary<TrafficClass, int>();

    /// <summary>Measures requests in one pass.</summary>
    /// <param name="requests">The requests, in order of arrival.</param>
    public static TrafficStatistics Of(IEnumerable<InferenceRequest> requests)
    {
        List<int> prompts = [];
        List<int> outputs = [];
        List<int> minutes = [];
        List<int> seconds = [];
        HashSet<ulong> cache = [];
        SortedDictionary<TrafficClass, int> classes = [];
        double first = 0;
        double last = 0;
        double squares = 0;
        double hitTokens = 0;
        double promptTokens = 0;
        foreach (InferenceRequest request in requests)
        {
            if (prompts.Count == 0)
                first = last = request.ArrivalSeconds;
            double gap = request.ArrivalSeconds - last;
            squares += gap * gap;
            last = request.ArrivalSeconds;
            Increment(minutes, (int)((last - first) / MinuteSeconds));
            Increment(seconds, (int)(last - first));
            prompts.Add(request.PromptTokens);
            outputs.Add(request.OutputTokens);
            promptTokens += request.PromptTokens;
            hitTokens += Hit(request, cache);
            classes[request.Class] = classes.GetValueOrDefault(request.Class) + 1;
        }

        double span = last - first;
        double meanGap = span / (prompts.Count - 1);

        // The last minute and second are cut off by the end of the trace.
        int[] full = [.. minutes.Take(minutes.Count - 1)];
        int[] fullSeconds = [.. seconds.Take(seconds.Count - 1)];
        double meanMinute = full.Length == 0 ? double.NaN : full.Average();
        double meanSecond = fullSeconds.Length == 0 ? double.NaN : fullSeconds.Average();
        return new TrafficStatistics
        {
            Count = prompts.Count,
            SpanSeconds = span,
            RequestsPerSecond = span > 0 ? prompts.Count / span : double.NaN,
            GapVariation = prompts.Count > 1 && span > 0
                ? Math.Sqrt(Math.Max(0, (squares / (prompts.Count - 1)) - (meanGap * meanGap))) / meanGap
                : double.NaN,
            PeakToMeanMinute = full.Length == 0 ? double.NaN : full.Max() / meanMinute,
            QuietestToMeanMinute = full.Length == 0 ? double.NaN : full.Min() / meanMinute,
            DispersionIndex = fullSeconds.Length == 0 ? double.NaN : fullSeconds.Average(n => (n - meanSecond) * (n - meanSecond)) / meanSecond,
            R90OverR60 = full.Length == 0 ? double.NaN : WeightedQuantile(full, 0.9) / WeightedQuantile(full, 0.6),
            PromptTokens = LengthSummary.Of(prompts),
            OutputTokens = LengthSummary.Of(outputs),
            PrefixHitShare = promptTokens > 0 ? hitTokens / promptTokens : 0,
            DistinctPrefixBlocks = cache.Count,
            Classes = classes,
        };
    }

    private static void Increment(List<int> counts, int index)
    {
        while (counts.Count <= index)
            counts.Add(0);
        counts[index]++;
    }

    private static double Hit(in InferenceRequest request, HashSet<ulong> cache)
    {
        ReadOnlySpan<ulong> blocks = request.PrefixBlocks.Span;
        int hits = 0;
        while (hits < blocks.Length && cache.Contains(blocks[hits]))
            hits++;
        for (int i = hits; i < blocks.Length; i++)
            cache.Add(blocks[i]);
        return Math.Min((double)hits * request.PrefixBlockTokens, request.PromptTokens);
    }

    private static double WeightedQuantile(int[] counts, double probability)
    {
        int[] sorted = [.. counts.Order()];
        double target = probability * sorted.Sum(count => (double)count);
        double sum = 0;
        foreach (int count in sorted)
        {
            sum += count;
            if (sum >= target)
                return count;
        }

        return sorted[^1];
    }
}
