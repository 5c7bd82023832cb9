using Tuner.Env.Costs;
using Tuner.Env.Evaluation;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Cluster;

/// <summary>Each action helps in one regime and does nothing, or harm, in another: otherwise there is nothing to learn.</summary>
public sealed class KnobEffectTests
{
    private static readonly Scenario Small = ScenarioFile.Load("llama8b-1xh100");
    private static readonly Scenario H200 = ScenarioFile.Load("llama70b-8xh200");
    private static readonly Scenario B200 = ScenarioFile.Load("llama70b-8xb200");

    [Test]
    public void Parallelism_Tensor_QuickensTokensAtLowLoadAndCarriesLess()
    {
        KnobSettings single = H200.DefaultSettings with { Parallelism = ParallelismMode.Single };
        KnobSettings tensor = H200.DefaultSettings with { Parallelism = ParallelismMode.Tensor };
        TrafficTrace calm = Lab.Poisson(1, 1, 60, 1000, 200);
        TrafficTrace flood = Lab.Burst(3000, 1000, 200);
        Less(Lab.Run(H200, calm, tensor).MeanTpot(), 0.8 * Lab.Run(H200, calm, single).MeanTpot(), "TPOT at low load");
        Less(Lab.Run(H200, flood, single).LastEnd(), Lab.Run(H200, flood, tensor).LastEnd(), "time to serve a flood");
    }

    [Test]
    public void Precision_FourBits_QuickensB200AndSlowsPrefillOfH200()
    {
        TrafficTrace prompts = Lab.Poisson(1, 1, 60, 8000, 4);
        TrafficTrace chat = Lab.Poisson(2, 1, 60, 500, 200);
        Less(Lab.Run(B200, prompts, Four(B200)).MeanTtft(), 0.98 * Lab.Run(B200, prompts, B200.DefaultSettings).MeanTtft(), "TTFT on B200");
        Less(Lab.Run(B200, chat, Four(B200)).MeanTpot(), 0.98 * Lab.Run(B200, chat, B200.DefaultSettings).MeanTpot(), "TPOT on B200");
        Less(1.02 * Lab.Run(H200, prompts, H200.DefaultSettings).MeanTtft(), Lab.Run(H200, prompts, Four(H200)).MeanTtft(), "TTFT on H200");

        static KnobSettings Four(Scenario scenario) => scenario.DefaultSettings with { Precision = PrecisionMode.Fp8Fp4 };
    }

    [Test]
    public void MaxBatch_Larger_CarriesMoreWithSlowerTokensAndDoesNothingAtLowLoad()
    {
        KnobSettings narrow = Small.DefaultSettings with { MaxBatchLevel = 2 };
        KnobSettings wide = Small.DefaultSettings with { MaxBatchLevel = 6 };
        TrafficTrace flood = Lab.Burst(600, 400, 250);
        (RunResult few, RunResult many) = (Lab.Run(Small, flood, narrow), Lab.Run(Small, flood, wide));
        Less(many.LastEnd(), 0.8 * few.LastEnd(), "time to serve a flood");
        Less(1.2 * few.MeanTpot(), many.MeanTpot(), "TPOT in a flood");

        TrafficTrace calm = Lab.Poisson(1, 1, 60, 200, 100);
        (few, many) = (Lab.Run(Small, calm, narrow), Lab.Run(Small, calm, wide));
        Assert.That(many.MeanTpot(), Is.EqualTo(few.MeanTpot()).Within(1).Percent);
        Assert.That(many.MeanTtft(), Is.EqualTo(few.MeanTtft()).Within(1).Percent);
    }

    [Test]
    public void BatchWait_Longer_GathersPromptsForTtftAndDoesNothingInAFlood()
    {
        KnobSettings eager = Small.DefaultSettings;
        KnobSettings patient = eager with { BatchWaitLevel = 3 };
        TrafficTrace busy = Lab.Poisson(1, 40, 30, 150, 4);
        (int eagerSteps, RunResult eagerRun) = PromptSteps(busy, eager);
        (int patientSteps, RunResult patientRun) = PromptSteps(busy, patient);
        Less(patientSteps, 0.8 * eagerSteps, "steps with prompts in them");
        Less(eagerRun.MeanTtft(), patientRun.MeanTtft(), "TTFT");

        TrafficTrace alone = Lab.Burst(1, 150, 4);
        double wait = Small.Knobs.BatchWaitLadder[3];
        Assert.That(PromptSteps(alone, patient).Run.MeanTtft() - PromptSteps(alone, eager).Run.MeanTtft(), Is.EqualTo(wait).Within(1e-6));
        TrafficTrace flood = Lab.Burst(2000, 400, 50);
        Assert.That(PromptSteps(flood, patient).Run.LastEnd(), Is.EqualTo(PromptSteps(flood, eager).Run.LastEnd()).Within(1).Percent);
    }

