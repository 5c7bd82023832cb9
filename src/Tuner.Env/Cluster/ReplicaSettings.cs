using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>How one replica runs until the next change.</summary>
/// <param name="Cost">Times its steps.</param>
/// <param name="Decoding">Prices of steps that only decode.</param>
/// <param name="Schedule">How it fills them.</param>
/// <param name="KvBlocks">KV blocks it has.</param>
/// <param name="KvBytesPerToken">Bytes a token's KV takes on each GPU.</param>
/// <param name="MaxSequences">Most sequences in a batch.</param>
/// <param name="TokenBudget">Most tokens in a step.</param>
/// <param name="BatchWaitSeconds">How long admission waits for company.</param>
/// <param name="Prefetch">Whether expected prefixes are brought back ahead of need.</param>
/// <param name="Survival">For each traffic class and drafted position, the probability that it and all before it are accepted; empty without speculation.</param>
/// <param name="QualityLoss">Loss of a token produced under these settings, points.</param>
/// <param name="HostBlocks">KV blocks its host tier holds.</param>
/// <param name="HostLink">The link of each GPU to its host's memory.</param>
/// <param name="Swaps">Whether sequences that lose their place are swapped out to host memory.</param>
internal sealed record ReplicaSettings(
    IEngineCost Cost,
    DecodeTable Decoding,
    EngineSchedule Schedule,
    int KvBlocks,
    double KvBytesPerToken,
    int MaxSequences,
    int TokenBudget,
    double BatchWaitSeconds,
    bool Prefetch,
    double[][] Survival,
    double QualityLoss,
    int HostBlocks,
    HostLinkTerm HostLink,
    bool Swaps)
{
    /// <summary>Whether sequences decode under both at the same pace and loss.</summary>
    public bool DecodesLike(ReplicaSettings other) => ReferenceEquals(Survival, other.Survival) && QualityLoss == other.QualityLoss;
}
