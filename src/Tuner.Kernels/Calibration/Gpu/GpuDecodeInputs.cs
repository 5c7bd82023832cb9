using Tuner.Env.Simulation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Calibration.Gpu;

/// <summary>Caches of sequences of one length in random blocks, as in a pool long in use; calls rotate through several sets.</summary>
internal sealed class GpuDecodeInputs : IDisposable
{
    private readonly GpuSession session;
    private readonly DecodeKernel kernel;
    private readonly AttentionShape heads;
    private readonly int batch;
    private readonly int width;
    private readonly int splits;
    private readonly long cacheBytes;
    private readonly long scaleBytes;
    private readonly CudaMemory tables;
    private readonly CudaMemory contexts;

    public GpuDecodeInputs(GpuSession session, DecodeKernel kernel, AttentionShape heads, int batch, int tokens)
    {
        (this.session, this.kernel, this.heads, this.batch) = (session, kernel, heads, batch);
        width = (tokens + PagedKvCache.BlockTokens - 1) / PagedKvCache.BlockTokens;
        splits = DecodeKernel.SplitsFor(heads, batch, tokens, session.Multiprocessors);
        long rows = (long)batch * width * heads.KvHeads * PagedKvCache.BlockTokens;
        cacheBytes = rows * heads.HeadDim * kernel.KvBits / 8;
        scaleBytes = kernel.KvBits == 8 ? rows * sizeof(float) : 0;
        if (2 * (cacheBytes + scaleBytes) > session.Arena.Bytes)
            throw new CalibrationException($"a cache of {2 * (cacheBytes + scaleBytes)} bytes for {batch} × {tokens} tokens does not fit the {session.Arena.Bytes} bytes taken for inputs.");
        Places = session.Arena.PlacesFor(2 * (cacheBytes + scaleBytes));
        tables = session.Device.Allocate((long)batch * width * sizeof(int));
        tables.Write<int>(Shuffled(batch * width));
        contexts = session.Device.Allocate((long)batch * sizeof(int));
        contexts.Write<int>([.. Enumerable.Repeat(tokens, batch)]);
    }

    /// <summary>Sets to rotate through.</summary>
    public int Places { get; }

    public void Launch(int place, CudaMemory q, CudaMemory o, CudaStream stream)
    {
        long all = 2 * (cacheBytes + scaleBytes);
        var cache = new DeviceKvCache(
            session.Arena.At(all, place),
            session.Arena.At(all, place, cacheBytes),
            scaleBytes == 0 ? KernelArgument.Null : session.Arena.At(all, place, 2 * cacheBytes),
            scaleBytes == 0 ? KernelArgument.Null : session.Arena.At(all, place, (2 * cacheBytes) + scaleBytes));
        kernel.Launch(session.Shelf, stream, heads, batch, width, KernelArgument.Of(q), cache, KernelArgument.Of(tables), KernelArgument.Of(contexts), KernelArgument.Of(o), session.Work, splits);
    }

    public void Dispose()
    {
        tables.Dispose();
        contexts.Dispose();
    }

    private static int[] Shuffled(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        RandomStream random = RandomStream.For(1, "blocks");
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
