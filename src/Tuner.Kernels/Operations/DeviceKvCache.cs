using Tuner.Kernels.Driver;

namespace Tuner.Kernels.Operations;

/// <summary>Where a paged KV cache lies in GPU memory: [blocks, kvHeads, 16, headDim], keys and values apart.</summary>
/// <param name="Keys">Keys, bf16 or e4m3.</param>
/// <param name="Values">Values, likewise.</param>
/// <param name="KeyScales">FP8: what each token's keys of a head were divided by, [blocks, kvHeads, 16]; else null.</param>
/// <param name="ValueScales">Likewise for values.</param>
public readonly record struct DeviceKvCache(KernelArgument Keys, KernelArgument Values, KernelArgument KeyScales, KernelArgument ValueScales);