    [Test]
    public void KvCompression_On_MakesRoomForLongContextAndDoesLittleForShort()
    {
        KnobSettings wide = Small.DefaultSettings;
        KnobSettings compressed = wide with { KvCompression = true };
        Scenario tight = Lab.Tight(Small, wide, 24_000, 0);
        TrafficTrace full = Lab.Burst(20, 1500, 500);
        (RunResult without, RunResult with) = (Lab.Run(tight, full, wide), Lab.Run(tight, full, compressed));
        Assert.That(without.Preemptions(), Is.Positive);
        Assert.That(with.Preemptions(), Is.Zero);
        Less(with.MeanTtft(), 0.9 * without.MeanTtft(), "TTFT with long context");

        TrafficTrace calm = Lab.Poisson(1, 1, 60, 200, 100);
        (without, with) = (Lab.Run(tight, calm, wide), Lab.Run(tight, calm, compressed));
        Assert.That(with.MeanTtft(), Is.EqualTo(without.MeanTtft()).Within(8).Percent);
        Assert.That(with.MeanTpot(), Is.EqualTo(without.MeanTpot()).Within(8).Percent);
        Assert.That(with.QualityLoss, Is.EqualTo(Small.Quality.KvCompressionLoss).Within(1e-9));
    }

    [Test]
    public void Speculation_On_QuickensTokensAtLowLoadAndCarriesLess()
    {
        KnobSettings plain = Small.DefaultSettings with { Speculation = false };
        KnobSettings guessing = Small.DefaultSettings with { Speculation = true, DraftLevel = 0 };
        TrafficTrace calm = Lab.Poisson(1, 0.5, 60, 400, 200);
        TrafficTrace flood = Lab.Burst(800, 400, 200);

        // Measured on a 32B target (1.92 with three drafted tokens); what speculation adds to a step takes most of it back on a quick 8B one.
        Scenario middling = ScenarioFile.Load("qwen32b-4xh100");
        double without = Lab.Run(middling, calm, middling.DefaultSettings with { Speculation = false }).MeanTpot();
        Less(Lab.Run(middling, calm, middling.DefaultSettings with { Speculation = true, DraftLevel = 0 }).MeanTpot(), 0.9 * without, "TPOT at low load");
        Less(1.05 * Lab.Run(Small, flood, plain).LastEnd(), Lab.Run(Small, flood, guessing).LastEnd(), "time to serve a flood");
    }

    [Test]
    public void Draft_Larger_IsAcceptedMoreAndCostsMore()
    {
        KnobSettings smaller = Small.DefaultSettings with { Speculation = true, DraftLevel = 0 };
        KnobSettings larger = smaller with { DraftLevel = 1 };
        TrafficTrace calm = Lab.Poisson(1, 0.5, 60, 400, 200);
        (RunResult little, RunResult large) = (Lab.Run(Small, calm, smaller), Lab.Run(Small, calm, larger));
        Less(1.05 * Acceptance(little), Acceptance(large), "acceptance");
        TrafficTrace flood = Lab.Burst(800, 400, 200);
        Less(Lab.Run(Small, flood, smaller).LastEnd(), Lab.Run(Small, flood, larger).LastEnd(), "time to serve a flood");

        static double Acceptance(RunResult run) => run.Windows.Where(window => window.DraftAcceptance > 0).Average(window => window.DraftAcceptance);
    }

    [Test]
    public void Draft_Larger_SlowsASmallTargetAndHardlyALargeOne()
    {
        double small = LargerToSmaller(Small);
        double middling = LargerToSmaller(H200);
        double large = LargerToSmaller(ScenarioFile.Load("llama405b-8xh200"));
        Less(1.2, small, "8B target");
        Less(1.1, middling, "70B target");
        Less(large, 1.05, "405B target");

        static double LargerToSmaller(Scenario scenario)
        {
            KnobSettings smaller = scenario.DefaultSettings with { Speculation = true, DraftLevel = 0 };
            TrafficTrace calm = Lab.Poisson(1, 0.5, 60, 400, 200);
            return Lab.Run(scenario, calm, smaller with { DraftLevel = 1 }).MeanTpot() / Lab.Run(scenario, calm, smaller).MeanTpot();
        }
    }

