using Tuner.Env.Cluster;
using Tuner.Env.Traffic;
using Tuner.Policy;

namespace Tuner.Env.Evaluation.Disturbing;

/// <summary>One way in which service may differ from what a policy was trained for: in its telemetry, its cluster or its traffic.</summary>
/// <param name="Name">What it is, as reports say it.</param>
/// <param name="Costs">The cluster, made from the usual one.</param>
/// <param name="Traffic">The arrivals, made from the usual ones.</param>
/// <param name="Telemetry">What stands between the cluster and a policy.</param>
public sealed record Disturbance(
    string Name,
    Func<EngineCostCache, EngineCostCache> Costs,
    Func<TrafficTrace, TrafficTrace> Traffic,
    Func<ITuningPolicy, ITuningPolicy> Telemetry)
{
    private const int StaleWindows = 3;
    private const double NoiseSpread = 0.2;
    private const double SlowFactor = 1.25;
    private const double AcceptanceLost = 0.15;
    private const double SilentFrom = 0.4;
    private const double SilentShare = 0.2;

    /// <summary>Those every policy is put to.</summary>
    /// <param name="seed">Seed of noise and bursts.</param>
    public static IReadOnlyList<Disturbance> All(ulong seed)
        =>
        [
            new("none", Same, Same, Same),
            new("telemetry 30 s late", Same, Same, policy => new StaleTelemetryPolicy(policy, StaleWindows)),
            new("telemetry 20 % noise", Same, Same, policy => new NoisyTelemetryPolicy(policy, NoiseSpread, seed)),
            new("GPUs 20 % slower", Slower, Same, Same),
            new("drafts accepted 0.15 less", WorseDrafts, Same, Same),
            new("bursts × 3", Same, trace => TrafficBursts.Regular(trace, seed), Same),
            new("a fifth of the time silent", Same, Silence, Same),
        ];

    /// <summary>The traffic with a fifth of its time, near the middle, without a request.</summary>
    private static TrafficTrace Silence(TrafficTrace trace)
    {
        double from = SilentFrom * trace.DurationSeconds;
        double to = from + (SilentShare * trace.DurationSeconds);
        return TrafficTrace.Of(trace.Name, [.. trace.Requests().Where(request => request.ArrivalSeconds < from || request.ArrivalSeconds >= to)], trace.DurationSeconds);
    }

    private static EngineCostCache Slower(EngineCostCache costs) => costs.Slower(SlowFactor);

    private static EngineCostCache WorseDrafts(EngineCostCache costs) => costs.WithDraftAcceptance(-AcceptanceLost);

    private static T Same<T>(T usual) => usual;
}
