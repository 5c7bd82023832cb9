namespace Tuner.Env.Costs;

/// <summary>The number format a matrix product is computed in.</summary>
public enum KernelPrecision
{
    /// <summary>32-bit floating point: CPU kernels.</summary>
    Float32,

    /// <summary>16-bit brain floating point.</summary>
    Bf16,

    /// <summary>8-bit floating point, one scale a tensor; the activations' quantisation is part of the time.</summary>
    Fp8,

    /// <summary>8-bit floating point, a scale for each 128 × 128 block.</summary>
    Fp8Block,

    /// <summary>NVIDIA's 4-bit floating point, one scale for 16 elements.</summary>
    NvFp4,

    /// <summary>4-bit weights, 16-bit activations and arithmetic.</summary>
    Int4WeightOnly,
}
