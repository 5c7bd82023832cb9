using Tuner.Kernels.Driver;
using Tuner.Kernels.Operations;
using Tuner.Kernels.Reference;

namespace Tuner.Kernels.Verification;

/// <summary>Attention kernels against the definition in double precision, over the very numbers the kernel gets.</summary>
internal sealed class AttentionChecks(Bench bench, VerificationScale scale)
{
    /// <summary>
    /// Softmax weights become bf16 before they meet the values, as in FlashAttention: half a step of 2^-8 each, which a sum of random signs keeps
    /// as a share of itself. The sums are 32-bit.
    /// </summary>
    public const double Bf16Tolerance = 4e-3;

    /// <summary>Against the quantised cache: weights and queries are 16-bit.</summary>
    public const double Fp8Tolerance = 2e-2;

    private static readonly int[] Groups = [1, 2, 4, 5, 8, 16];

    public CheckOutcome Prefill(PrefillKernel prefill)
    {
        int group = Groups[bench.Between(0, Groups.Length - 1)];
        int kvHeads = bench.Between(1, Math.Max(1, scale.KvHeads / group));
        var heads = new AttentionShape(group * kvHeads, kvHeads, prefill.Kernel["HEAD_DIM"]);
        int sequences = bench.Between(1, scale.Sequences);

        // A reference over long prompts takes the CPU long: a third of the longest context.
        int[] queries = [.. Enumerable.Range(0, sequences).Select(_ => bench.Size(scale.Tokens / 3))];
        int[] keys = [.. queries.Select(count => bench.Between(0, 1) == 0 ? count : count + bench.Size(scale.Tokens / 3))];
        int[] queryStarts = Starts(queries), keyStarts = Starts(keys);
        float[] q = bench.Numbers(queryStarts[^1] * heads.Heads * heads.HeadDim);
        float[] k = bench.Numbers(keyStarts[^1] * heads.KvHeads * heads.HeadDim);
        float[] v = bench.Numbers(k.Length);
        CudaMemory o = bench.Room((long)q.Length * sizeof(ushort));
        prefill.Launch(
            bench.Shelf, bench.Stream, heads, sequences, queries.Max(),
            KernelArgument.Of(bench.PutBf16(q)), KernelArgument.Of(bench.PutBf16(k)), KernelArgument.Of(bench.PutBf16(v)), KernelArgument.Of(o),
            KernelArgument.Of(bench.Put<int>(queryStarts)), KernelArgument.Of(bench.Put<int>(keyStarts)));
        float[] result = bench.GetBf16(o, q.Length);
        var reference = new float[q.Length];
        Parallel.For(0, sequences, s =>
        {
            int width = heads.Heads * heads.HeadDim, kvWidth = heads.KvHeads * heads.HeadDim;
            int[] visible = [.. Enumerable.Range(keys[s] - queries[s] + 1, queries[s])];
            NaiveAttention.Attend(heads, q.AsSpan(queryStarts[s] * width, queries[s] * width), k.AsSpan(keyStarts[s] * kvWidth, keys[s] * kvWidth), v.AsSpan(keyStarts[s] * kvWidth, keys[s] * kvWidth), visible, reference.AsSpan(queryStarts[s] * width, queries[s] * width));
        });
        string shape = $"{heads.Heads}/{heads.KvHeads} heads, queries {string.Join(' ', queries)}, keys {string.Join(' ', keys)}";
        return Comparison.Of(prefill.Kernel.Entry, shape, Array.ConvertAll(reference, value => (double)value), result, Bf16Tolerance);
    }

