namespace Tuner.Kernels.Reference;

/// <summary>How weights are kept; the arithmetic is 32-bit floating point in every case.</summary>
public enum WeightFormat
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>8-bit whole numbers and one 32-bit scale a column.</summary>
    Int8,

    /// <summary>4-bit whole numbers and one 32-bit scale for 32 consecutive weights of a column: 0.625 bytes a weight.</summary>
    Int4,
}