    [Test]
    public void KvPrefetch_ReusedPrefixesEvictedToHost_ShortensTtft()
    {
        (Scenario tight, KnobSettings off, KnobSettings on) = PrefetchSettings();
        var requests = new List<InferenceRequest>();
        for (int round = 0; round < 12; round++)
        {
            for (int session = 0; session < 3; session++)
                requests.Add(Lab.Turn((10 * round) + (0.5 * session), session, 8, 100, 20));
            AddFillers(requests, (10 * round) + 3, 1000 + (12 * round));
        }

        TrafficTrace trace = TrafficTrace.Of("returning", requests, 120);
        (RunResult without, RunResult with) = (Lab.Run(tight, trace, off), Lab.Run(tight, trace, on));
        Less(Returning(with), Returning(without) - 0.005, "TTFT of returning sessions");
        Assert.That(with.Windows.Max(window => window.PrefetchUseful), Is.GreaterThan(0.5));

        static double Returning(RunResult run) => run.Outcomes.Where(each => each.OutputTokens == 20 && each.ArrivalSeconds > 20).Average(each => each.TtftSeconds);
    }

    [Test]
    public void KvPrefetch_WithoutPrefixes_DoesNothing()
    {
        (Scenario tight, KnobSettings off, KnobSettings on) = PrefetchSettings();
        TrafficTrace trace = Lab.Poisson(1, 8, 60, 1000, 100);
        Assert.That(Lab.Run(tight, trace, on).Outcomes, Is.EqualTo(Lab.Run(tight, trace, off).Outcomes));
    }

    [Test]
    public void KvPrefetch_PrefixesThatDoNotReturn_WastesTheLink()
    {
        (Scenario tight, KnobSettings off, KnobSettings on) = PrefetchSettings();
        var requests = new List<InferenceRequest>();
        for (int round = 0; round < 12; round++)
        {
            // Three new sessions speak twice, which makes them look worth keeping, and are never heard of again.
            for (int turn = 0; turn < 6; turn++)
                requests.Add(Lab.Turn((10 * round) + (0.4 * turn), (100 * round) + (turn % 3), 8, 100, 20));
            AddFillers(requests, (10 * round) + 3, 5000 + (12 * round));
        }

        TrafficTrace trace = TrafficTrace.Of("leaving", requests, 120);
        (RunResult without, RunResult with) = (Lab.Run(tight, trace, off), Lab.Run(tight, trace, on));
        Assert.That(with.LinkSeconds(), Is.GreaterThan(without.LinkSeconds() + 0.05));
        Assert.That(with.Windows.Max(window => window.PrefetchUseful), Is.LessThan(0.1));
        Assert.That(with.MeanTtft(), Is.GreaterThanOrEqualTo(without.MeanTtft() - 1e-4));
    }

    private static (Scenario Tight, KnobSettings Off, KnobSettings On) PrefetchSettings()
    {
        KnobSettings off = Small.DefaultSettings with { Speculation = false, KvPrefetch = false };
        return (Lab.Tight(Small, off, 24_000, 100e9), off, off with { KvPrefetch = true });
    }

    /// <summary>Prompts of their own that push everything else out of GPU memory.</summary>
    private static void AddFillers(List<InferenceRequest> requests, double at, int firstSession)
    {
        for (int filler = 0; filler < 12; filler++)
            requests.Add(Lab.Turn(at + (0.2 * filler), firstSession + filler, 6, 50, 2));
    }

    private static (int Steps, RunResult Run) PromptSteps(TrafficTrace trace, KnobSettings settings)
    {
        var counting = new CountingCost(new MeasuredCostModel(Small.Hardware));
        RunResult run = PolicyRunner.Run(new EngineCostCache(Small, counting), trace, new FixedPolicy("test", settings), settings);
        return (counting.PromptSteps, run);
    }

    private static void Less(double smaller, double larger, string what) => Assert.That(smaller, Is.LessThan(larger), what);

    private sealed class CountingCost(ICostModel inner) : ICostModel
    {
        public int PromptSteps { get; private set; }

        public IEngineCost For(EngineSpec engine) => new CountingEngine(inner.For(engine), this);

        private sealed class CountingEngine(IEngineCost inner, CountingCost counter) : IEngineCost
        {
            public EngineSpec Engine => inner.Engine;

            public double IdleWattsPerGpu => inner.IdleWattsPerGpu;

            public StepCost Step(in BatchShape batch)
            {
                if (batch.PrefillTokens > 0)
                    counter.PromptSteps++;
                return inner.Step(batch);
            }

            public IReadOnlyList<CostTerm> Explain(in BatchShape batch) => inner.Explain(batch);

            public StepPower Power(in BatchShape batch) => inner.Power(batch);

            public double NextBend(in BatchShape batch) => inner.NextBend(batch);
        }
    }
}
