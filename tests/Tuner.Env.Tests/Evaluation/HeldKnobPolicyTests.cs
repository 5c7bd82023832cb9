using Tuner.Env.Baselines;
using Tuner.Env.Baselines.LookAhead;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation;

public sealed class HeldKnobPolicyTests
{
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Calm = B200.DefaultSettings with { Parallelism = ParallelismMode.Single, MaxBatchLevel = 2, Speculation = true };
    private static readonly KnobSettings Lossy = Calm with { Precision = PrecisionMode.Fp8Fp4, Speculation = false };
    private static readonly TrafficTrace Traffic = TrafficTrace.Load(TrafficPresets.Open("conversation", 1, 60, 20));

    [Test]
    public void Run_KnobThePolicyTurns_StaysAndTheOthersTurn()
    {
        RunResult free = Run(AlwaysBusy());
        RunResult held = Run(new HeldKnobPolicy(AlwaysBusy(), Knob.Precision, (int)PrecisionMode.Fp8));
        Assert.That(free.Settings, Has.Some.EqualTo(Lossy));
        Assert.That(held.Settings.Select(each => each.Precision), Is.All.EqualTo(PrecisionMode.Fp8));
        Assert.That(held.Settings, Has.Some.EqualTo(Lossy with { Precision = PrecisionMode.Fp8 }));
        Assert.That(held.Policy, Is.EqualTo("reactive without Precision"));
    }

    [Test]
    public void Run_KnobThePolicyLeavesAlone_ChangesNothing()
        => Assert.That(Run(new HeldKnobPolicy(AlwaysBusy(), Knob.KvPrefetch, Calm[Knob.KvPrefetch])).Outcomes, Is.EqualTo(Run(AlwaysBusy()).Outcomes));

    [Test]
    public void Run_PolicyThatSeesTheCluster_SeesItStill()
    {
        var options = new LookAheadOptions { Candidates = [Calm, Lossy], Horizon = 2, QualityPrice = _ => 0 };
        RunResult held = Run(new HeldKnobPolicy(new LookAheadPolicy(options), Knob.Precision, (int)PrecisionMode.Fp8));
        Assert.That(held.Settings.Select(each => each.Precision), Is.All.EqualTo(PrecisionMode.Fp8));
    }

    /// <summary>Busy from the first request on.</summary>
    private static ReactivePolicy AlwaysBusy() => new(Calm, Lossy, 1);

    private static RunResult Run(ITuningPolicy policy) => PolicyRunner.Run(Lab.Costs(B200), Traffic, policy, Calm);
}
