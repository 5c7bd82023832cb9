using System.Text.Json.Serialization;

namespace Tuner.Env.Costs;

/// <summary>One serving engine's kernels and overheads on one kind of GPU.</summary>
public sealed record EngineKernels
{
    /// <summary>The engine, such as <c>vllm</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The version measured.</summary>
    public required string Version { get; init; }

    /// <summary>Matrix products, one term a precision.</summary>
    public required IReadOnlyList<GemmTerm> Gemm { get; init; }

    /// <summary>Attention kernels.</summary>
    public required IReadOnlyList<AttentionTerm> Attention { get; init; }

    /// <summary>Collectives, one term for each pattern and number of GPUs.</summary>
    public required IReadOnlyList<CollectiveTerm> Collectives { get; init; }

    /// <summary>What the engine adds to its kernels.</summary>
    public required EngineOverheads Overheads { get; init; }

    /// <summary>What speculation adds to its kernels.</summary>
    [JsonIgnore]
    public SpeculationOverheads Speculation { get; init; } = SpeculationOverheads.Vllm;

    /// <summary>The products of a precision.</summary>
    /// <exception cref="InvalidOperationException">The engine has none.</exception>
    public GemmTerm Products(KernelPrecision precision) =>
        Gemm.FirstOrDefault(term => term.Precision == precision)
        ?? throw new InvalidOperationException($"{Name} {Version} has no products in {precision}; it has {string.Join(", ", Gemm.Select(term => term.Precision))}.");

    /// <summary>The attention kernel for a cache, of the nearest head width where the exact one was not measured.</summary>
    public AttentionTerm AttentionFor(AttentionPhase phase, int kvBits, int headDim, int window = 0) =>
        Attention.Where(term => term.Phase == phase)
            .OrderBy(term => term.KvBits == kvBits ? 0 : 1)
            .ThenBy(term => term.Window == window ? 0 : 1)
            .ThenBy(term => Math.Abs(Math.Log((double)term.HeadDim / headDim)))
            .First();

    /// <summary>A collective over a number of GPUs, of the next larger number where that one was not measured; null where there is none.</summary>
    public CollectiveTerm? CollectiveFor(CollectiveOperation operation, int gpus) =>
        Collectives.Where(term => term.Operation == operation && term.Gpus >= gpus).OrderBy(term => term.Gpus).ThenByDescending(term => term.Captured).FirstOrDefault()
        ?? Collectives.Where(term => term.Operation == operation).MaxBy(term => term.Gpus);
}
