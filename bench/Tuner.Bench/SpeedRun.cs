using System.Diagnostics;
using System.Globalization;
using Tuner.Env;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Bench;

/// <summary>How fast the simulator is, in seconds of wall clock: medians of several repetitions, 70B on eight H200.</summary>
internal static class SpeedRun
{
    private const int Repetitions = 9;
    private const int Steps = 1000;
    private const int Environments = 8;

    /// <param name="traffic">A trace file, or null for the synthetic conversation preset.</param>
    public static int Run(string? traffic)
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var costs = new EngineCostCache(scenario);
        TrafficTrace five = TrafficTrace.Load(TrafficPresets.Open("conversation", seed: 1, 12_000, rate: 5));
        TrafficTrace trace = traffic is null ? five.Slice(0, 2200) : TrafficTrace.Load(TrafficFiles.Open(traffic));
        KnobSettings settings = scenario.DefaultSettings;

        long engineSteps = 0;
        double whole = Median(() =>
        {
            var cluster = new ServingCluster(scenario, costs, trace, settings);
            cluster.Advance(trace.DurationSeconds + 600);
            engineSteps = cluster.EngineSteps;
        });
        Say("requests simulated a second, one core", trace.Count / whole, $"{trace.Count} requests of {trace.Name}");
        Say("engine steps represented a second, one core", engineSteps / whole, $"{engineSteps} steps");
        Say("hour of traffic with its report, seconds", Median(() => PolicyRunner.Run(costs, five.Slice(0, 3600), new FixedPolicy("fixed", settings), settings)), "5 requests a second, outcomes and windows");

        double one = Windows(costs, five, threads: 1);
        double two = Windows(costs, five, threads: 2);
        Say("environment steps a second, one core", 1 / one, "windows of 10 s, 5 requests a second, settings held");
        Say("the same, two threads", 1 / two, FormattableString.Invariant($"{one / two:0.00} times one"));

        TrafficTrace crowd = TrafficTrace.Of("crowd", [.. Enumerable.Range(0, 1024).Select(i => new InferenceRequest(i * 0.001, 500, 2000, TrafficClass.Chat))], 2);
        var original = new ServingCluster(scenario, costs, crowd, settings);
        var copy = new ServingCluster(scenario, costs, crowd, settings);
        original.Advance(15);
        double copying = Median(() =>
        {
            for (int i = 0; i < Steps; i++)
                copy.CopyFrom(original);
        });
        Say("copy of the whole state, microseconds", 1e6 * copying / Steps, $"{original.InFlight} requests in flight over {original.TakeWindow().Running} places");
        return 0;
    }

    private static double Windows(EngineCostCache costs, TrafficTrace trace, int threads)
    {
        var options = new ServingEnvironmentOptions { EpisodeWindows = Steps + 100, MinRateScale = 1, MaxRateScale = 1, RandomStartShare = 0 };
        var vector = new VectorEnvironment([.. Enumerable.Range(0, Environments).Select(_ => new ServingEnvironment(costs, [trace], options))], 1, threads);
        int[] actions = new int[Environments * KnobSpace.HeadCount];
        return Median(() =>
        {
            vector.Each(i =>
            {
                for (int step = 0; step < 100; step++)
                {
                    Span<int> hold = actions.AsSpan(i * KnobSpace.HeadCount, KnobSpace.HeadCount);
                    vector.Step(i, hold);
                }
            });
        }, vector.Reset) / (100 * Environments);
    }

    private static double Median(Action work, Action? before = null)
    {
        double[] seconds = new double[Repetitions];
        for (int i = -1; i < Repetitions; i++)
        {
            before?.Invoke();
            var watch = Stopwatch.StartNew();
            work();
            if (i >= 0)
                seconds[i] = watch.Elapsed.TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[Repetitions / 2];
    }

    private static void Say(string what, double value, string condition)
        => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-46} {value,16:#,0.###}   {condition}"));
}
