using Tuner.Env.Cluster;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Baselines.Foresight;

public sealed class OracleTests
{
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");
    private static readonly KnobSettings Calm = B200.DefaultSettings with { Parallelism = ParallelismMode.Single, MaxBatchLevel = 2, Speculation = true };
    private static readonly KnobSettings Lossy = Calm with { Precision = PrecisionMode.Fp8Fp4 };
    private static readonly EngineCostCache Costs = Lab.Costs(B200);

    /// <summary>Ten minutes; in the middle two the load is twice what it is before and after.</summary>
    private static readonly TrafficTrace Peak = TrafficTrace.Of("peak", [.. Merge(Lab.Poisson(1, 30, 600, 1500, 200), Lab.Poisson(2, 30, 120, 1500, 200), 240)], 600);

    [Test]
    public void Carries_DayWithAPeak_MoreThanEitherSettingAllDayWithinTheBudget()
    {
        double best = Load(Calm);
        var oracle = new Oracle(Costs, new OracleOptions { Candidates = [Calm, Lossy] });
        Assert.That(SustainedLoad.Find(oracle, Peak, 1, best, 0.02), Is.GreaterThan(1.02 * best));
        Assert.That(oracle.Run(Peak.Scaled(1.03 * best, 1)).QualityLoss, Is.InRange(1e-6, B200.Quality.Budget + 1e-9), "it spends, and not too much");
    }

    [Test]
    public void Run_OneCandidate_IsThatSetting()
    {
        RunResult run = new Oracle(Costs, new OracleOptions { Candidates = [Calm] }).Run(Peak);
        Assert.That(run.Outcomes, Is.EqualTo(PolicyRunner.Run(Costs, Peak, new FixedPolicy("calm", Calm), Calm).Outcomes));
        Assert.That(run.Policy, Is.EqualTo("oracle"));
    }

    [Test]
    public void Screen_SettingThatIsAlwaysWorse_IsLeftOut()
    {
        KnobSettings bad = Calm with { Parallelism = ParallelismMode.Tensor, MaxBatchLevel = 0, Speculation = false };
        IReadOnlyList<KnobSettings> kept = new Oracle(Costs, new OracleOptions { Candidates = [Calm, Lossy, bad] }).Screen(Peak.Scaled(Load(Calm), 1), 3);
        Assert.That(kept, Does.Contain(Calm).And.Not.Contain(bad));
    }

    [Test]
    public void Run_Twice_IsTheSameRun()
    {
        RunResult Once() => new Oracle(Costs, new OracleOptions { Candidates = [Calm, Lossy] }).Run(Peak.Scaled(1.2, 1));
        Assert.That(Once().Outcomes, Is.EqualTo(Once().Outcomes));
    }

    private static double Load(KnobSettings settings) => SustainedLoad.Find(Costs, Peak, () => new FixedPolicy("fixed", settings), 1, settings, resolution: 0.02);

    private static IOrderedEnumerable<InferenceRequest> Merge(TrafficTrace all, TrafficTrace more, double from)
        => all.Requests().Concat(more.Requests().Select(request => request with { ArrivalSeconds = request.ArrivalSeconds + from })).OrderBy(request => request.ArrivalSeconds);
}
