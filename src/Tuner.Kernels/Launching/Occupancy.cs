namespace Tuner.Kernels.Launching;

/// <summary>How full a kernel can keep a multiprocessor, from its resources alone.</summary>
/// <remarks>
/// The rules are those of NVIDIA's published calculator (cuda_occupancy.h of the toolkit). A block's warps take registers in
/// units, each warp from one partition; a launch is refused when its warps, rounded up to all partitions, would need more
/// registers than a block may hold, although it might fit.
/// </remarks>
/// <param name="Blocks">Resident blocks; 0 where the launch would be refused.</param>
/// <param name="Warps">Resident warps.</param>
/// <param name="Share">Resident warps as a share of the most there can be.</param>
/// <param name="Limit">What keeps another block out.</param>
public readonly record struct Occupancy(int Blocks, int Warps, double Share, OccupancyLimit Limit)
{
    /// <summary>The occupancy of one launch.</summary>
    /// <param name="limits">The multiprocessor.</param>
    /// <param name="kernel">The compiled kernel.</param>
    /// <param name="threads">Threads of a block, at least 1.</param>
    /// <param name="dynamicSharedBytes">Shared memory of a block beyond the kernel's own.</param>
    public static Occupancy Of(MultiprocessorLimits limits, KernelResources kernel, int threads, int dynamicSharedBytes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(dynamicSharedBytes);
        if (threads > Math.Min(kernel.MaxThreads, MultiprocessorLimits.ThreadsPerBlock))
            return new Occupancy(0, 0, 0, OccupancyLimit.CannotLaunch);
        int warps = DivideUp(threads, MultiprocessorLimits.WarpThreads);
        int byRegisters = ByRegisters(kernel.Registers, warps);
        int byShared = ByShared(limits, kernel.SharedBytes + dynamicSharedBytes);
        int byWarps = limits.Warps / warps;
        (int blocks, OccupancyLimit limit) = (limits.Blocks, OccupancyLimit.Blocks);
        if (byWarps < blocks)
            (blocks, limit) = (byWarps, OccupancyLimit.Warps);
        if (byRegisters < blocks)
            (blocks, limit) = (byRegisters, OccupancyLimit.Registers);
        if (byShared < blocks)
            (blocks, limit) = (byShared, OccupancyLimit.SharedMemory);
        return blocks == 0
            ? new Occupancy(0, 0, 0, OccupancyLimit.CannotLaunch)
            : new Occupancy(blocks, blocks * warps, (double)(blocks * warps) / limits.Warps, limit);
    }

    /// <summary>The threads of a block with the highest occupancy, the most threads among equals: what the driver's cuOccupancyMaxPotentialBlockSize suggests.</summary>
    /// <param name="limits">The multiprocessor.</param>
    /// <param name="kernel">The compiled kernel.</param>
    /// <param name="dynamicSharedBytes">Dynamic shared memory for a number of threads; none when null.</param>
    /// <returns>A multiple of a warp; 0 when no block can be launched.</returns>
    public static int SuggestThreads(MultiprocessorLimits limits, KernelResources kernel, Func<int, int>? dynamicSharedBytes = null)
    {
        int best = 0;
        int most = 0;
        for (int threads = Math.Min(kernel.MaxThreads, MultiprocessorLimits.ThreadsPerBlock); threads > 0; threads = NextBelow(threads))
        {
            int resident = Of(limits, kernel, threads, dynamicSharedBytes?.Invoke(threads) ?? 0).Blocks * threads;
            if (resident > most)
                (best, most) = (threads, resident);
        }

        return best;
    }

    /// <summary>How evenly a grid fills the GPU: its blocks as a share of the places in the waves it takes.</summary>
    /// <param name="gridBlocks">Blocks of the launch, at least 1.</param>
    /// <param name="residentBlocks">Resident blocks of all multiprocessors together, at least 1.</param>
    /// <returns>In (0, 1]: 1 when the last wave is full.</returns>
    public static double WaveEfficiency(long gridBlocks, long residentBlocks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gridBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(residentBlocks, 1);
        long waves = (gridBlocks + residentBlocks - 1) / residentBlocks;
        return (double)gridBlocks / (waves * residentBlocks);
    }

    private static int ByRegisters(int registers, int warps)
    {
        if (registers > MultiprocessorLimits.RegistersPerThread)
            return 0;
        int perWarp = RoundUp(registers * MultiprocessorLimits.WarpThreads, MultiprocessorLimits.RegisterUnit);
        if (perWarp == 0)
            return int.MaxValue;
        if (perWarp * RoundUp(warps, MultiprocessorLimits.Partitions) > MultiprocessorLimits.Registers)
            return 0;
        int perPartition = MultiprocessorLimits.Registers / MultiprocessorLimits.Partitions / perWarp;
        return perPartition * MultiprocessorLimits.Partitions / warps;
    }

    private static int ByShared(MultiprocessorLimits limits, int bytes)
    {
        int block = RoundUp(bytes + limits.ReservedSharedBytes, limits.SharedUnit);
        if (bytes > limits.SharedBytesPerBlock)
            return 0;
        return block == 0 ? int.MaxValue : limits.SharedBytes / block;
    }

    private static int NextBelow(int threads) => (threads - 1) / MultiprocessorLimits.WarpThreads * MultiprocessorLimits.WarpThreads;

    private static int DivideUp(int value, int unit) => (value + unit - 1) / unit;

    private static int RoundUp(int value, int unit) => DivideUp(value, unit) * unit;
}
