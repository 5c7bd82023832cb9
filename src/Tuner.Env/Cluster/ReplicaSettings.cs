using Tuner.Env.Costs;

namespace Tuner.Env.Cluster;

/// <summary>How one replica runs until the next change.</summary>
/// <param name="Cost">Times its steps.</param>
/// <param name="KvBlocks">KV blocks it has.</param>
/// <param name="KvBytesPerToken">Bytes a token's KV takes on each GPU.</param>
/// <param name="MaxSequences">Most sequences in a batch.</param>
/// <param name="TokenBudget">Most tokens in a step.</param>
/// <param name="BatchWaitSeconds">How long admission waits for company.</param>
/// <param name="Prefetch">Whether expected prefixes are brought back ahead of need.</param>
/// <param name="TokensPerStep">Mean tokens a decode step yields, for each traffic class: 1 without speculation.</param>
/// <param name="QualityLoss">Loss of a token produced under these settings, points.</param>
/// <param name="HostBlocks">KV blocks its host tier holds.</param>
/// <param name="HostLink">The link of each GPU to its host's memory.</param>
internal sealed record ReplicaSettings(
    IEngineCost Cost,
    int KvBlocks,
    double KvBytesPerToken,
    int MaxSequences,
    int TokenBudget,
    double BatchWaitSeconds,
    bool Prefetch,
    double[] TokensPerStep,
    double QualityLoss,
    int HostBlocks,
    HostLinkTerm HostLink);
