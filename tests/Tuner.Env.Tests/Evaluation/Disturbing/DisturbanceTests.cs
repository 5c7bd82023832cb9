using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Evaluation.Disturbing;

public sealed class DisturbanceTests
{
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Calm = B200.DefaultSettings with { Parallelism = ParallelismMode.Single, MaxBatchLevel = 2, Speculation = true };
    private static readonly TrafficTrace Traffic = Lab.Poisson(1, 25, 900, 1500, 200);

    [Test]
    public void All_None_IsTheUsualRun()
    {
        Disturbance none = Disturbance.All(1)[0];
        Assert.That(Run(none).Outcomes, Is.EqualTo(PolicyRunner.Run(Lab.Costs(B200), Traffic, new FixedPolicy("calm", Calm), Calm).Outcomes));
    }

    [TestCase("GPUs 20 % slower"), TestCase("drafts accepted 0.15 less")]
    public void All_WorseCluster_SlowsEveryToken(string name)
    {
        RunResult usual = Run(Disturbance.All(1)[0]);
        RunResult worse = Run(Disturbance.All(1).Single(each => each.Name == name));
        Assert.That(MeanTpot(worse), Is.GreaterThan(1.1 * MeanTpot(usual)));

        static double MeanTpot(RunResult run) => run.Outcomes.Where(outcome => outcome.OutputTokens > 1).Average(outcome => outcome.TpotSeconds);
    }

    [Test]
    public void Silence_NobodyArrivesForAFifthOfTheTime()
    {
        TrafficTrace silent = Disturbance.All(1)[^1].Traffic(Traffic);
        Assert.That(silent.Arrivals.ToArray().Where(at => at >= 360 && at < 540), Is.Empty);
        Assert.That(silent.Count, Is.EqualTo(0.8 * Traffic.Count).Within(0.05 * Traffic.Count));
    }

    [Test]
    public void Stale_PolicySeesWhatWasThreeWindowsAgo()
    {
        var seen = new List<WindowMetrics>();
        RunResult run = PolicyRunner.Run(Lab.Costs(B200), Traffic, new StaleTelemetryPolicy(new Watching(seen), 3), Calm);
        Assert.That(seen.Select(window => window.Arrived), Is.EqualTo(run.Windows.Take(run.Windows.Count - 3).Select(window => window.Arrived)));
    }

    [Test]
    public void Noisy_PolicySeesValuesAboutRightAndTheSameForASeed()
    {
        int[] Arrivals(ulong seed)
        {
            var seen = new List<WindowMetrics>();
            PolicyRunner.Run(Lab.Costs(B200), Traffic, new NoisyTelemetryPolicy(new Watching(seen), 0.2, seed), Calm);
            return [.. seen.Select(window => window.Arrived)];
        }

        int[] usual = [.. PolicyRunner.Run(Lab.Costs(B200), Traffic, new FixedPolicy("calm", Calm), Calm).Windows.Select(window => window.Arrived)];
        double[] errors = [.. Arrivals(1).Zip(usual).Where(pair => pair.Second > 0).Select(pair => Math.Log((double)pair.First / pair.Second))];
        Assert.That(Math.Sqrt(errors.Average(error => error * error)), Is.EqualTo(0.2).Within(0.05));
        Assert.That(Arrivals(1), Is.EqualTo(Arrivals(1)).And.Not.EqualTo(Arrivals(2)));
    }

    [Test]
    public void Scaled_DecodeInClosedForm_AgreesWithStepByStep()
    {
        IEngineCost own = new MeasuredCostModel(B200.Hardware).For(B200.EngineFor(B200.LayoutOf(Calm.Parallelism).Pools[0], Calm));
        IEngineCost scaled = new ScaledCostModel(new MeasuredCostModel(B200.Hardware), 1.25).For(own.Engine);
        var batch = new BatchShape(0, 0, 0, 0, 0, 16, 16 * 800);
        Assert.That(scaled.Step(batch).StageSeconds, Is.EqualTo(1.25 * own.Step(batch).StageSeconds).Within(1e-12));
        Assert.That(scaled.NextBend(batch), Is.EqualTo(own.NextBend(batch)));
        Assert.That(scaled.Explain(batch).Sum(term => term.Seconds), Is.EqualTo(scaled.Step(batch).StageSeconds).Within(1e-9));
    }

    private static RunResult Run(Disturbance disturbance)
        => PolicyRunner.Run(disturbance.Costs(Lab.Costs(B200)), disturbance.Traffic(Traffic), disturbance.Telemetry(new FixedPolicy("calm", Calm)), Calm);

    private sealed class Watching(List<WindowMetrics> seen) : ITuningPolicy
    {
        public string Name => "watching";

        public void Reset() => seen.Clear();

        public KnobSettings Decide(in WindowMetrics window, in KnobSettings current, in KnobMask mask)
        {
            seen.Add(window);
            return current;
        }
    }
}
