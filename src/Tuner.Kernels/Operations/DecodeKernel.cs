using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Operations;

/// <summary>Launches of <c>attention_decode.cu</c>.</summary>
public sealed class DecodeKernel(KernelSpec kernel)
{
    /// <summary>Query heads of a group: the rows of one tensor-core tile.</summary>
    private const int MostGroup = 16;

    /// <summary>Thread blocks a multiprocessor holds: what the stages in the catalogue leave room for.</summary>
    private const int BlocksOfMultiprocessor = 2;

    /// <summary>Cache blocks below which a part of a context is mostly start and end: four for each warp.</summary>
    private const int FewestBlocksOfSplit = 16;

    private const int MostSplits = 64;

    /// <summary>The kernel.</summary>
    public KernelSpec Kernel => kernel;

    /// <summary>Bits of a cached element.</summary>
    public int KvBits => kernel["FP8"] == 1 ? 8 : 16;

    /// <summary>Bytes of keys, values and their scales that contexts of one length have.</summary>
    public double Bytes(AttentionShape heads, int sequences, int tokens) =>
        2.0 * heads.KvHeads * sequences * tokens * ((heads.HeadDim * KvBits / 8) + (KvBits == 8 ? sizeof(float) : 0));

    /// <summary>Parts a context is split into, so that all multiprocessors have work where there are few sequences.</summary>
    public static int SplitsFor(AttentionShape heads, int sequences, int tokens, int multiprocessors)
    {
        int blocks = (tokens + PagedKvCache.BlockTokens - 1) / PagedKvCache.BlockTokens;
        int wanted = multiprocessors * BlocksOfMultiprocessor / (sequences * heads.KvHeads);
        return Math.Clamp(wanted, 1, Math.Clamp(blocks / FewestBlocksOfSplit, 1, MostSplits));
    }

    /// <summary>Launches.</summary>
    /// <param name="shelf">The GPU's kernels.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="heads">The heads, of the width the kernel is made for; at most 16 query heads a group.</param>
    /// <param name="sequences">Sequences.</param>
    /// <param name="width">Entries of a sequence's block table.</param>
    /// <param name="q">[sequences, heads, headDim], bf16.</param>
    /// <param name="cache">Keys, values and, for FP8, their scales.</param>
    /// <param name="tables">[sequences, width] block numbers.</param>
    /// <param name="contexts">[sequences] cached tokens, at least 1.</param>
    /// <param name="o">Receives [sequences, heads, headDim], bf16.</param>
    /// <param name="work">Room for parts.</param>
    /// <param name="splits">Parts of a context.</param>
    public void Launch(KernelShelf shelf, CudaStream stream, AttentionShape heads, int sequences, int width, KernelArgument q, DeviceKvCache cache, KernelArgument tables, KernelArgument contexts, KernelArgument o, SplitWorkspace work, int splits)
    {
        heads.Validate();
        if (heads.HeadDim != kernel["HEAD_DIM"] || heads.Group > MostGroup)
            throw new ArgumentException($"{kernel.Entry} is made for heads of {kernel["HEAD_DIM"]} and groups of at most {MostGroup}, not {heads}.", nameof(heads));
        int pairs = sequences * heads.KvHeads;
        (KernelArgument parts, KernelArgument counters) = work.For(splits, (long)pairs * splits * MostGroup * (heads.HeadDim + 2), pairs);
        shelf[kernel].Launch(
            new LaunchShape((uint)splits, (uint)kernel.Threads, (uint)heads.KvHeads, (uint)sequences, SharedBytes: (uint)kernel.SharedBytes),
            stream,
            q, cache.Keys, cache.Values, cache.KeyScales, cache.ValueScales, tables, contexts, o, parts, counters,
            KernelArgument.Of(heads.Heads), KernelArgument.Of(heads.KvHeads), KernelArgument.Of(width), KernelArgument.Of(splits), KernelArgument.Of(heads.Scale * float.Log2(float.E)));
    }
}
