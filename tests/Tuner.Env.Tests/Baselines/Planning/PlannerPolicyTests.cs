using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;
using Tuner.Policy.Telemetry;

namespace Tuner.Env.Baselines.Planning;

public sealed class PlannerPolicyTests
{
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Slow = B200.DefaultSettings with { Parallelism = ParallelismMode.Tensor, MaxBatchLevel = 1 };
    private static readonly KnobSettings Roomy = B200.DefaultSettings with { Parallelism = ParallelismMode.Single, MaxBatchLevel = 2, Speculation = true };
    private static readonly LookAheadOptions Options = new() { Candidates = [Slow, Roomy], Horizon = 3, QualityPrice = _ => 1 };

    [Test]
    public void Decide_SteadyLoadBeyondTheSettingsInForce_FindsTheOnesThatCarryIt()
    {
        TrafficTrace traffic = Lab.Poisson(1, 40, 300, 1500, 200);
        RunResult run = PolicyRunner.Run(Lab.Costs(B200), traffic, new PlannerPolicy(Options), Slow);
        Assert.That(run.Settings.Skip(3).Take(20), Is.All.EqualTo(Roomy));
    }

    [Test]
    public void Decide_FutureThatDiffers_ChoosesTheSame()
    {
        // The same past, and after a minute and a half nothing in one and a flood in the other.
        TrafficTrace calm = Lab.Poisson(3, 15, 90, 1200, 150);
        InferenceRequest[] past = [.. calm.Requests()];
        TrafficTrace empty = TrafficTrace.Of("empty", past, 300);
        TrafficTrace flood = TrafficTrace.Of("flood", [.. past, .. Lab.Poisson(4, 80, 200, 4000, 300).Requests().Select(request => request with { ArrivalSeconds = request.ArrivalSeconds + 91 })], 300);
        Assert.That(FirstNine(flood), Is.EqualTo(FirstNine(empty)));

        static KnobSettings[] FirstNine(TrafficTrace traffic) => [.. PolicyRunner.Run(Lab.Costs(B200), traffic, new PlannerPolicy(Options), Slow).Settings.Take(9)];
    }

    [Test]
    public void Decide_NotShownTheCluster_SaysSo()
    {
        var planner = new PlannerPolicy(Options);
        planner.Reset();
        Assert.That(() => planner.Decide(new WindowMetrics(), Slow, KnobMask.None), Throws.InvalidOperationException.With.Message.Contains("shown the cluster"));
    }

    [Test]
    public void Suppose_OutputOfARequestThatStillRuns_IsNotTheTrueOne()
    {
        TrafficTrace traffic = TrafficTrace.Of("two", [new InferenceRequest(0, 100, 77, TrafficClass.Chat), new InferenceRequest(50, 100, 5000, TrafficClass.Chat), new InferenceRequest(200, 100, 9, TrafficClass.Chat)], 300);
        var log = new ArrivalLog(traffic);
        log.Happened(new RequestEvent(RequestEventKind.Completed, 0, 0, 20));
        InferenceRequest[] supposed = [.. log.Suppose(60, 60, 30, 0).Requests()];
        Assert.That(supposed.Select(request => request.OutputTokens), Is.EqualTo(new[] { 77, 77, 77 }), "the one that ended, the one that runs, and its like to come");
        Assert.That(supposed.Select(request => request.ArrivalSeconds), Is.EqualTo(new[] { 0.0, 50, 80 }));
    }
}
