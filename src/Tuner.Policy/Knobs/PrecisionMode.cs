namespace Tuner.Policy.Knobs;

/// <summary>Precision of the weights.</summary>
public enum PrecisionMode
{
    /// <summary>8-bit floating point throughout (<c>fp8</c>).</summary>
    Fp8,

    /// <summary>4-bit floating point for the large feed-forward matrices, 8-bit elsewhere (<c>fp8-fp4</c>).</summary>
    Fp8Fp4,
}
