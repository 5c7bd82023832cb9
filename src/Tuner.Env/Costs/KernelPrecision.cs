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

    /// <summary>4-bit floating-point weights with a scale for 32 (OCP microscaling), 16-bit activations: gpt-oss's experts.</summary>
    MxFp4,

    /// <summary>8-bit integer weights and activations.</summary>
    Int8,

    /// <summary>8-bit weights with a scale a column, 32-bit floating-point activations and arithmetic: CPU kernels.</summary>
    Int8WeightOnly,
}
