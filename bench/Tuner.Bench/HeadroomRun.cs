using System.Diagnostics;
using Tuner.Env.Baselines;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Rewards;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Bench;

internal static class HeadroomRun
{
    public static int Run(string scenarioName, string traffic, ulong seed, double seconds)
    {
        Scenario scenario = ScenarioFile.Load(scenarioName);
        var costs = new EngineCostCache(scenario);
        TrafficTrace trace = TrafficTrace.Load(TrafficCatalog.Open(traffic, seed), seconds);
        var watch = Stopwatch.StartNew();
        var found = SustainedSearch.Run(costs, trace, SustainedSearch.WithinBudget(scenario), 1);
        KnobSettings best = found[0].Settings;
        double load = found[0].Load;
        Console.WriteLine($"static-best {load:0.000} {KnobText.Write(scenario.Knobs, best)} {trace.Count} requests, {watch.Elapsed.TotalSeconds:0.0} s");
        KnobSettings[] candidates = [.. new[] { best, best with { Precision = PrecisionMode.Fp8Fp4 }, best with { KvCompression = true }, best with { Precision = PrecisionMode.Fp8Fp4, KvCompression = true },
            best with { Precision = PrecisionMode.Fp8Fp4, MaxBatchLevel = Math.Min(7, best.MaxBatchLevel + 2) }, best with { Parallelism = ParallelismMode.Hybrid }, best with { Parallelism = ParallelismMode.Hybrid, Precision = PrecisionMode.Fp8Fp4 }, best with {Parallelism = ParallelismMode.Tensor } }.Where(s => scenario.Fits(s))];
        foreach ((double scarce, double plenty, double windows, int horizon) in new[] { (0.8, 0.1, 60.0, 6), (0.3, 0.15, 100.0, 6), (1.5, 0.05, 30.0, 6), (0.4, 0.03, 20, 6) })
        {
            var options = new LookAheadOptions { Candidates = candidates, Horizon = horizon, QualityPrice = new RewardOptions { ScarceQualityPrice = scarce, PlentyQualityPrice = plenty, PlentyWindows = windows }.QualityPrice };
            watch.Restart();
            double carried = SustainedLoad.Find(costs, trace, () => new LookAheadPolicy(options), 1, best, load * 1.2);
            RunResult run = PolicyRunner.Run(costs, trace.Scaled(carried, 1), new LookAheadPolicy(options), best);
            Console.WriteLine($"look-ahead {carried / load:0.000} price {scarce} {plenty} {windows} horizon {horizon}: attainment {run.Attainment:0.000} loss {run.QualityLoss:0.000} switches {run.Switches}, {watch.Elapsed.TotalSeconds:0.0} s; windows by setting {string.Join(' ', run.Settings.GroupBy(s => s).OrderByDescending(g => g.Count()).Take(6).Select(g => $"{Array.IndexOf(candidates, g.Key)}:{g.Count()}"))}");
        }

        return 0;
    }
}
