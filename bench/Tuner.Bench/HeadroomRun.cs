using System.Diagnostics;
using Tuner.Env.Baselines;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;

namespace Tuner.Bench;

internal static class HeadroomRun
{
    public static int Run(string scenarioName, string traffic, ulong seed, double seconds)
    {
        Scenario scenario = ScenarioFile.Load(scenarioName);
        var costs = new EngineCostCache(scenario);
        TrafficTrace trace = TrafficTrace.Load(TrafficCatalog.Open(traffic, seed), seconds);
        var watch = Stopwatch.StartNew();
        foreach (var row in SustainedSearch.Run(costs, trace, SustainedSearch.WithinBudget(scenario), 1))
            Console.WriteLine($"{row.Load:0.000} {KnobText.Write(scenario.Knobs, row.Settings)}");
        Console.WriteLine($"{trace.Count} requests {watch.Elapsed.TotalSeconds:0.0} s");
        Scenario free = scenario with { Quality = scenario.Quality with { Budget = 10 } };
        var freeCosts = new EngineCostCache(free);
        foreach (var row in SustainedSearch.Run(freeCosts, trace, SustainedSearch.WithinBudget(free), 1).Take(3))
            Console.WriteLine($"free {row.Load:0.000} {KnobText.Write(scenario.Knobs, row.Settings)}");
        Console.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s");
        return 0;
    }
}
