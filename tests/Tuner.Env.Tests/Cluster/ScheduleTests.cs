using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Measurement;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>How engines fill their steps, and what becomes of sequences that lose their place.</summary>
public sealed class ScheduleTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");

    [Test]
    public void PromptsFirst_AgainstChunked_QuickensFirstTokensAndStallsTheOthers()
    {
        TrafficTrace trace = Lab.Poisson(1, 8, 120, 4000, 200);
        RunResult chunked = Lab.Run(Small with { Schedule = EngineSchedule.Chunked }, trace, Small.DefaultSettings);
        RunResult first = Lab.Run(Small with { Schedule = EngineSchedule.PromptsFirst }, trace, Small.DefaultSettings);
        Assert.That(first.MeanTtft(), Is.LessThan(chunked.MeanTtft()));
        Assert.That(first.MeanTpot(), Is.GreaterThan(chunked.MeanTpot()));
    }

    [Test]
    public void ReservedOutput_InTightMemory_PreemptsNobody()
    {
        Scenario tight = Lab.Tight(Small, Small.DefaultSettings, 24_000, 0);
        TrafficTrace trace = Lab.Burst(100, 800, 800);
        Assert.That(Lab.Run(tight, trace, Small.DefaultSettings).Preemptions(), Is.Positive);
        RunResult reserved = Lab.Run(tight with { Schedule = EngineSchedule.Chunked with { ReservesOutput = true } }, trace, Small.DefaultSettings);
        Assert.That(reserved.Preemptions(), Is.Zero);
        Assert.That(reserved.Completed, Is.EqualTo(100));
    }

    [Test]
    public void Overlap_OfSteps_DelaysFirstTokensByPartOfAStep()
    {
        TrafficTrace trace = Lab.Poisson(2, 6, 120, 300, 200);
        double plain = Lab.Run(Small with { Schedule = EngineSchedule.Chunked }, trace, Small.DefaultSettings).MeanTtft();
        double overlapping = Lab.Run(Small with { Schedule = EngineSchedule.Chunked with { OverlapsSteps = true } }, trace, Small.DefaultSettings).MeanTtft();
        Assert.That(overlapping - plain, Is.InRange(0.002, 0.02));
    }

    [Test]
    public void Swap_InTightMemory_ComputesNothingAgainAndUsesTheLink()
    {
        Scenario tight = Lab.Tight(Small, Small.DefaultSettings, 24_000, 50e9) with { Schedule = EngineSchedule.Chunked };
        TrafficTrace trace = Lab.Burst(100, 800, 800);
        RunResult recomputed = Lab.Run(tight, trace, Small.DefaultSettings);
        RunResult swapped = Lab.Run(tight with { Preemption = PreemptionRule.Swap }, trace, Small.DefaultSettings);
        Assert.That(swapped.Preemptions(), Is.Positive);
        Assert.That(Prompts(swapped), Is.EqualTo(100 * 800).Within(1e-6).Percent);
        Assert.That(Prompts(recomputed), Is.GreaterThan(100 * 800));
        Assert.That(swapped.LinkSeconds(), Is.Positive);
        Assert.That(recomputed.LinkSeconds(), Is.Zero);

        static double Prompts(RunResult run) => run.Windows.Sum(window => window.PromptTokensPerSecond * window.Seconds);
    }

    [Test]
    public void Preempted_AloneInTheQueue_FindsMostOfItsBlocksAgain()
    {
        // One long answer throws the other out once; hardly anybody takes blocks before it comes back.
        Scenario tight = Lab.Tight(Small, Small.DefaultSettings, 9000, 0) with { Schedule = EngineSchedule.Chunked };
        TrafficTrace trace = TrafficTrace.Of("two", [new InferenceRequest(0, 4000, 1500, TrafficClass.Chat), new InferenceRequest(0.1, 4000, 3000, TrafficClass.Chat)], 1);
        RunResult run = Lab.Run(tight, trace, Small.DefaultSettings);
        double prompts = run.Windows.Sum(window => window.PromptTokensPerSecond * window.Seconds);
        Assert.That(run.Preemptions(), Is.Positive);
        Assert.That(prompts, Is.InRange(8001, 8000 + 2000), "of 4,500 tokens thrown out most are found again");
        Assert.That(run.Completed, Is.EqualTo(2));
    }

    [Test]
    public void Pipeline_OnePromptOfOneChunk_PassesEveryStageAndOfFourOverlaps()
    {
        Scenario scenario = ScenarioFile.Load("llama405b-8xh200");
        ReplicaSettings settings = new EngineCostCache(scenario).For(new PoolSpec(1, 2, 4), scenario.DefaultSettings);
        double one = PipelineRound.Seconds(settings.Cost, 2048, new BatchShape(2048, 1, 0.5 * 2048 * 2048, 0, 1, 0, 0), out _);
        double four = PipelineRound.Seconds(settings.Cost, 2048, new BatchShape(8192, 1, 0.5 * 8192 * 8192, 0, 1, 0, 0), out _);
        Assert.That(four, Is.InRange(1.0 * one, 1.4 * one), "chunks follow one another through the stages");
        double decode = PipelineRound.Seconds(settings.Cost, 2048, new BatchShape(0, 0, 0, 0, 0, 4, 4000), out _);
        double mixed = PipelineRound.Seconds(settings.Cost, 2048, new BatchShape(2048, 1, 0.5 * 2048 * 2048, 0, 1, 4, 4000), out _);
        Assert.That(mixed, Is.GreaterThan(3 * decode), "a chunk holds up the micro-batches behind it at every stage");
    }

    [Test]
    public void Router_PrefixAffinity_FindsMorePrefixesThanTheOthers()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        KnobSettings settings = scenario.DefaultSettings with { Parallelism = ParallelismMode.Single };
        TrafficTrace trace = Lab.Sessions(5, 600, 4, 40, 10, 10_000_000);
        double affinity = Hits(RouterKind.PrefixAffinity);
        Assert.That(affinity, Is.GreaterThan(1.2 * Hits(RouterKind.LeastLoad)));
        Assert.That(affinity, Is.GreaterThan(1.2 * Hits(RouterKind.RoundRobin)));

        double Hits(RouterKind router) => Lab.Run(scenario with { Router = router }, trace, settings).Windows.Average(window => window.PrefixHitRate);
    }

    [Test]
    public void Router_LeastLoad_BeatsRoundRobinOnUnevenRequests()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200");
        KnobSettings settings = scenario.DefaultSettings with { Parallelism = ParallelismMode.Single };
        TrafficTrace trace = Lab.Sessions(6, 1500, 9, 1, 1, 10_000_000);
        Assert.That(P99(RouterKind.LeastLoad), Is.LessThan(P99(RouterKind.RoundRobin)));

        double P99(RouterKind router)
        {
            double[] waits = [.. Lab.Run(scenario with { Router = router }, trace, settings).Outcomes.Where(each => each.Completed).Select(each => each.TtftSeconds).Order()];
            return waits[(int)(0.99 * waits.Length)];
        }
    }

    [Test]
    public void ExpertLayout_OfAMixture_Serves()
    {
        Scenario scenario = ScenarioFile.Load("llama70b-8xh200") with
        {
            Model = ProfileCatalog.Model("qwen3-235b-a22b"),
            Layouts = [null, new LayoutSpec([new PoolSpec(1, 8, 1)]), null, new LayoutSpec([new PoolSpec(1, 2, 1) { DataParallel = 4, ExpertParallel = 8 }])],
            Drafts = [],
            DefaultSettings = default(KnobSettings) with { Parallelism = ParallelismMode.Tensor, MaxBatchLevel = 6 },
        };
        scenario = scenario with { Knobs = new KnobSpace(scenario.Knobs.BatchLadder, scenario.Knobs.BatchWaitLadder, []) };
        TrafficTrace flood = Lab.Burst(800, 500, 150);
        KnobSettings spread = scenario.DefaultSettings with { Parallelism = ParallelismMode.Hybrid };
        RunResult split = Lab.Run(scenario, flood, scenario.DefaultSettings);
        RunResult experts = Lab.Run(scenario, flood, spread);
        Assert.That(split.Completed + experts.Completed, Is.EqualTo(1600));
        Assert.That(experts.LastEnd(), Is.Not.EqualTo(split.LastEnd()).Within(1).Percent, "the layouts differ in time");
    }

    [Test]
    public void Outcomes_OfTurnedAwayRequests_SayWhy()
    {
        Scenario tight = Lab.Tight(Small, Small.DefaultSettings, 12_000, 0) with { MaxSequenceTokens = 100_000 };
        TrafficTrace trace = TrafficTrace.Of("large", [new InferenceRequest(1, 20_000, 10, TrafficClass.LongContext), new InferenceRequest(2, 200_000, 10, TrafficClass.LongContext)], 3);
        RunResult run = Lab.Run(tight, trace, Small.DefaultSettings);
        Assert.That(run.Outcomes.Select(each => each.Ending), Is.EqualTo(new[] { RequestEnding.NoRoom, RequestEnding.TooLong }));
    }
}
