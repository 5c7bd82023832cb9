using Tuner.Env.Costs;
using Tuner.Env.Scenarios;
using Tuner.Env.Traffic;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation.Replaying;

/// <summary>Gives a scenario the settings a recorded engine ran with. What the record does not say stays as the scenario has it.</summary>
public static class RecordedEngine
{
    /// <summary>The scenario with the record's engine as its default.</summary>
    /// <param name="scenario">GPU, model and engine.</param>
    /// <param name="notes">What the record says.</param>
    /// <exception cref="ScenarioFormatException">The record's engine does not fit the GPU, or the profile lacks what it needs.</exception>
    public static Scenario Of(Scenario scenario, EngineRunNotes notes)
    {
        Scenario recorded = scenario with
        {
            MaxSequenceTokens = notes.MaxSequenceTokens ?? scenario.MaxSequenceTokens,
            Weights = notes.SixteenBitWeights == true ? KernelPrecision.Bf16 : scenario.Weights,
        };
        recorded = WithBatch(recorded, notes);
        recorded = WithLayout(recorded, notes);
        KnobSettings settings = recorded.DefaultSettings with { KvCompression = notes.EightBitKv ?? recorded.DefaultSettings.KvCompression };
        recorded = recorded with { DefaultSettings = settings };
        Check(recorded);
        if (notes.KvCacheTokens < Scenario.LeastKvTokens)
            throw new ScenarioFormatException($"{scenario.Name}, as the run was recorded: a KV cache of {notes.KvCacheTokens} tokens; at least {Scenario.LeastKvTokens} are needed.");
        if (notes.KvCacheTokens is { } tokens && recorded.LayoutOf(settings.Parallelism) is { Pools: [PoolSpec first, ..] })
            recorded = ScenarioFile.WithKvCache(recorded, first, settings, tokens * first.DataParallel);
        return recorded.Fits(settings) ? recorded : throw new ScenarioFormatException($"{scenario.Name}, as the run was recorded: {ScenarioFile.DoesNotFit(recorded)}.");
    }

    /// <summary>The record's batch as a rung of the ladder; it replaces a rung of as many sequences.</summary>
    private static Scenario WithBatch(Scenario scenario, EngineRunNotes notes)
    {
        BatchRung before = scenario.Knobs.BatchLadder[scenario.DefaultSettings.MaxBatchLevel];
        int sequences = notes.MaxSequences ?? before.Sequences;
        var own = new BatchRung(sequences, Math.Max(sequences, notes.TokenBudget ?? before.TokenBudget));
        BatchRung[] ladder = [.. scenario.Knobs.BatchLadder.Where(rung => rung.Sequences != own.Sequences).Append(own).OrderBy(rung => rung.Sequences)];
        return scenario with
        {
            Knobs = new KnobSpace(ladder, scenario.Knobs.BatchWaitLadder, scenario.Knobs.Drafts),
            DefaultSettings = scenario.DefaultSettings with { MaxBatchLevel = Array.IndexOf(ladder, own) },
        };
    }

    /// <summary>The record's GPUs: engines side by side are replicas, or groups that meet at the experts of a mixture.</summary>
    private static Scenario WithLayout(Scenario scenario, EngineRunNotes notes)
    {
        IReadOnlyList<PoolSpec> pools = scenario.LayoutOf(scenario.DefaultSettings.Parallelism).Pools;
        if (notes is { TensorParallel: null, DataParallel: null, ExpertParallel: null })
            return scenario;
        bool mixture = scenario.Model.Experts > 0;
        PoolSpec before = pools[0];
        int tensor = notes.TensorParallel ?? before.TensorParallel;
        int engines = notes.DataParallel ?? (mixture ? before.DataParallel : before.Replicas);
        var pool = new PoolSpec(mixture ? 1 : engines, tensor, before.PipelineParallel)
        {
            DataParallel = mixture ? engines : 1,
            ExpertParallel = mixture && (notes.ExpertParallel ?? before.ExpertParallel > 1) ? tensor * engines : 1,
        };
        if (pools.Count == 1 && pool == before)
            return scenario;
        ParallelismMode mode = pool.PipelineParallel > 1 ? ParallelismMode.Pipeline : tensor > 1 ? ParallelismMode.Tensor : ParallelismMode.Single;
        LayoutSpec?[] layouts = [.. scenario.Layouts];
        layouts[(int)mode] = new LayoutSpec([pool]);
        return scenario with
        {
            Layouts = layouts,
            Gpus = Math.Max(scenario.Gpus, pool.Gpus),
            DefaultSettings = scenario.DefaultSettings with { Parallelism = mode },
        };
    }

    private static void Check(Scenario scenario)
    {
        EngineKernels kernels = scenario.Hardware.Engine(scenario.Engine);
        string what = $"{kernels.Name} on {scenario.Hardware.Name}";
        if (kernels.Gemm.All(term => term.Precision != scenario.Weights))
            throw new ScenarioFormatException($"{scenario.Name}, as the run was recorded: {what} has no {scenario.Weights.ToString().ToLowerInvariant()} products.");
        if (kernels.Collectives.Count == 0 && scenario.LayoutOf(scenario.DefaultSettings.Parallelism).Pools.Any(pool => pool.TensorParallel > 1))
            throw new ScenarioFormatException($"{scenario.Name}, as the run was recorded: {what} has no all-reduce, which tensor parallelism needs.");
    }
}
