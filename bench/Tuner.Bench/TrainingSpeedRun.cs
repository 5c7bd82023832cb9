using System.Diagnostics;
using System.Globalization;
using Tuner.Agent.Ppo;
using Tuner.Agent.Training;
using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Bench;

/// <summary>
/// Windows a second of training, collecting and updating: 70B on eight H200, the conversation preset at 5 requests a second, windows of
/// 10 s, episodes of 120, every epoch of every update done (no KL stop). The median of the updates after the first 20.
/// </summary>
internal static class TrainingSpeedRun
{
    private const int WarmUp = 20;
    private const float Preference = 5;

    public static int Run(long updates)
    {
        var costs = new EngineCostCache(ScenarioFile.Load("llama70b-8xh200"));
        TrafficTrace trace = TrafficTrace.Load(TrafficPresets.Open("conversation", seed: 1, 36_000, rate: 5));
        Console.WriteLine("windows trained on a second, updates included");
        foreach (bool holds in new[] { true, false })
        {
            foreach (int threads in new[] { 1, 2 })
                Measure(costs, trace, updates, threads, holds);
        }

        return 0;
    }

    private static void Measure(EngineCostCache costs, TrafficTrace trace, long updates, int threads, bool holds)
    {
        var environment = new ServingEnvironmentOptions { EpisodeWindows = 120, MinRateScale = 1, MaxRateScale = 1, RandomStartShare = 0 };
        var options = new PpoOptions { Threads = threads, TargetKl = null, LearningRate = 1e-5, InitialLogits = holds ? Hold(costs.Scenario.DefaultSettings) : null };
        using var trainer = new PpoTrainer(_ => new ServingEnvironment(costs, [trace], environment), options, seed: 1);
        long perUpdate = options.Environments * options.RolloutSteps;
        var watch = Stopwatch.StartNew();
        trainer.Run((WarmUp + updates) * perUpdate);
        double[] speeds = [.. trainer.History.Skip(WarmUp).Select(update => update.StepsPerSecond).Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{threads} threads, {(holds ? "mostly holding the default settings" : "every knob at random")}: median {speeds[speeds.Length / 2]:#,0}, tenth percentile {speeds[speeds.Length / 10]:#,0}, fastest {speeds[^1]:#,0} ({options.Environments} environments, rollouts of {options.RolloutSteps}, {options.Epochs} epochs, minibatches of {options.MinibatchSize}; {watch.Elapsed.TotalSeconds:F1} s in all)"));
    }

    private static float[] Hold(in KnobSettings settings)
    {
        var action = new int[KnobSpace.HeadCount];
        KnobSpace.ActionTowards(settings, settings, action);
        var logits = new float[KnobSpace.LogitCount];
        for (int head = 0, offset = 0; head < action.Length; offset += KnobSpace.HeadSizes[head], head++)
            logits[offset + action[head]] = Preference;
        return logits;
    }
}
