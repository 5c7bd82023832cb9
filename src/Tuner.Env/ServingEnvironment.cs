using Tuner.Env.Cluster;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Simulation;
using Tuner.Env.Spaces;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Observations;
using Tuner.Policy.Telemetry;

namespace Tuner.Env;

/// <summary>The gym: one step is one decision window of a simulated cluster serving real traffic.</summary>
/// <remarks>
/// An episode starts at a random point of a random trace, at a random rate and from random settings that fit. It is never
/// terminated, only cut. Option <c>rate_scale</c> fixes the rate of an episode.
/// </remarks>
public sealed class ServingEnvironment : ISettingsEnvironment
{
    private static readonly string[] Names = ["attainment", "ttft_p90", "tpot_p90", "waiting", "kv_use", "quality_loss", "power_watts", "switches", "reward_service", "reward_waiting", "reward_quality", "reward_switching", "reward_latency", "reward_gain"];

    private readonly Scenario scenario;
    private readonly IReadOnlyList<EngineCostCache> clusters;
    private readonly IReadOnlyList<EpisodeTraffic> traffic;
    private readonly ServingEnvironmentOptions options;
    private readonly RewardOptions rewards;
    private readonly KnobRules rules;
    private readonly ObservationEncoder encoder;
    private readonly TwinCluster? twin;
    private RandomStream random = RandomStream.For(0, "episodes");
    private ServingCluster? cluster;
    private WindowMetrics window;
    private Reward reward;
    private double gain;
    private KnobMask mask;
    private double requestsPerWindow;
    private int step;

    /// <summary>Creates an environment.</summary>
    /// <param name="costs">The scenario and its prepared engines; may be shared between environments.</param>
    /// <param name="traces">The traffic episodes are cut from; at least one trace.</param>
    /// <param name="options">What an episode is like.</param>
    /// <param name="rewards">The reward's weights.</param>
    public ServingEnvironment(EngineCostCache costs, IReadOnlyList<TrafficTrace> traces, ServingEnvironmentOptions? options = null, RewardOptions? rewards = null)
        : this(costs, Alike(traces, options ?? new ServingEnvironmentOptions()), options, rewards)
    {
    }

    /// <summary>Creates an environment whose sources of episodes differ in weight and load; the options' rate scales are not used.</summary>
    /// <param name="costs">The scenario and its prepared engines; may be shared between environments.</param>
    /// <param name="traffic">The sources of episodes; at least one.</param>
    /// <param name="options">What an episode is like.</param>
    /// <param name="rewards">The reward's weights.</param>
    public ServingEnvironment(EngineCostCache costs, IReadOnlyList<EpisodeTraffic> traffic, ServingEnvironmentOptions? options = null, RewardOptions? rewards = null)
        : this([costs], traffic, options, rewards)
    {
    }

    /// <summary>Creates an environment in which each episode runs one of several clusters alike but for their speed and their drafts.</summary>
    /// <param name="clusters">The clusters, drawn with equal chances; at least one, the first as calibrated. May be shared between environments.</param>
    /// <param name="traffic">The sources of episodes; at least one.</param>
    /// <param name="options">What an episode is like.</param>
    /// <param name="rewards">The reward's weights.</param>
    /// <param name="twin">A policy that serves the same arrivals on a cluster of its own, and whose reward is taken from each step's; null for none.
    /// Which choices are best stays as it is, and they show through what arrivals alone decide.</param>
    public ServingEnvironment(IReadOnlyList<EngineCostCache> clusters, IReadOnlyList<EpisodeTraffic> traffic, ServingEnvironmentOptions? options = null, RewardOptions? rewards = null, ITuningPolicy? twin = null)
    {
        if (clusters.Count == 0)
            throw new ArgumentException("Training needs at least one cluster.", nameof(clusters));
        if (traffic.Count == 0)
            throw new ArgumentException("Training needs at least one trace.", nameof(traffic));
        this.clusters = clusters;
        this.traffic = traffic;
        this.options = options ?? new ServingEnvironmentOptions();
        this.rewards = rewards ?? new RewardOptions();
        scenario = clusters[0].Scenario;
        rules = new KnobRules(scenario, this.options.LayoutCooldownSeconds);
        this.twin = twin is null ? null : new TwinCluster(twin, rules, this.options.WindowSeconds);
        encoder = scenario.NewEncoder();
        float[] bound = new float[ObservationSchema.FieldCount];
        Array.Fill(bound, ObservationEncoder.Bound);
        ObservationSpace = new BoxSpace([.. bound.Select(value => -value)], bound);
        ActionSpace = new MultiDiscreteSpace(KnobSpace.HeadSizes);
    }

    /// <inheritdoc/>
    public BoxSpace ObservationSpace { get; }

