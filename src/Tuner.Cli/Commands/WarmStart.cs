using Tuner.Env;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Cli.Commands;

/// <summary>Where learning begins: the best fixed setting on the training traffic, and the loads around what it carries.</summary>
/// <param name="Settings">The best fixed setting within the quality budget.</param>
/// <param name="Environment">Episodes around it.</param>
internal sealed record WarmStart(KnobSettings Settings, ServingEnvironmentOptions Environment)
{
    private const double Preference = 2.5;
    private const double SearchSeconds = 900;
    private const double BeyondDefault = 1.25;

    /// <summary>Searches the training traffic alone.</summary>
    public static WarmStart Find(EngineCostCache costs, IReadOnlyList<TrafficTrace> traces, ulong seed, CancellationToken cancellation)
    {
        Scenario scenario = costs.Scenario;
        TrafficTrace[] parts = [.. traces.Select(trace => trace.Slice(0, Math.Min(trace.DurationSeconds, SearchSeconds)))];
        double byDefault = parts.Average(part => Math.Max(0.05, Sustained(scenario.DefaultSettings, part)));
        TrafficTrace[] loaded = [.. parts.Select(part => part.Scaled(BeyondDefault * byDefault, seed))];
        KnobSettings best = LiveProgress.Run("searching the fixed setting to start from", report => GridSearch.Run(costs, loaded, report, cancellation))[0].Settings;
        double sustained = Math.Max(byDefault, parts.Average(part => Math.Max(0.05, Sustained(best, part))));
        return new WarmStart(best, new ServingEnvironmentOptions { MinRateScale = 0.5 * sustained, MaxRateScale = 1.5 * sustained, StartSettings = best });

        double Sustained(KnobSettings settings, TrafficTrace part) => SustainedLoad.Find(costs, part, () => new FixedPolicy("fixed", settings), seed, cancellation: cancellation);
    }

    /// <summary>Logits that prefer these settings and staying on each ladder.</summary>
    public float[] Logits()
    {
        int[] action = new int[KnobSpace.HeadCount];
        KnobSpace.ActionTowards(Settings, Settings, action);
        float[] logits = new float[KnobSpace.LogitCount];
        int offset = 0;
        for (int head = 0; head < KnobSpace.HeadCount; head++)
        {
            logits[offset + action[head]] = (float)Preference;
            offset += KnobSpace.HeadSizes[head];
        }

        return logits;
    }
}
