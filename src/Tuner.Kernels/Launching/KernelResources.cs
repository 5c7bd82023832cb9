namespace Tuner.Kernels.Launching;

/// <summary>What the compiler gave a kernel.</summary>
/// <param name="Name">The kernel's name as compiled.</param>
/// <param name="Registers">32-bit registers of a thread.</param>
/// <param name="SharedBytes">Shared memory a block has before any dynamic one.</param>
/// <param name="MaxThreads">Most threads of a block by the kernel's launch bounds; 1024 where it names none.</param>
/// <param name="StackBytes">Local memory of a thread's frame: above 0, something spilled or was indexed at run time.</param>
/// <param name="Barriers">Barriers a block uses.</param>
public sealed record KernelResources(
    string Name,
    int Registers,
    int SharedBytes,
    int MaxThreads = MultiprocessorLimits.ThreadsPerBlock,
    int StackBytes = 0,
    int Barriers = 0);
