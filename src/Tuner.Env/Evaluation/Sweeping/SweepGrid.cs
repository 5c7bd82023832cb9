using Tuner.Env.Costs;
using Tuner.Policy.Knobs;

namespace Tuner.Env.Evaluation.Sweeping;

/// <summary>The configurations a sweep evaluates: every combination of its lists that makes sense.</summary>
public sealed record SweepGrid
{
    /// <summary>Weight formats, and what the feed-forward part is kept in.</summary>
    public required IReadOnlyList<(KernelPrecision Weights, PrecisionMode Mode)> Precisions { get; init; }

    /// <summary>Tensor-parallel degrees.</summary>
    public required IReadOnlyList<int> Tensor { get; init; }

    /// <summary>Pipeline stages.</summary>
    public required IReadOnlyList<int> Pipeline { get; init; }

    /// <summary>Whether the KV cache is kept in 8 bits.</summary>
    public required IReadOnlyList<bool> KvCompression { get; init; }

    /// <summary>Tokens drafted a step; 0 is no speculation.</summary>
    public required IReadOnlyList<int> DraftTokens { get; init; }

    /// <summary>The draft model; needed where <see cref="DraftTokens"/> holds more than 0.</summary>
    public ModelSpec? Draft { get; init; }

    /// <summary>Probability that a drafted token is accepted, given that all before it were.</summary>
    /// <value>
    /// 0.72: gives 1.72, 2.61 and 3.07 tokens a step for one, three and five drafted, where a 1.7B model drafting for Qwen3-32B was measured
    /// at 1.72, 2.58 and 3.03 (tomasruizt/vllm-scripts d94d714, coding prompts, greedy).
    /// </value>
    public double Acceptance { get; init; } = 0.72;

    /// <summary>Requests in flight.</summary>
    public required IReadOnlyList<int> InFlight { get; init; }

    /// <summary>Prompt tokens.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>Output tokens.</summary>
    public required IReadOnlyList<int> OutputTokens { get; init; }

    /// <summary>Most GPUs of a replica.</summary>
    public int MaxGpus { get; init; } = 8;

    /// <summary>Batch sizes vLLM captures graphs for by default: 1, 2, 4, multiples of 8 up to 256 and of 16 up to 512.</summary>
    public static IReadOnlyList<int> CapturedBatches { get; } =
        [1, 2, 4, .. Enumerable.Range(1, 32).Select(i => 8 * i), .. Enumerable.Range(17, 16).Select(i => 16 * i)];

    /// <summary>Mean tokens a step yields a sequence: 1 + α + … + α^k.</summary>
    public double AcceptanceLength(int draftTokens)
    {
        double length = 1;
        double survival = 1;
        for (int i = 0; i < draftTokens; i++)
            length += survival *= Acceptance;
        return length;
    }

    /// <summary>The engines of the grid that fit <see cref="MaxGpus"/>.</summary>
    public IEnumerable<EngineSpec> Engines(ModelSpec model) =>
        from precision in Precisions
        from tensor in Tensor
        from pipeline in Pipeline
        where tensor * pipeline <= MaxGpus && pipeline <= model.Layers && tensor <= model.AttentionHeads
        from kv in KvCompression
        from drafted in DraftTokens
        select new EngineSpec(model, tensor, pipeline, precision.Mode, kv, drafted > 0 ? Draft : null, drafted) { Weights = precision.Weights };
}
