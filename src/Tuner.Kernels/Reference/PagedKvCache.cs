using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>A KV cache in blocks of 16 tokens, wherever in the pool each lies (PagedAttention, Kwon et al., arXiv:2309.06180).</summary>
/// <remarks>
/// Layout, keys and values alike: [block, kvHead, slot, headDim], the last rounded up to whole panels of zeros, so that what
/// one head reads of a block is one piece of memory.
/// </remarks>
public sealed unsafe class PagedKvCache : IDisposable
{
    /// <summary>Tokens of a block: vLLM's default (<c>--block-size 16</c>).</summary>
    public const int BlockTokens = 16;

    private readonly AlignedMemory keys;
    private readonly AlignedMemory values;
    private readonly AlignedMemory keyScales;
    private readonly AlignedMemory valueScales;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="blocks">Blocks, at least 1.</param>
    /// <param name="shape">The heads.</param>
    /// <param name="format">How elements are kept.</param>
    public PagedKvCache(int blocks, AttentionShape shape, KvFormat format)
    {
        shape.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        (Blocks, HeadShape, Format) = (blocks, shape, format);
        long rows = (long)blocks * shape.KvHeads * BlockTokens;
        long bytes = rows * shape.PaddedDim * (format == KvFormat.Int8 ? sizeof(sbyte) : sizeof(float));
        long scaleBytes = format == KvFormat.Int8 ? rows * sizeof(float) : 0;
        (keys, values) = (new AlignedMemory(bytes), new AlignedMemory(bytes));
        (keyScales, valueScales) = (new AlignedMemory(scaleBytes), new AlignedMemory(scaleBytes));
    }

    /// <summary>Blocks of the pool.</summary>
    public int Blocks { get; }

    /// <summary>The heads.</summary>
    public AttentionShape HeadShape { get; }

    /// <summary>How elements are kept.</summary>
    public KvFormat Format { get; }

    /// <summary>Memory the pool takes, scales and padding included.</summary>
    public long Bytes => keys.Bytes + values.Bytes + keyScales.Bytes + valueScales.Bytes;

    /// <summary>Stores one token.</summary>
    /// <param name="block">The block.</param>
    /// <param name="slot">Its place in the block, 0 to 15.</param>
    /// <param name="key">[kvHeads, headDim].</param>
    /// <param name="value">[kvHeads, headDim].</param>
    /// <exception cref="ArgumentException">There is no such place, or a span has another size.</exception>
    public void Write(int block, int slot, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Blocks);
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, BlockTokens);
        Shape.Require(key.Length, HeadShape.KvHeads * HeadShape.HeadDim, nameof(key));
        Shape.Require(value.Length, key.Length, nameof(value));
        for (int head = 0; head < HeadShape.KvHeads; head++)
        {
            long row = Row(block, head) + slot;
            Write(keys, keyScales, row, key.Slice(head * HeadShape.HeadDim, HeadShape.HeadDim));
            Write(values, valueScales, row, value.Slice(head * HeadShape.HeadDim, HeadShape.HeadDim));
        }
    }

    /// <summary>Copies whole blocks to other places of the same pool, as when a prefix is shared out or memory is tidied up.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="from">Blocks to copy.</param>
    /// <param name="to">Where to; as many, and none of them among the sources.</param>
    public void CopyBlocks(CpuTeam team, ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        Shape.Require(to.Length, from.Length, nameof(to));
        foreach (AlignedMemory memory in (ReadOnlySpan<AlignedMemory>)[keys, values, keyScales, valueScales])
            BlockCopy.Gather(team, (byte*)memory.Pointer, Blocks, memory.Bytes / Blocks, from, to);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
        keyScales.Dispose();
        valueScales.Dispose();
    }

    /// <summary>The 16 keys of a head in a block as floating point: in place where they are, else dequantised into a buffer.</summary>
    internal float* Keys(int block, int head, float* buffer) => Rows(keys, keyScales, Row(block, head), buffer);

    /// <summary>The 16 values of a head in a block, likewise.</summary>
    internal float* Values(int block, int head, float* buffer) => Rows(values, valueScales, Row(block, head), buffer);

    private long Row(int block, int head) => (((long)block * HeadShape.KvHeads) + head) * BlockTokens;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float* Rows(AlignedMemory memory, AlignedMemory scales, long row, float* buffer)
    {
        int padded = HeadShape.PaddedDim;
        if (Format == KvFormat.Float32)
            return (float*)memory.Pointer + (row * padded);
        for (int i = 0; i < BlockTokens; i++)
            Dequantize.Row((sbyte*)memory.Pointer + ((row + i) * padded), padded, ((float*)scales.Pointer)[row + i], buffer + (i * padded));
        return buffer;
    }

    private void Write(AlignedMemory memory, AlignedMemory scales, long row, ReadOnlySpan<float> source)
    {
        int padded = HeadShape.PaddedDim;
        if (Format == KvFormat.Float32)
            source.CopyTo(new Span<float>((float*)memory.Pointer + (row * padded), source.Length));
        else
            ((float*)scales.Pointer)[row] = KvCompression.Compress(source, new Span<sbyte>((sbyte*)memory.Pointer + (row * padded), source.Length));
    }
}
