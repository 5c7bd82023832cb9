using Tuner.Kernels.Compilation;
using Tuner.Kernels.Driver;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Operations;

/// <summary>Launches of <c>attention_prefill.cu</c>.</summary>
public sealed class PrefillKernel(KernelSpec kernel)
{
    /// <summary>The kernel.</summary>
    public KernelSpec Kernel => kernel;

    /// <summary>Floating-point operations of prompts of one length: two products over the half of the score matrix a causal mask leaves.</summary>
    public static double Flops(AttentionShape heads, int sequences, int tokens) => 4.0 * heads.Heads * heads.HeadDim * sequences * (tokens * (tokens + 1.0) / 2);

    /// <summary>Launches.</summary>
    /// <param name="shelf">The GPU's kernels.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="heads">The heads, of the width the kernel is made for.</param>
    /// <param name="sequences">Sequences.</param>
    /// <param name="longest">Queries of the longest.</param>
    /// <param name="q">[queries of all, heads, headDim], bf16.</param>
    /// <param name="k">[keys of all, kvHeads, headDim], bf16.</param>
    /// <param name="v">As <paramref name="k"/>.</param>
    /// <param name="o">Receives what <paramref name="q"/> has the shape of.</param>
    /// <param name="queryStarts">[sequences + 1]: where each sequence's queries begin.</param>
    /// <param name="keyStarts">[sequences + 1]: where its keys begin; at least as many as queries.</param>
    public void Launch(KernelShelf shelf, CudaStream stream, AttentionShape heads, int sequences, int longest, KernelArgument q, KernelArgument k, KernelArgument v, KernelArgument o, KernelArgument queryStarts, KernelArgument keyStarts)
    {
        heads.Validate();
        if (heads.HeadDim != kernel["HEAD_DIM"])
            throw new ArgumentException($"{kernel.Entry} is made for heads of {kernel["HEAD_DIM"]}, not {heads.HeadDim}.", nameof(heads));
        int tile = 16 * kernel["WARPS"];
        shelf[kernel].Launch(
            new LaunchShape((uint)((longest + tile - 1) / tile), (uint)kernel.Threads, (uint)heads.Heads, (uint)sequences, SharedBytes: (uint)kernel.SharedBytes),
            stream,
            q, k, v, o, queryStarts, keyStarts, KernelArgument.Of(heads.Heads), KernelArgument.Of(heads.KvHeads), KernelArgument.Of(heads.Scale * float.Log2(float.E)));
    }
}
