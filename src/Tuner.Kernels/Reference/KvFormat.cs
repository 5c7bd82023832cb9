namespace Tuner.Kernels.Reference;

/// <summary>How a KV cache keeps its elements.</summary>
public enum KvFormat
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>8-bit whole numbers and one 32-bit scale for each token and head, keys and values apart.</summary>
    Int8,
}
