namespace Tuner.Env.Scenarios;

/// <summary>What a parallelism mode means in a scenario: pools that together use the scenario's GPUs.</summary>
/// <param name="Pools">The pools; every prompt length is taken by at least one.</param>
public sealed record LayoutSpec(IReadOnlyList<PoolSpec> Pools);
