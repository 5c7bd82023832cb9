namespace Tuner.Kernels.Launching;

/// <summary>What one launch asks of a GPU, counted from its parameters.</summary>
/// <param name="Threads">Threads of a block.</param>
/// <param name="GridBlocks">Blocks of the launch.</param>
/// <param name="Flops">Arithmetic of a block, in the unit of <see cref="GpuSpec.FlopsPerSecond"/>.</param>
/// <param name="Bytes">Bytes a block reads and writes outside the multiprocessor.</param>
/// <param name="Independent">Results a thread works on at once: instructions of one thread that need not wait for each other.</param>
/// <param name="Resources">What the compiler gave it; a lower bound where it is not known.</param>
/// <param name="DynamicSharedBytes">Dynamic shared memory of a block.</param>
public sealed record LaunchWork(
    int Threads,
    long GridBlocks,
    double Flops,
    double Bytes,
    double Independent,
    KernelResources Resources,
    int DynamicSharedBytes = 0);