    public CheckOutcome Decode(DecodeKernel decode)
    {
        int kvHeads = bench.Between(1, scale.KvHeads);
        var heads = new AttentionShape(Groups[bench.Between(0, Groups.Length - 1)] * kvHeads, kvHeads, decode.Kernel["HEAD_DIM"]);
        int sequences = bench.Between(1, scale.Sequences);
        int[] contexts = [.. Enumerable.Range(0, sequences).Select(_ => bench.Size(scale.Tokens))];
        int width = (contexts.Max() + PagedKvCache.BlockTokens - 1) / PagedKvCache.BlockTokens;
        int[] tables = bench.Shuffled(sequences * width);
        int splits = bench.Between(1, 4);
        int elements = sequences * width * heads.KvHeads * PagedKvCache.BlockTokens * heads.HeadDim;
        float[] q = bench.Numbers(sequences * heads.Heads * heads.HeadDim);
        (float[] Values, CudaMemory Memory, KernelArgument Scales) keys = Cache(decode, elements, heads.HeadDim), values = Cache(decode, elements, heads.HeadDim);
        CudaMemory o = bench.Room((long)q.Length * sizeof(ushort));
        decode.Launch(
            bench.Shelf, bench.Stream, heads, sequences, width, KernelArgument.Of(bench.PutBf16(q)),
            new DeviceKvCache(KernelArgument.Of(keys.Memory), KernelArgument.Of(values.Memory), keys.Scales, values.Scales),
            KernelArgument.Of(bench.Put<int>(tables)), KernelArgument.Of(bench.Put<int>(contexts)), KernelArgument.Of(o), bench.Work, splits);
        float[] result = bench.GetBf16(o, q.Length);
        var reference = new float[q.Length];
        Parallel.For(0, sequences, s =>
        {
            int at = s * heads.Heads * heads.HeadDim, size = heads.Heads * heads.HeadDim;
            ReadOnlySpan<int> table = tables.AsSpan(s * width, width);
            NaiveAttention.Attend(heads, q.AsSpan(at, size), Tokens(keys.Values, table, contexts[s], heads), Tokens(values.Values, table, contexts[s], heads), [contexts[s]], reference.AsSpan(at, size));
        });
        string shape = $"{heads.Heads}/{heads.KvHeads} heads, contexts {string.Join(' ', contexts)}, {splits} parts";
        return Comparison.Of(decode.Kernel.Entry, shape, Array.ConvertAll(reference, value => (double)value), result, decode.KvBits == 8 ? Fp8Tolerance : Bf16Tolerance);
    }

    /// <summary>Random keys or values in GPU memory, and what the kernel sees of them.</summary>
    private (float[] Values, CudaMemory Memory, KernelArgument Scales) Cache(DecodeKernel decode, int elements, int headDim)
    {
        float[] values = bench.Numbers(elements);
        if (decode.KvBits == 16)
            return (values, bench.PutBf16(values), KernelArgument.Null);
        var quantised = new byte[elements];
        var scales = new float[elements / headDim];
        for (int row = 0; row < scales.Length; row++)
        {
            Span<byte> own = quantised.AsSpan(row * headDim, headDim);
            scales[row] = E4m3.Compress(values.AsSpan(row * headDim, headDim), own);
            for (int d = 0; d < headDim; d++)
                values[(row * headDim) + d] = E4m3.Value(own[d]) * scales[row];
        }

        return (values, bench.Put<byte>(quantised), KernelArgument.Of(bench.Put<float>(scales)));
    }

    /// <summary>A sequence's tokens in order, [tokens, kvHeads, headDim], out of its blocks [kvHeads, 16, headDim].</summary>
    private static float[] Tokens(float[] cache, ReadOnlySpan<int> table, int tokens, AttentionShape heads)
    {
        var rows = new float[tokens * heads.KvHeads * heads.HeadDim];
        for (int token = 0; token < tokens; token++)
        {
            for (int head = 0; head < heads.KvHeads; head++)
            {
                int from = ((((table[token / PagedKvCache.BlockTokens] * heads.KvHeads) + head) * PagedKvCache.BlockTokens) + (token % PagedKvCache.BlockTokens)) * heads.HeadDim;
                cache.AsSpan(from, heads.HeadDim).CopyTo(rows.AsSpan(((token * heads.KvHeads) + head) * heads.HeadDim));
            }
        }

        return rows;
    }

    private static int[] Starts(int[] lengths)
    {
        var starts = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
            starts[i + 1] = starts[i] + lengths[i];
        return starts;
    }
}
