using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Measurement;

/// <summary>What observers add up agrees with what the cluster itself counts.</summary>
public sealed class WatchedRunTests
{
    private static readonly Scenario Scenario = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Start = Scenario.DefaultSettings;
    private static readonly TrafficTrace Trace = Lab.Poisson(5, 20, 60, 900, 150);

    private static readonly KnobSchedule Schedule = new(Start, [new(20, Start with { Parallelism = ParallelismMode.Single }), new(40, Start)]);

    [Test]
    public void Timeline_OfARun_AddsUpToItsWindows()
    {
        var timeline = new RunTimeline(10);

        // A layout of eight single GPUs and one of four pairs: every replica's time counts with its GPUs.
        RunResult run = ScheduledRun.Run(Lab.Costs(Scenario), Trace, KnobSchedule.Fixed(Start), timeline);

        double busy = run.Windows.Sum(window => window.BusyShare * window.Seconds * Scenario.Gpus);
        Assert.That(timeline.Bins.Sum(bin => bin.PromptGpuSeconds + bin.DecodeGpuSeconds), Is.EqualTo(busy).Within(1).Percent);
        Assert.That(timeline.Bins.Select(bin => bin.PromptGpuSeconds + bin.DecodeGpuSeconds + bin.PausedGpuSeconds), Has.All.LessThan(10.001 * Scenario.Gpus));
        Assert.That(timeline.Bins.Max(bin => bin.KvPeak), Is.GreaterThanOrEqualTo(run.Windows.Max(window => window.KvUse)));
    }

    [Test]
    public void Timeline_OfARunWithSwitches_CountsPausesAndAllOfRequestsTime()
    {
        var timeline = new RunTimeline(10);
        RunResult run = ScheduledRun.Run(Lab.Costs(Scenario), Trace, Schedule, timeline);

        Assert.That(timeline.Bins.Sum(bin => bin.PausedGpuSeconds), Is.EqualTo(2 * Scenario.Switching.LayoutSeconds * Scenario.Gpus).Within(10).Percent);

        // Little's law without the long run: what requests spent in queues and batches is what their latencies add up to.
        double inside = timeline.Bins.Sum(bin => bin.WaitingSeconds + bin.RunningSeconds);
        Assert.That(inside, Is.EqualTo(run.Outcomes.Sum(outcome => outcome.LatencySeconds)).Within(1).Percent);
    }

    [Test]
    public void Log_OfARun_HasEveryRequestsWaitWithinItsLatency()
    {
        var log = new RequestLog(Trace.Count);
        var timeline = new RunTimeline(10);
        RunResult run = ScheduledRun.Run(Lab.Costs(Scenario), Trace, Schedule, new ObserverGroup(log, timeline));

        Assert.That(run.Outcomes.Select(outcome => log[outcome.Request].Ending), Is.All.EqualTo(RequestEventKind.Completed));
        Assert.That(run.Outcomes.Where(outcome => log[outcome.Request].QueuedSeconds > outcome.LatencySeconds + 0.1), Is.Empty);
        Assert.That(run.Outcomes.Sum(outcome => log[outcome.Request].QueuedSeconds), Is.EqualTo(timeline.Bins.Sum(bin => bin.WaitingSeconds)).Within(1e-6));
        Assert.That(run.Outcomes.Select(outcome => log[outcome.Request].Replica!.Value.ShortName).Distinct(), Is.SupersetOf(new[] { "single/0", "tensor/3" }));
    }

    [Test]
    public void Log_UnderMemoryPressure_CountsPreemptionsAsWindowsDo()
    {
        Scenario tight = Lab.Tight(Scenario, Start, 10_000, 0);
        TrafficTrace burst = Lab.Burst(200, 500, 300);
        var log = new RequestLog(burst.Count);
        RunResult run = ScheduledRun.Run(Lab.Costs(tight), burst, KnobSchedule.Fixed(Start), log);

        Assert.That(log.Preemptions, Is.Positive.And.EqualTo(run.Preemptions()));
        Assert.That(Enumerable.Range(0, burst.Count).Sum(request => log[request].Preemptions), Is.EqualTo(log.Preemptions));
    }

    [Test]
    public void Run_WithoutChanges_IsTheRunnersFixedRun()
    {
        RunResult scheduled = ScheduledRun.Run(Lab.Costs(Scenario), Trace, KnobSchedule.Fixed(Start));
        RunResult plain = PolicyRunner.Run(Lab.Costs(Scenario), Trace, new FixedPolicy("fixed", Start), Start);

        Assert.That(scheduled.Outcomes, Is.EqualTo(plain.Outcomes));
        Assert.That(scheduled.Windows, Is.EqualTo(plain.Windows));
        Assert.That(scheduled.EngineSteps, Is.Positive);
    }

    [Test]
    public void Run_ChangeInsideAWindow_AppliesAtItsSecond()
    {
        RunResult run = ScheduledRun.Run(Lab.Costs(Scenario), TrafficTrace.Of("nothing", [new InferenceRequest(0, 10, 2, TrafficClass.Chat), new InferenceRequest(29, 10, 2, TrafficClass.Chat)], 30), new KnobSchedule(Start, [new(13.5, Start with { MaxBatchLevel = 0 })]));

        Assert.That(run.Windows[1].SecondsSinceSwitch, Is.EqualTo(6.5).Within(1e-9));
        Assert.That(run.Settings.Take(3).Select(settings => settings.MaxBatchLevel), Is.EqualTo(new[] { Start.MaxBatchLevel, 0, 0 }));
        Assert.That(run.Switches, Is.EqualTo(1));
    }
}
