using System.Collections.Concurrent;

namespace Tuner.Env.Costs;

/// <summary>Transformers prepared under one engine's kernels: engines that differ in how many tokens they draft share them.</summary>
internal sealed class TransformerShelf(EngineKernels kernels)
{
    private readonly ConcurrentDictionary<EngineSpec, TransformerCost> prepared = [];

    public EngineKernels Kernels => kernels;

    /// <param name="engine">The engine; what it drafts with takes no part.</param>
    /// <exception cref="InvalidOperationException">The kernels have no products of a precision.</exception>
    public TransformerCost For(EngineSpec engine) =>
        prepared.GetOrAdd(engine with { Draft = null, DraftTokens = 0 }, static (key, kernels) => new TransformerCost(kernels, key), kernels);
}
