namespace Tuner.Env.Costs;

/// <summary>A kind of GPU and what its kernels achieve: what calibration writes and the cost model reads.</summary>
public sealed record HardwareProfile
{
    /// <summary>The GPU's name, such as <c>h200</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Memory of a GPU, bytes.</summary>
    public required double MemoryBytes { get; init; }

    /// <summary>Power limit, watts.</summary>
    public required double TdpWatts { get; init; }

    /// <summary>Power while waiting with weights loaded, watts.</summary>
    public required double IdleWatts { get; init; }

    /// <summary>Power while streaming memory at a low arithmetic rate, watts.</summary>
    public required double MemoryBoundWatts { get; init; }

    /// <summary>8-bit products, activation quantisation included.</summary>
    public required GemmFit Fp8 { get; init; }

    /// <summary>4-bit products: native where the GPU has them, else weight-only with dequantisation in the kernel.</summary>
    public required GemmFit Fp4 { get; init; }

    /// <summary>16-bit products: draft models and the output projection.</summary>
    public required GemmFit Bf16 { get; init; }

    /// <summary>Attention kernels.</summary>
    public required AttentionFit Attention { get; init; }

    /// <summary>All-reduce, by GPU count.</summary>
    public required IReadOnlyList<CollectiveFit> AllReduce { get; init; }

    /// <summary>Passing activations to the next pipeline stage: latency, seconds.</summary>
    public required double HopSeconds { get; init; }

    /// <summary>Point-to-point bandwidth between GPUs, bytes a second.</summary>
    public required double PeerBytesPerSecond { get; init; }

    /// <summary>Host time of a step that does not overlap, seconds.</summary>
    public required double StepOverheadSeconds { get; init; }

    /// <summary>Host time a sequence adds to a step, seconds.</summary>
    public required double SequenceOverheadSeconds { get; init; }

    /// <summary>Norms, rotary embedding, residuals and activation of a layer: launch floor, seconds.</summary>
    public required double LayerOverheadSeconds { get; init; }

    /// <summary>How well each fitted term reproduces its measurements; empty where nothing was fitted.</summary>
    public IReadOnlyList<FitError> Errors { get; init; } = [];

    /// <summary>Where the figures come from, one sentence each.</summary>
    public required IReadOnlyList<string> Sources { get; init; }
}
