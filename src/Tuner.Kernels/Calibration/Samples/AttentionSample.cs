using Tuner.Env.Costs;

namespace Tuner.Kernels.Calibration.Samples;

/// <summary>One timed attention call on one device.</summary>
/// <param name="Phase">Whole prompts under a causal mask, or one new token a sequence.</param>
/// <param name="Batch">Sequences.</param>
/// <param name="Tokens">Prefill: tokens of each prompt. Decode: cached tokens each sequence attends to.</param>
/// <param name="Heads">Query heads on this device.</param>
/// <param name="KvHeads">Key/value heads on this device.</param>
/// <param name="HeadDim">Width of a head.</param>
/// <param name="Window">Sliding window in tokens; 0 is full attention.</param>
/// <param name="KvBits">Bits of a cached element: 8, 16 or 32.</param>
/// <param name="Seconds">Time of one call.</param>
/// <param name="Watts">Mean board power while the call repeats; null where it was not recorded.</param>
public readonly record struct AttentionSample(
    AttentionPhase Phase,
    int Batch,
    int Tokens,
    int Heads,
    int KvHeads,
    int HeadDim,
    int Window,
    int KvBits,
    double Seconds,
    double? Watts = null);
