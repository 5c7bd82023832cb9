namespace Tuner.Kernels.Calibration.Samples;

/// <summary>Everything timed on one device under one engine's kernels: what a fit starts from, whoever measured it.</summary>
public sealed record KernelMeasurements
{
    /// <summary>The device's short name, such as <c>h200</c> or <c>cpu</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Whose kernels they are, such as <c>vllm 0.24.0</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>Where the figures come from: repository and commit, or the machine, driver and date.</summary>
    public required string Source { get; init; }

    /// <summary>Matrix products.</summary>
    public IReadOnlyList<GemmSample> Gemm { get; init; } = [];

    /// <summary>The same products by the vendor's library (cuBLASLt) where it was timed beside.</summary>
    public IReadOnlyList<GemmSample> LibraryGemm { get; init; } = [];

    /// <summary>Calls of routed experts.</summary>
    public IReadOnlyList<ExpertSample> Experts { get; init; } = [];

    /// <summary>Attention calls.</summary>
    public IReadOnlyList<AttentionSample> Attention { get; init; } = [];

    /// <summary>Collective operations.</summary>
    public IReadOnlyList<CollectiveSample> Collectives { get; init; } = [];

    /// <summary>Copies.</summary>
    public IReadOnlyList<CopySample> Copies { get; init; } = [];

    /// <summary>Normalisations.</summary>
    public IReadOnlyList<NormSample> Norms { get; init; } = [];

    /// <summary>Power while the device waits, watts; null where it was not recorded.</summary>
    public double? IdleWatts { get; init; }
}
