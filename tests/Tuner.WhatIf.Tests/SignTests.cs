using System.Diagnostics;
using System.Globalization;
using Tuner.Env.Cluster;
using Tuner.Env.Scenarios;
using Tuner.Policy.Knobs;

namespace Tuner.WhatIf.Tests;

internal sealed class SignTests
{
    private static readonly (string Scenario, string Preset, double[] Rates)[] Served =
    [
        ("llama70b-8xh200", "conversation", [10, 15, 20]),
        ("llama70b-8xh200", "reasoning", [1, 2, 3]),
        ("llama70b-8xb200", "conversation", [30, 50]),
        ("qwen32b-4xh100", "long-context", [1, 2]),
        ("llama8b-1xh100", "conversation", [5, 15]),
    ];

    [Test]
    public async Task Predict_AgainstALongerRunOnTheTrafficItself_MostlySaysWhichWayItGoes()
    {
        var cases = new List<TruthCase>();
        var watch = Stopwatch.StartNew();
        foreach ((string name, string preset, double[] rates) in Served)
        {
            Scenario scenario = ScenarioFile.Load(name);
            var costs = new EngineCostCache(scenario);
            var whatIf = new SimulatorWhatIf(scenario);
            KnobSettings current = scenario.DefaultSettings;
            foreach (double rate in rates)
                cases.AddRange(await Truth.CompareAsync(costs, whatIf, preset, rate, current, Neighbours(scenario, current)));
        }

        foreach (TruthCase each in cases.Where(each => each.AttainmentAgrees == false))
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{each.Name}: attainment {each.Held.Attainment:0.000} to {each.Changed.Attainment:0.000}, predicted {each.Predicted.Attainment.Held:0.000} to {each.Predicted.Attainment.Changed:0.000}"));
        TestContext.Out.WriteLine($"{cases.Count} cases in {watch.Elapsed.TotalSeconds:0} s; mean error of the predicted change of attainment {cases.Average(each => Math.Abs(each.Predicted.Attainment.Difference - (each.Changed.Attainment - each.Held.Attainment))):0.000}");
        Assert.Multiple(() =>
        {
            Check("attainment", cases.Select(each => each.AttainmentAgrees), 0.85);
            Check("ttft", cases.Select(each => each.TtftAgrees), 0.85);
            Check("tpot", cases.Select(each => each.TpotAgrees), 0.85);
            Check("energy", cases.Select(each => each.EnergyAgrees), 0.85);
            Check("quality", cases.Select(each => each.QualityAgrees), 1);
        });
    }

    private static void Check(string metric, IEnumerable<bool?> agreements, double least)
    {
        bool[] moved = [.. agreements.OfType<bool>()];
        int agree = moved.Count(each => each);
        TestContext.Out.WriteLine($"{metric}: {agree} of {moved.Length} signs agree");
        Assert.That(moved, Has.Length.GreaterThanOrEqualTo(10), metric);
        Assert.That(agree, Is.GreaterThanOrEqualTo(least * moved.Length), metric);
    }

    private static IEnumerable<(string Name, KnobSettings Settings)> Neighbours(Scenario scenario, KnobSettings current)
    {
        (string, KnobSettings)[] all =
        [
            .. Enum.GetValues<ParallelismMode>().Select(mode => (mode.ToString(), current with { Parallelism = mode })),
            ("fp4", current with { Precision = PrecisionMode.Fp8Fp4 }),
            ("kv8", current with { KvCompression = true }),
            ("speculation", current with { Speculation = true }),
            ("smaller batch", current with { MaxBatchLevel = Math.Max(0, current.MaxBatchLevel - 2) }),
            ("larger batch", current with { MaxBatchLevel = scenario.Knobs.BatchLadder.Count - 1 }),
        ];
        return all.Where(each => each.Item2 != current && scenario.Fits(each.Item2)).Distinct();
    }
}
