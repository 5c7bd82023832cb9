using System.Text.Json.Serialization;
using MathNet.Numerics.Statistics;

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

    /// <summary>Routed experts, one term a precision; empty where none were measured.</summary>
    public IReadOnlyList<ExpertTerm> Experts { get; init; } = [];

    /// <summary>Attention kernels.</summary>
    public required IReadOnlyList<AttentionTerm> Attention { get; init; }

    /// <summary>What prompts and decoding in one step cost beside each by itself; null where nobody measured it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MixedAttentionTerm? Mixed { get; init; }

    /// <summary>
    /// How far decode attention over contexts of unlike length lies between that of their mean and that of the longest: 0 to 1, 0 where
    /// nobody measured it. The last blocks of the longest sequence run when others are done.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Raggedness { get; init; }

    /// <summary>Collectives, one term for each pattern and number of GPUs.</summary>
    public required IReadOnlyList<CollectiveTerm> Collectives { get; init; }

    /// <summary>What the engine adds to its kernels.</summary>
    public required EngineOverheads Overheads { get; init; }

    /// <summary>What speculation adds to its kernels.</summary>
    [JsonIgnore]
    public SpeculationOverheads Speculation { get; init; } = SpeculationOverheads.Vllm;

    /// <summary>How it fills its steps.</summary>
    public EngineSchedule Schedule { get; init; } = EngineSchedule.Chunked;

    /// <summary>The process in front of it.</summary>
    public FrontEnd FrontEnd { get; init; } = FrontEnd.Instant;

    /// <summary>The products of a precision.</summary>
    /// <exception cref="InvalidOperationException">The engine has none.</exception>
    public GemmTerm Products(KernelPrecision precision) =>
        Gemm.FirstOrDefault(term => term.Precision == precision)
        ?? throw new InvalidOperationException($"{Name} {Version} has no products in {precision}; it has {string.Join(", ", Gemm.Select(term => term.Precision))}.");

    /// <summary>The routed experts of a precision: measured ones of the same width in bits, or the roofline of the products.</summary>
    /// <param name="precision">Number format of the experts.</param>
    /// <param name="spread">Spread of the roofline.</param>
    public ExpertTerm ExpertsOf(KernelPrecision precision, double spread)
    {
        // Kernels of one width, most fitting first: a GPU without 4-bit arithmetic runs 4-bit weights through 16-bit units.
        KernelPrecision[] kin = precision switch
        {
            KernelPrecision.Fp8 => [KernelPrecision.Fp8, KernelPrecision.Fp8Block],
            KernelPrecision.Fp8Block => [KernelPrecision.Fp8Block, KernelPrecision.Fp8],
            KernelPrecision.NvFp4 => [KernelPrecision.NvFp4, KernelPrecision.MxFp4, KernelPrecision.Int4WeightOnly],
            KernelPrecision.MxFp4 => [KernelPrecision.MxFp4, KernelPrecision.Int4WeightOnly, KernelPrecision.NvFp4],
            _ => [precision],
        };
        ExpertTerm[] measured = [.. kin.Select(format => Experts.FirstOrDefault(term => term.Precision == format)).OfType<ExpertTerm>()];
        if (measured.Length == 0)
            return ExpertTerm.FromProducts(Gemm.FirstOrDefault(term => kin.Contains(term.Precision)) ?? Products(precision == KernelPrecision.MxFp4 ? KernelPrecision.NvFp4 : precision), spread);

        // Hopper's per-tensor FP8 experts read weights at a fifth of what its block-scaled ones reach; nobody would serve with them.
        return measured.FirstOrDefault(term => 2 * term.Roofline.BytesPerSecond > measured.Max(other => other.Roofline.BytesPerSecond)) ?? measured[0];
    }

    /// <summary>The attention kernel for a cache, of the nearest head width where the exact one was not measured.</summary>
    public AttentionTerm AttentionFor(AttentionPhase phase, int kvBits, int headDim, int window = 0) =>
        Attention.Where(term => term.Phase == phase)
            .OrderBy(term => term.KvBits == kvBits ? 0 : 1)
            .ThenBy(term => term.Window == window ? 0 : 1)
            .ThenBy(term => Math.Abs(Math.Log((double)term.HeadDim / headDim)))
            .First();

    /// <summary>Spread of a collective: eightieth percentile of |log(predicted / measured)| over sizes left out, all numbers of GPUs together.</summary>
    public double SpreadOf(CollectiveOperation operation)
    {
        CollectiveTerm[] terms = [.. Collectives.Where(term => term.Operation == operation)];
        double[] errors = [.. terms.Where(term => term.Captured || !terms.Any(other => other.Captured)).SelectMany(term => term.LeftOut()).Select(Math.Abs)];
        return errors.Length == 0 ? 0 : errors.Quantile(0.8);
    }

    /// <summary>A collective over a number of GPUs, of the next larger number where that one was not measured; null where there is none.</summary>
    public CollectiveTerm? CollectiveFor(CollectiveOperation operation, int gpus) =>
        Collectives.Where(term => term.Operation == operation && term.Gpus >= gpus).OrderBy(term => term.Gpus).ThenByDescending(term => term.Captured).FirstOrDefault()
        ?? Collectives.Where(term => term.Operation == operation).MaxBy(term => term.Gpus);
}
