namespace Tuner.Kernels.Launching;

/// <summary>What one multiprocessor of a compute capability can hold at once.</summary>
/// <remarks>
/// Counts and sizes are those of the table "Technical Specifications per Compute Capability" of NVIDIA's CUDA C++ Programming
/// Guide (12.8 for 10.0 and 12.0, 12.4 for the others). How registers and shared memory are rounded is not in that table but in
/// the calculator NVIDIA publishes with the toolkit, cuda_occupancy.h: registers go to warps in units of 256, from one of four
/// equal partitions; shared memory goes to blocks in units of 256 bytes before 8.0 and of 128 since. From 8.0 on the driver
/// keeps 1 KiB for itself in every block.
/// </remarks>
/// <param name="Capability">The compute capability.</param>
/// <param name="Warps">Most resident warps.</param>
/// <param name="Blocks">Most resident blocks.</param>
/// <param name="SharedBytes">Shared memory for all blocks.</param>
/// <param name="SharedBytesPerBlock">Most shared memory a block may ask for, once the launch allowed itself more than 48 KiB.</param>
/// <param name="ReservedSharedBytes">Shared memory the driver adds to every block.</param>
/// <param name="SharedUnit">Bytes shared memory is rounded up to.</param>
public sealed record MultiprocessorLimits(
    ComputeCapability Capability,
    int Warps,
    int Blocks,
    int SharedBytes,
    int SharedBytesPerBlock,
    int ReservedSharedBytes,
    int SharedUnit)
{
    /// <summary>Threads of a warp.</summary>
    public const int WarpThreads = 32;

    /// <summary>Most threads of a block.</summary>
    public const int ThreadsPerBlock = 1024;

    /// <summary>32-bit registers of a multiprocessor, and the most a block may hold: 64 Ki for every capability listed.</summary>
    public const int Registers = 65536;

    /// <summary>Most registers a thread can address.</summary>
    public const int RegistersPerThread = 255;

    /// <summary>Registers given to a warp are a multiple of this.</summary>
    public const int RegisterUnit = 256;

    /// <summary>Parts a multiprocessor's registers are split into; a warp's come from one of them.</summary>
    public const int Partitions = 4;

    private const int Kibi = 1024;

    private static readonly MultiprocessorLimits[] Known =
    [
        new(new(7, 0), 64, 32, 96 * Kibi, 96 * Kibi, 0, 256),
        new(new(7, 5), 32, 16, 64 * Kibi, 64 * Kibi, 0, 256),
        new(new(8, 0), 64, 32, 164 * Kibi, 163 * Kibi, Kibi, 128),
        new(new(8, 6), 48, 16, 100 * Kibi, 99 * Kibi, Kibi, 128),
        new(new(8, 9), 48, 24, 100 * Kibi, 99 * Kibi, Kibi, 128),
        new(new(9, 0), 64, 32, 228 * Kibi, 227 * Kibi, Kibi, 128),
        new(new(10, 0), 64, 32, 228 * Kibi, 227 * Kibi, Kibi, 128),
        new(new(12, 0), 48, 24, 100 * Kibi, 99 * Kibi, Kibi, 128),
    ];

    /// <summary>Every capability listed, oldest first.</summary>
    public static IReadOnlyList<MultiprocessorLimits> All => Known;

    /// <summary>The limits of a capability.</summary>
    /// <exception cref="ArgumentException">It is not listed: a guess would be believed.</exception>
    public static MultiprocessorLimits Of(ComputeCapability capability)
        => Array.Find(Known, limits => limits.Capability == capability)
            ?? throw new ArgumentException(
                $"Compute capability {capability} is not listed; known are {string.Join(", ", Known.Select(limits => limits.Capability))}.", nameof(capability));
}
