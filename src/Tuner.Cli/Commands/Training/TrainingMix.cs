using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands.Training;

/// <summary>What episodes are made of: the user's traffic, and synthetic traffic of other kinds so that a policy has met them.</summary>
/// <param name="Training">Sources to learn from.</param>
/// <param name="HeldOut">Traffic to choose by; nothing was learned from it.</param>
/// <param name="Names">Names of what was mixed in.</param>
internal sealed record TrainingMix(IReadOnlyList<EpisodeTraffic> Training, IReadOnlyList<HeldOutTraffic> HeldOut, IReadOnlyList<string> Names)
{
    private const double LeastCarried = 0.02;
    private const double MeasuredSeconds = 3600;
    private const double PresetSeconds = 1800;

    /// <summary>A trace shorter than this has no part to spare for validation; a preset need not, for there are other days of it.</summary>
    private const double SparesSeconds = 1200;
    private const double TrainingShare = 0.75;
    private const int BurstyOf = 3;

    /// <summary>Prompts four times as long as measured ones: what comes after today's traffic.</summary>
    private const int Longer = 4;

    private static readonly (string Preset, int Longer)[] Families =
        [("conversation", 1), ("code", 1), ("long-context", 1), ("reasoning", 1), ("mixed-day", 1), ("conversation", Longer), ("code", Longer), ("long-context", Longer), ("reasoning", Longer)];

    /// <summary>Kinds that training never meets: whether a policy does harm where it has not been.</summary>
    private static readonly (string Preset, int Longer)[] Strange = [("conversation", 8), ("code", 16), ("long-context", 7)];

    /// <summary>Prepares the mix.</summary>
    /// <param name="costs">The scenario and its prepared engines.</param>
    /// <param name="best">The best fixed setting on the user's traffic.</param>
    /// <param name="own">The user's traffic.</param>
    /// <param name="request">What to mix in, and at what loads.</param>
    /// <param name="seed">Seed of what is synthetic.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static TrainingMix Prepare(EngineCostCache costs, KnobSettings best, IReadOnlyList<TrafficTrace> own, MixRequest request, ulong seed, CancellationToken cancellation)
    {
        KnobSettings[] layouts = [.. KnobGrid.Layouts(costs.Scenario, best).Append(costs.Scenario.DefaultSettings).Distinct()];
        var training = new List<EpisodeTraffic>();
        var heldOut = new List<HeldOutTraffic>();
        (string Preset, int Longer)[] families = request.OwnShare >= 1 ? [] : [.. Families.Where(family => !request.Without.Contains(family.Preset))];
        double each = (families.Length == 0 ? 1 : request.OwnShare) / own.Count;
        foreach (TrafficTrace trace in own)
        {
            bool spares = TrafficCatalog.PresetOf(trace.Name) is null && trace.DurationSeconds >= SparesSeconds;
            double kept = spares ? TrainingShare * trace.DurationSeconds : trace.DurationSeconds;
            training.Add(Episodes(Met(trace.Slice(0, kept), training.Count), each));
            if (TrafficCatalog.PresetOf(trace.Name) is null)
                heldOut.Add(Keep(spares ? trace.Slice(kept, trace.DurationSeconds - kept) : trace, each, HeldOutKind.Own));
        }

        // Other days of a preset are better than the rest of one: its budget is saved and spent over all of it. Several,
        // because one day's luck is as large as what candidates differ by.
        foreach (IGrouping<string, string> preset in own.Select(trace => TrafficCatalog.PresetOf(trace.Name)).OfType<string>().GroupBy(name => name))
            heldOut.AddRange(Enumerable.Range(0, request.ValidationDays).Select(other => Keep(TrafficTrace.Load(TrafficPresets.Open(preset.Key, seed + 30_000 + (ulong)other)), each * preset.Count() / request.ValidationDays, HeldOutKind.Own)));

        double other = (1 - request.OwnShare) / Math.Max(1, families.Length);
        foreach ((string, int) family in families)
        {
            training.Add(Episodes(Synthetic(family, seed + 20_000), other));
            heldOut.Add(Keep(Synthetic(family, seed + 30_000), other, HeldOutKind.Mixed));
        }

        if (families.Length > 0)
            heldOut.AddRange(Strange.Select(kind => Keep(Synthetic(kind, seed + 30_000), other, HeldOutKind.Strange)));

        return new TrainingMix(training, heldOut, [.. families.Select(family => family.Longer > 1 ? $"{family.Preset} ×{family.Longer}" : family.Preset)]);

        // Of several traces every third is met with bursts.
        TrafficTrace Met(TrafficTrace trace, int index) => index % BurstyOf == BurstyOf - 1 ? TrafficBursts.Irregular(trace, seed) : trace;

        EpisodeTraffic Episodes(TrafficTrace trace, double weight)
        {
            double carried = Carried(trace);
            return new EpisodeTraffic(trace, weight, request.Light * carried, request.Heavy * carried);
        }

        HeldOutTraffic Keep(TrafficTrace trace, double weight, HeldOutKind kind) => new(trace, weight, Carried(trace), kind);

        double Carried(TrafficTrace trace)
        {
            TrafficTrace part = Part(trace);
            double carried = LeastCarried;
            foreach (KnobSettings settings in part.Count == 0 ? [] : layouts)
                carried = Math.Max(carried, SustainedLoad.Find(costs, part, () => new FixedPolicy("fixed", settings), seed, guess: Math.Max(carried, 0.1), cancellation: cancellation));
            return carried;
        }
    }

    /// <summary>The part of a trace that loads are measured on.</summary>
    public static TrafficTrace Part(TrafficTrace trace) => trace.Slice(0, Math.Min(trace.DurationSeconds, MeasuredSeconds));

    private static TrafficTrace Synthetic((string Preset, int Longer) family, ulong seed)
        => TrafficTrace.Load(TrafficPresets.Open(family.Preset, seed, PresetSeconds)).WithLongerPrompts(family.Longer);
}
