using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>What episodes are made of: the user's traffic, and synthetic traffic of other kinds so that a policy has met them.</summary>
/// <param name="Training">Sources to learn from.</param>
/// <param name="Validation">Sources to choose by; nothing was learned from them.</param>
/// <param name="Own">How many of those, from the first, are the user's traffic.</param>
/// <param name="Met">How many of those, from the first, training met the like of.</param>
/// <param name="Names">Names of what was mixed in.</param>
internal sealed record TrainingMix(IReadOnlyList<EpisodeTraffic> Training, IReadOnlyList<EpisodeTraffic> Validation, int Own, int Met, IReadOnlyList<string> Names)
{
    /// <summary>The share of the user's own traffic.</summary>
    public const double OwnShare = 0.5;

    private const double LeastCarried = 0.02;

    /// <summary>The rates of episodes, as multiples of what a fixed setting sustains, where nothing else is said.</summary>
    public static readonly (double Light, double Heavy) UsualLoads = (0.7, 1.2);

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
    /// <param name="ownShare">How many episodes come from it; 1 for all.</param>
    /// <param name="without">Presets to leave out.</param>
    /// <param name="loads">Least and most of episodes' rates, as multiples of what a fixed setting sustains.</param>
    /// <param name="validationDays">Other days of a preset in the user's traffic to choose by, at least 1.</param>
    /// <param name="seed">Seed of what is synthetic.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static TrainingMix Prepare(EngineCostCache costs, KnobSettings best, IReadOnlyList<TrafficTrace> own, double ownShare, IReadOnlyList<string> without, (double Light, double Heavy) loads, int validationDays, ulong seed, CancellationToken cancellation)
    {
        KnobSettings[] layouts = [.. KnobGrid.Layouts(costs.Scenario, best).Append(costs.Scenario.DefaultSettings).Distinct()];
        var training = new List<EpisodeTraffic>();
        var validation = new List<EpisodeTraffic>();
        (string Preset, int Longer)[] families = ownShare >= 1 ? [] : [.. Families.Where(family => !without.Contains(family.Preset))];
        double each = (families.Length == 0 ? 1 : ownShare) / own.Count;
        foreach (TrafficTrace trace in own)
        {
            bool spares = TrafficCatalog.PresetOf(trace.Name) is null && trace.DurationSeconds >= SparesSeconds;
            double kept = spares ? TrainingShare * trace.DurationSeconds : trace.DurationSeconds;
            training.Add(Around(Met(trace.Slice(0, kept), training.Count), each));
            if (TrafficCatalog.PresetOf(trace.Name) is null)
                validation.Add(Around(spares ? trace.Slice(kept, trace.DurationSeconds - kept) : trace, each));
        }

        // Other days of a preset are better than the rest of one: its budget is saved and spent over all of it. Several,
        // because one day's luck is as large as what candidates differ by.
        foreach (IGrouping<string, string> preset in own.Select(trace => TrafficCatalog.PresetOf(trace.Name)).OfType<string>().GroupBy(name => name))
            validation.AddRange(Enumerable.Range(0, validationDays).Select(other => Around(TrafficTrace.Load(TrafficPresets.Open(preset.Key, seed + 30_000 + (ulong)other)), each * preset.Count() / validationDays)));

        int ownSources = validation.Count;
        for (int i = 0; i < families.Length; i++)
        {
            double weight = (1 - ownShare) / families.Length;
            training.Add(Around(Synthetic(families[i], seed + 20_000), weight));
            validation.Add(Around(Synthetic(families[i], seed + 30_000), weight));
        }

        int met = validation.Count;
        if (families.Length > 0)
            validation.AddRange(Strange.Select(kind => Around(Synthetic(kind, seed + 30_000), (1 - ownShare) / families.Length)));

        return new TrainingMix(training, validation, ownSources, met, [.. families.Select(family => family.Longer > 1 ? $"{family.Preset} ×{family.Longer}" : family.Preset)]);

        // Of several traces every third is met with bursts.
        TrafficTrace Met(TrafficTrace trace, int index) => index % BurstyOf == BurstyOf - 1 ? TrafficBursts.Irregular(trace, seed) : trace;

        EpisodeTraffic Around(TrafficTrace trace, double weight)
        {
            TrafficTrace part = Part(trace);
            double carried = LeastCarried;
            foreach (KnobSettings settings in part.Count == 0 ? [] : layouts)
                carried = Math.Max(carried, SustainedLoad.Find(costs, part, () => new FixedPolicy("fixed", settings), seed, guess: Math.Max(carried, 0.1), cancellation: cancellation));
            return new EpisodeTraffic(trace, weight, loads.Light * carried, loads.Heavy * carried);
        }
    }

    /// <summary>The part of a trace that loads are measured on.</summary>
    public static TrafficTrace Part(TrafficTrace trace) => trace.Slice(0, Math.Min(trace.DurationSeconds, MeasuredSeconds));

    private static TrafficTrace Synthetic((string Preset, int Longer) family, ulong seed)
        => TrafficTrace.Load(TrafficPresets.Open(family.Preset, seed, PresetSeconds)).WithLongerPrompts(family.Longer);
}
