using System.Collections.Concurrent;

namespace Tuner.Env.Costs;

/// <summary>Transformers prepared under one engine's kernels: engines that differ in how many tokens they draft share them.</summary>
internal sealed class TransformerShelf(EngineKernels kernels)
{
    private readonly ConcurrentDictionary<(ModelSpec Model, int Tensor, int Pipeline, KernelPrecision Attention, KernelPrecision FeedForward, bool Kv8), TransformerCost> prepared = [];

    public EngineKernels Kernels => kernels;

    /// <exception cref="InvalidOperationException">The kernels have no products of a precision.</exception>
    public TransformerCost For(ModelSpec model, int tensor, int pipeline, KernelPrecision attention, KernelPrecision feedForward, bool kv8) =>
        prepared.GetOrAdd(
            (model, tensor, pipeline, attention, feedForward, kv8),
            static (key, kernels) => new TransformerCost(kernels, key.Model, key.Tensor, key.Pipeline, kernels.Products(key.Attention), kernels.Products(key.FeedForward), key.Kv8),
            kernels);
}
