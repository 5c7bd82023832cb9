namespace Tuner.Env.Costs;

/// <summary>What the attention kernels achieve.</summary>
/// <param name="PrefillFlopsPerSecond">Achieved rate of causal prefill attention.</param>
/// <param name="PrefillOverheadSeconds">Floor of one prefill call.</param>
/// <param name="DecodeBytesPerSecond16">Achieved bandwidth reading a 16-bit KV cache.</param>
/// <param name="DecodeBytesPerSecond8">Achieved bandwidth reading an 8-bit KV cache, in its own (halved) bytes.</param>
/// <param name="DecodeOverheadSeconds16">Floor of one decode call, 16-bit.</param>
/// <param name="DecodeOverheadSeconds8">Floor of one decode call, 8-bit; higher, for the conversion.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record AttentionFit(
    double PrefillFlopsPerSecond,
    double PrefillOverheadSeconds,
    double DecodeBytesPerSecond16,
    double DecodeBytesPerSecond8,
    double DecodeOverheadSeconds16,
    double DecodeOverheadSeconds8,
    string Source);