    /// <inheritdoc/>
    public MultiDiscreteSpace ActionSpace { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> InfoNames => Names;

    /// <summary>The settings in force; the scenario's default before the first <see cref="Reset"/>.</summary>
    public KnobSettings Settings => cluster?.Settings ?? scenario.DefaultSettings;

    /// <inheritdoc/>
    public void Reset(ulong? seed, IReadOnlyDictionary<string, double>? options, Span<float> observation)
    {
        if (seed is { } value)
            random = RandomStream.For(value, "episodes");
        EpisodeTraffic source = EpisodeTraffic.Draw(traffic, random.NextDouble());
        TrafficTrace trace = source.Trace;
        double seconds = (this.options.EpisodeWindows + this.options.WarmupWindows) * this.options.WindowSeconds;
        double start = random.NextDouble() * Math.Max(0, trace.DurationSeconds - seconds);
        double scale = source.RateScale(random.NextDouble());
        if (options is not null && options.TryGetValue("rate_scale", out double wanted))
            scale = wanted;
        TrafficTrace part = trace.Slice(start, seconds).Scaled(scale, random.NextUInt64());
        requestsPerWindow = Math.Max(1, part.Count / seconds * this.options.WindowSeconds);
        double saved = random.NextDouble() < this.options.SavedBudgetShare ? this.options.MostSavedWindows * random.NextDouble() : 0;
        EngineCostCache costs = clusters.Count == 1 ? clusters[0] : clusters[random.NextInt(clusters.Count)];
        KnobSettings begin = StartSettings();
        double warmup = Math.Max(1, this.options.WarmupWindows) * this.options.WindowSeconds;
        twin?.Begin(Fresh(), warmup);
        cluster = Fresh();
        encoder.Reset();
        step = 0;
        (reward, gain) = (default, 0);
        cluster.Advance(warmup);
        Observe(observation);

        ServingCluster Fresh() => new(costs.Scenario, costs, part, begin) { SavedQualityWindows = saved };
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<int> action, Span<float> observation)
    {
        if (cluster is null || step >= options.EpisodeWindows)
            throw new InvalidOperationException("The episode is over or has not begun; call Reset first.");
        cluster.Change(rules.Resolve(cluster.Settings, scenario.Knobs.Apply(cluster.Settings, action)));
        cluster.Advance(cluster.NowSeconds + options.WindowSeconds);
        step++;
        Observe(observation);
        reward = Reward.Of(window, scenario.Objective, requestsPerWindow, rewards);
        gain = reward.Total - (twin is null ? 0 : Reward.Of(twin.Serve(), scenario.Objective, requestsPerWindow, rewards).Total);
        return new StepResult((float)gain, false, step >= options.EpisodeWindows);
    }

    /// <inheritdoc/>
    public void WriteActionMask(Span<bool> mask) => this.mask.WriteTo(mask);

    /// <inheritdoc/>
    public void WriteHold(Span<int> action) => KnobSpace.ActionTowards(Settings, Settings, action);

    /// <inheritdoc/>
    public void WriteInfo(Span<double> info)
    {
        info[0] = window.Attainment;
        info[1] = window.TtftP90;
        info[2] = window.TpotP90;
        info[3] = window.Waiting;
        info[4] = window.KvUse;
        info[5] = window.QualityLoss;
        info[6] = window.PowerWatts;
        info[7] = cluster?.Switches ?? 0;
        info[8] = reward.Service;
        info[9] = reward.Waiting;
        info[10] = reward.Quality;
        info[11] = reward.Switching;
        info[12] = reward.Latency;
        info[13] = gain;
    }

    private void Observe(Span<float> observation)
    {
        window = cluster!.TakeWindow();
        encoder.Encode(window, cluster.Settings, observation);
        mask = rules.Mask(cluster.Settings, window, cluster.SecondsSinceLayoutChange);
    }

    private static EpisodeTraffic[] Alike(IReadOnlyList<TrafficTrace> traces, ServingEnvironmentOptions options)
        => [.. traces.Select(trace => new EpisodeTraffic(trace, 1, options.MinRateScale, options.MaxRateScale))];

    private KnobSettings StartSettings()
    {
        if (random.NextDouble() < options.RandomStartShare)
            return RandomSettings();
        return options.StartSettings.Count > 0 ? options.StartSettings[random.NextInt(options.StartSettings.Count)] : scenario.DefaultSettings;
    }

    private KnobSettings RandomSettings()
    {
        const int Tries = 32;
        for (int i = 0; i < Tries; i++)
        {
            var settings = new KnobSettings(
                (ParallelismMode)random.NextInt(4),
                (PrecisionMode)random.NextInt(2),
                random.NextInt(scenario.Knobs.BatchLadder.Count),
                0,
                random.NextInt(4) == 0,
                scenario.Drafts.Count > 0 && random.NextInt(2) == 0,
                scenario.Drafts.Count > 0 ? random.NextInt(scenario.Drafts.Count) : 0,
                random.NextInt(2) == 0);
            if (scenario.Fits(settings))
                return settings;
        }

        return scenario.DefaultSettings;
    }
}
