using System.Collections.Concurrent;

namespace Tuner.Env.Costs;

/// <summary>Transformers prepared under one engine's kernels: engines that differ in how many tokens they draft share them.</summary>
internal sealed class TransformerShelf(EngineKernels kernels)
{
    private readonly ConcurrentDictionary<(EngineSpec Engine, KernelPrecision Attention, KernelPrecision FeedForward, KernelPrecision Experts), TransformerCost> prepared = [];

    public EngineKernels Kernels => kernels;

    /// <summary>A model, the served one or its draft, spread over the GPUs as the engine says.</summary>
    /// <exception cref="InvalidOperationException">The kernels have no products of a precision.</exception>
    public TransformerCost For(ModelSpec model, int pipeline, EngineSpec engine, KernelPrecision attention, KernelPrecision feedForward, KernelPrecision experts) =>
        prepared.GetOrAdd(
            (engine with { Model = model, PipelineParallel = pipeline, Draft = null, DraftTokens = 0 }, attention, feedForward, experts),
            static (key, kernels) => new TransformerCost(kernels, key.Engine.Model, key.Engine, key.Engine.PipelineParallel, kernels.Products(key.Attention), kernels.Products(key.FeedForward), key.Experts),
            kernels);
}
