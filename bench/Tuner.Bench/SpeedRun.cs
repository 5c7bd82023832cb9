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
    private const int WarmUp = 100;

    /// <param name="traffic">A trace file, or null for the synthetic conversation preset.</param>
    public static int Run(string? traffic)
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        var costs = new EngineCostCache(scenario);
        TrafficTrace five = TrafficTrace.Load(TrafficPresets.Open("conversation", seed: 1, 120_000, rate: 5));
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

        SayWindows(costs, five);

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

    /// <summary>One thread and two in turn, so that a machine which slows down slows both; the ratio is the median of the pairs'.</summary>
    private static void SayWindows(EngineCostCache costs, TrafficTrace trace)
    {
        const int Pairs = 31;
        const int Count = 8;
        const int Windows = 300; // 9,400 an environment: the traffic lasts for 12,000
        var options = new ServingEnvironmentOptions { EpisodeWindows = WarmUp + (Pairs * Windows), MinRateScale = 1, MaxRateScale = 1, RandomStartShare = 0 };
        int[] hold = new int[KnobSpace.HeadCount];
        KnobSpace.ActionTowards(costs.Scenario.DefaultSettings, costs.Scenario.DefaultSettings, hold);
        VectorEnvironment one = Environments(1);
        VectorEnvironment two = Environments(2);
        var single = new double[Pairs];
        var ratios = new double[Pairs];
        var both = new double[Pairs];
        for (int i = 0; i < Pairs; i++)
        {
            single[i] = Seconds(one) / (Count * Windows);
            both[i] = Seconds(two) / (Count * Windows);
            ratios[i] = single[i] / both[i];
        }

        Array.Sort(single);
        Array.Sort(both);
        Array.Sort(ratios);
        Say("environment steps a second, one core", 1 / single[Pairs / 2], "windows of 10 s, 5 requests a second, settings held, 8 environments");
        Say("the same, two threads", 1 / both[Pairs / 2], FormattableString.Invariant($"{ratios[Pairs / 2]:0.00} times one, median of {Pairs} pairs; quartiles {ratios[Pairs / 4]:0.00} and {ratios[3 * Pairs / 4]:0.00}"));

        VectorEnvironment Environments(int threads)
        {
            var vector = new VectorEnvironment([.. Enumerable.Range(0, Count).Select(_ => new ServingEnvironment(costs, [trace], options))], 1, threads);
            vector.Reset();
            vector.Each(i => Serve(vector, i, hold, WarmUp));
            return vector;
        }

        double Seconds(VectorEnvironment vector)
        {
            var watch = Stopwatch.StartNew();
            vector.Each(i => Serve(vector, i, hold, Windows));
            return watch.Elapsed.TotalSeconds;
        }
    }

    private static void Serve(VectorEnvironment vector, int index, int[] action, int windows)
    {
        for (int i = 0; i < windows; i++)
            vector.Step(index, action);
    }

    private static double Median(Action work)
    {
        double[] seconds = new double[Repetitions];
        for (int i = -1; i < Repetitions; i++)
        {
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
