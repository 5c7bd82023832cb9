using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;

namespace Tuner.Kernels.Swapping.Gpu;

/// <summary>One product y[rows, outputs] = x[rows, inputs] · w[outputs, inputs]ᵀ of bf16 numbers in GPU memory, in a stream's order.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="X">x, row after row.</param>
/// <param name="W">w, row after row.</param>
/// <param name="Y">Receives y; must not be x or w.</param>
/// <param name="Stream">The stream; a thread's own.</param>
public readonly record struct DeviceProductCall(ProductShape Shape, CudaMemory X, CudaMemory W, CudaMemory Y, CudaStream Stream);
