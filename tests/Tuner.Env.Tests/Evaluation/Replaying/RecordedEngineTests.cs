using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation.Replaying;

public sealed class RecordedEngineTests
{
    [Test]
    public void Of_NotesThatSayNothing_LeaveTheEngineAsItIs()
    {
        Scenario scenario = ScenarioFile.Load("llama8b-1xrtxpro6000");
        Scenario recorded = RecordedEngine.Of(scenario, new EngineRunNotes());
        Assert.That(recorded.DefaultSettings, Is.EqualTo(scenario.DefaultSettings));
        Assert.That(recorded.Knobs.BatchLadder, Is.EqualTo(scenario.Knobs.BatchLadder));
        Assert.That(recorded.Layouts, Is.EqualTo(scenario.Layouts));
    }

    [Test]
    public void Of_AnotherBatch_IsTheDefault()
    {
        Scenario recorded = RecordedEngine.Of(ScenarioFile.Load("llama8b-1xrtxpro6000"), new EngineRunNotes(MaxSequences: 100, TokenBudget: 8192));
        Assert.That(recorded.Knobs.BatchLadder[recorded.DefaultSettings.MaxBatchLevel], Is.EqualTo(new BatchRung(100, 8192)));
    }

    [Test]
    public void Of_TwoGpus_SplitsEveryLayer()
    {
        Scenario recorded = RecordedEngine.Of(ScenarioFile.Load("llama8b-1xh100"), new EngineRunNotes(TensorParallel: 2, SixteenBitWeights: true, EightBitKv: true));
        PoolSpec pool = recorded.LayoutOf(recorded.DefaultSettings.Parallelism).Pools.Single();
        Assert.That((pool.TensorParallel, pool.Replicas, recorded.Gpus, recorded.DefaultSettings.Parallelism), Is.EqualTo((2, 1, 2, ParallelismMode.Tensor)));
        Assert.That((recorded.Weights, recorded.DefaultSettings.KvCompression), Is.EqualTo((KernelPrecision.Bf16, true)));
    }

    [Test]
    public void Of_TheCacheTheEngineReported_IsItsSize()
    {
        Scenario recorded = RecordedEngine.Of(ScenarioFile.Load("llama8b-1xrtxpro6000"), new EngineRunNotes(KvCacheTokens: 41_408));
        PoolSpec pool = recorded.LayoutOf(recorded.DefaultSettings.Parallelism).Pools[0];
        Assert.That(recorded.PlanFor(pool, recorded.DefaultSettings).KvTokens, Is.EqualTo(41_408));
    }

    [Test]
    public void Of_ACacheForHardlyAnything_IsRefused()
        => Assert.That(() => RecordedEngine.Of(ScenarioFile.Load("llama8b-1xrtxpro6000"), new EngineRunNotes(KvCacheTokens: 100)), Throws.TypeOf<ScenarioFormatException>().With.Message.Contains("100 tokens"));

    [Test]
    public void Of_AModelTooLargeForTheGpu_IsRefused()
        => Assert.That(() => RecordedEngine.Of(ScenarioFile.Load("llama70b-8xh200"), new EngineRunNotes(TensorParallel: 1, SixteenBitWeights: true)), Throws.TypeOf<ScenarioFormatException>().With.Message.Contains("as the run was recorded").And.Message.Contains("does not fit"));
}
