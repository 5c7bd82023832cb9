using System.Collections;
using Tuner.Env.Simulation;

namespace Tuner.Env.Traffic;

/// <summary>Traffic drawn from a preset: measured lengths and load curves, replayed under any seed, length and rate.</summary>
/// <remarks>See <see cref="TrafficPresets.Open"/>.</remarks>
public sealed class SyntheticTraffic : ITrafficSource
{
    private readonly string presetName;
    private readonly TrafficPreset preset;
    private readonly ulong seed;

    /// <param name="name">The preset's name, which names its random streams.</param>
    /// <param name="preset">What to draw.</param>
    /// <param name="seed">The same seed gives the same requests.</param>
    /// <param name="seconds">Length; null for the preset's own.</param>
    /// <param name="rate">Mean requests a second; null for the preset's own.</param>
    /// <param name="title">The name in reports; null for the preset's.</param>
    internal SyntheticTraffic(string name, TrafficPreset preset, ulong seed, double? seconds, double? rate, string? title = null)
    {
        presetName = name;
        Name = title ?? name;
        this.preset = preset;
        this.seed = seed;
        Seconds = seconds ?? preset.Seconds;
        MeanRate = rate ?? preset.Rate;
        if (!(Seconds > 0) || !double.IsFinite(Seconds))
            throw new TrafficFormatException(FormattableString.Invariant($"{name}: {Seconds} seconds were asked for; more than 0 were expected."));
        if (!(MeanRate > 0) || !double.IsFinite(MeanRate))
            throw new TrafficFormatException(FormattableString.Invariant($"{name}: {MeanRate} requests a second were asked for; more than 0 were expected."));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>What the traffic is like, and what of it is measured and what assumed.</summary>
    public string Description => preset.Description;

    /// <summary>Length of the traffic in seconds.</summary>
    public double Seconds { get; }

    /// <summary>Mean requests a second over a whole cycle of the load curve.</summary>
    public double MeanRate { get; }

    /// <inheritdoc/>
    public IEnumerator<InferenceRequest> GetEnumerator()
    {
        FamilyStream[] families = Families();
        var queue = new PriorityQueue<(int Index, InferenceRequest Request), (double, int)>();
        for (int i = 0; i < families.Length; i++)
        {
            if (families[i].TryNext(out InferenceRequest first))
                queue.Enqueue((i, first), (first.ArrivalSeconds, i));
        }

        while (queue.TryPeek(out (int Index, InferenceRequest Request) head, out _))
        {
            yield return head.Request;
            if (families[head.Index].TryNext(out InferenceRequest next))
                queue.DequeueEnqueue((head.Index, next), (next.ArrivalSeconds, head.Index));
            else
                queue.Dequeue();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The load, second by second, in requests a second.</summary>
    internal double[] Load()
    {
        var load = new double[(int)Math.Ceiling(Seconds)];
        double mean = MeanRate / (preset.Bursts?.MeanFactor ?? 1);
        for (int i = 0; i < load.Length; i++)
            load[i] = mean * preset.RateCurve.At(i + 0.5);
        if (preset.Bursts is not { } bursts)
            return load;
        RandomStream random = RandomStream.For(seed, "bursts");
        double start = random.NextExponential(bursts.MeanGapSeconds);
        while (start < load.Length)
        {
            double end = start + Between(random, bursts.MinSeconds, bursts.MaxSeconds);
            double factor = Between(random, bursts.MinFactor, bursts.MaxFactor);
            for (int i = (int)start; i < Math.Min(end, load.Length); i++)
                load[i] *= factor;
            start = end + random.NextExponential(bursts.MeanGapSeconds);
        }

        return load;
    }

    private static double Between(RandomStream random, double low, double high) => low + (random.NextDouble() * (high - low));

    private FamilyStream[] Families()
    {
        double[] load = Load();
        if (preset.Mix is not { } mix)
            return [new FamilyStream(presetName, preset.Family!, load, Seconds, seed)];
        var loads = new double[mix.Families.Length][];
        for (int f = 0; f < loads.Length; f++)
            loads[f] = new double[load.Length];
        for (int i = 0; i < load.Length; i++)
        {
            double sum = mix.Families.Sum(family => family.At(i, mix.PeriodSeconds));
            for (int f = 0; f < loads.Length; f++)
                loads[f][i] = load[i] * mix.Families[f].At(i, mix.PeriodSeconds) / sum;
        }

        return [.. mix.Families.Select((family, f) =>
            new FamilyStream($"{presetName} {family.Preset}", TrafficPresets.Load(family.Preset).Family!, loads[f], Seconds, seed))];
    }
}
