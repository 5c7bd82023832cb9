namespace Tuner.Env.Costs;

/// <summary>The attention heads one GPU holds.</summary>
/// <param name="Query">Query heads.</param>
/// <param name="Kv">Key/value heads.</param>
public sealed record HeadLayout(int Query, int Kv);
