using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.LookAhead;

public sealed class LookAheadPolicyTests
{
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Calm = B200.DefaultSettings with { Parallelism = ParallelismMode.Single, MaxBatchLevel = 2, Speculation = true };
    private static readonly KnobSettings Lossy = Calm with { Precision = PrecisionMode.Fp8Fp4 };

    [Test]
    public void Decide_QualityAsGoodAsFree_SpendsItInAFloodAndKeepsMore()
    {
        TrafficTrace flood = TrafficTrace.Load(TrafficPresets.Open("conversation", 1, 150, 70));
        RunResult held = PolicyRunner.Run(Lab.Costs(B200), flood, new Tuner.Policy.FixedPolicy("held", Calm), Calm);

        RunResult looking = PolicyRunner.Run(Lab.Costs(B200), flood, new LookAheadPolicy(Options(price: 0)), Calm);

        Assert.That(looking.Settings, Has.Some.EqualTo(Lossy));
        Assert.That(looking.Attainment, Is.GreaterThan(held.Attainment + 0.02));
    }

    [Test]
    public void Decide_QualityTooDear_HoldsStill()
    {
        RunResult looking = PolicyRunner.Run(Lab.Costs(B200), TrafficTrace.Load(TrafficPresets.Open("conversation", 1, 60, 70)), new LookAheadPolicy(Options(price: 100)), Calm);

        Assert.That(looking.Settings, Is.All.EqualTo(Calm));
    }

    [Test]
    public void Decide_NotShownTheCluster_SaysSo()
        => Assert.That(() => new LookAheadPolicy(Options(0)).Decide(default, Calm, KnobMask.AllowAll), Throws.InvalidOperationException.With.Message.Contains("shown the cluster"));

    private static LookAheadOptions Options(double price) => new() { Candidates = [Calm, Lossy], Horizon = 3, QualityPrice = _ => price };
}
