namespace Tuner.Kernels.Launching;

/// <summary>What keeps another block off a multiprocessor.</summary>
public enum OccupancyLimit
{
    /// <summary>The resident warps.</summary>
    Warps,

    /// <summary>The resident blocks.</summary>
    Blocks,

    /// <summary>The registers.</summary>
    Registers,

    /// <summary>The shared memory.</summary>
    SharedMemory,

    /// <summary>Not even one block can be launched.</summary>
    CannotLaunch,
}
