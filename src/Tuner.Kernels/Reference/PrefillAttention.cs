using System.Runtime.CompilerServices;

namespace Tuner.Kernels.Reference;

/// <summary>Causal attention over a whole prompt, tiled with an online softmax (FlashAttention, Dao et al., arXiv:2205.14135).</summary>
/// <remarks>
/// The scores of a tile are all that is ever kept of the tokens × tokens matrix. Query heads that share a key/value head are
/// rows of one tile. Keys are transposed and padded into panels once a call, so both products are <see cref="Panel"/>'s.
/// </remarks>
public sealed unsafe class PrefillAttention : IDisposable
{
    /// <summary>Keys of a tile: whole panels up to 512-bit vectors.</summary>
    private const int Keys = 64;

    /// <summary>Rows of a tile, query heads × tokens: queries, scores and results of 128-wide heads stay in a 512 KiB cache.</summary>
    private const int TileRows = 128;

    private readonly CpuTeam team;
    private readonly AttentionShape shape;
    private readonly AlignedMemory keys;
    private readonly AlignedMemory values;
    private readonly int maxTokens;
    private readonly int queries;

    /// <summary>Makes room for prompts.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="shape">The heads.</param>
    /// <param name="maxTokens">Longest prompt, at least 1.</param>
    public PrefillAttention(CpuTeam team, AttentionShape shape, int maxTokens)
    {
        shape.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        (this.team, this.shape, this.maxTokens) = (team, shape, maxTokens);
        queries = Math.Max(1, TileRows / shape.Group);
        long packed = (long)Tiles(maxTokens) * shape.KvHeads * TileFloats * sizeof(float);
        keys = new AlignedMemory(packed);
        values = new AlignedMemory(packed);
    }

    private int TileFloats => Keys * shape.PaddedDim;

    /// <summary>Attends.</summary>
    /// <param name="query">[tokens, heads, headDim].</param>
    /// <param name="key">[tokens, kvHeads, headDim].</param>
    /// <param name="value">[tokens, kvHeads, headDim].</param>
    /// <param name="tokens">Tokens of the prompt; each sees itself and those before it.</param>
    /// <param name="output">Receives [tokens, heads, headDim].</param>
    /// <exception cref="ArgumentException">A span has another size, or the prompt is too long.</exception>
    public void Attend(ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, int tokens, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, maxTokens);
        Shape.Require(query.Length, (long)tokens * shape.Heads * shape.HeadDim, nameof(query));
        Shape.Require(key.Length, (long)tokens * shape.KvHeads * shape.HeadDim, nameof(key));
        Shape.Require(value.Length, key.Length, nameof(value));
        Shape.Require(output.Length, query.Length, nameof(output));
        int rows = queries * shape.Group;
        team.Reserve((long)rows * ((2 * shape.PaddedDim) + Keys + 2) * sizeof(float));
        fixed (float* q = query, k = key, v = value, o = output)
        {
            var call = new Call { Owner = this, Query = q, Key = k, Value = v, Output = o, Tokens = tokens };
#pragma warning disable CS8500 // The reference stays alive on this stack frame until every item is done.
            team.Run(Tiles(tokens) * shape.KvHeads, &Pack, &call);
            team.Run((tokens + queries - 1) / queries * shape.KvHeads, &Tile, &call);
#pragma warning restore CS8500
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
    }

    private static int Tiles(int tokens) => (tokens + Keys - 1) / Keys;

    /// <summary>Packs the keys (transposed) and values of one tile and head; what is missing is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        AttentionShape shape = call.Owner.shape;
        int head = item % shape.KvHeads;
        int first = item / shape.KvHeads * Keys;
        int count = Math.Min(Keys, call.Tokens - first);
        float* key = call.Owner.KeyTile(item);
        float* value = call.Owner.ValueTile(item);
        new Span<float>(key, call.Owner.TileFloats).Clear();
        new Span<float>(value, call.Owner.TileFloats).Clear();
        for (int i = 0; i < count; i++)
        {
            long source = (((long)(first + i) * shape.KvHeads) + head) * shape.HeadDim;
            float* column = key + (i / Panel.Columns * shape.HeadDim * Panel.Columns) + (i % Panel.Columns);
            for (int d = 0; d < shape.HeadDim; d++)
                column[d * Panel.Columns] = call.Key[source + d];
            for (int d = 0; d < shape.HeadDim; d += Panel.Columns)
            {
                int width = Math.Min(Panel.Columns, shape.HeadDim - d);
                new ReadOnlySpan<float>(call.Value + source + d, width).CopyTo(new Span<float>(value + (d * Keys) + (i * Panel.Columns), width));
            }
        }
    }

    /// <summary>All keys for the queries of one tile and key/value head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(int item, int worker, void* state)
    {
        ref Call call = ref Unsafe.AsRef<Call>(state);
        PrefillAttention owner = call.Owner;
        AttentionShape shape = owner.shape;

        // The last tokens see most: starting with them, no thread is left with a long tile at the end.
        int head = item % shape.KvHeads;
        int firstQuery = (((call.Tokens + owner.queries - 1) / owner.queries) - 1 - (item / shape.KvHeads)) * owner.queries;
        int count = Math.Min(owner.queries, call.Tokens - firstQuery);
        int rows = count * shape.Group;
        int padded = shape.PaddedDim;
        float* query = owner.team.Scratch(worker);
        float* result = query + (rows * padded);
        float* scores = result + (rows * padded);
        float* largest = scores + (rows * Keys);
        float* sum = largest + rows;
        owner.LoadQueries(call, head, firstQuery, rows, query);
        new Span<float>(result, rows * padded).Clear();
        new Span<float>(largest, rows).Fill(OnlineSoftmax.Masked);
        new Span<float>(sum, rows).Clear();
        for (int tile = 0; tile <= (firstQuery + count - 1) / Keys; tile++)
        {
            int firstKey = tile * Keys;
            float* key = owner.KeyTile((tile * shape.KvHeads) + head);
            float* value = owner.ValueTile((tile * shape.KvHeads) + head);
            new Span<float>(scores, rows * Keys).Clear();
            for (int column = 0; column < Keys; column += Panel.Columns)
                Panel.Accumulate(query, padded, rows, key + (column * shape.HeadDim), Panel.Columns, shape.HeadDim, scores + column, Keys);
            for (int row = 0; row < rows; row++)
            {
                int visible = firstQuery + (row / shape.Group) + 1 - firstKey;
                if (visible < Keys)
                    new Span<float>(scores + (row * Keys), Keys)[Math.Max(0, visible)..].Fill(OnlineSoftmax.Masked);
                OnlineSoftmax.Step(scores + (row * Keys), Keys, ref largest[row], ref sum[row], result + (row * padded), padded);
            }

            for (int column = 0; column < padded; column += Panel.Columns)
                Panel.Accumulate(scores, Keys, rows, value + (column * Keys), Panel.Columns, Keys, result + column, padded);
        }

        for (int row = 0; row < rows; row++)
        {
            float* target = call.Output + owner.QueryOffset(head, firstQuery, row);
            for (int d = 0; d < shape.HeadDim; d++)
                target[d] = result[(row * padded) + d] / sum[row];
        }
    }

    private void LoadQueries(in Call call, int head, int firstQuery, int rows, float* target)
    {
        for (int row = 0; row < rows; row++)
        {
            float* source = call.Query + QueryOffset(head, firstQuery, row);
            for (int d = 0; d < shape.HeadDim; d++)
                target[(row * shape.PaddedDim) + d] = source[d] * shape.Scale;
        }
    }

    private long QueryOffset(int head, int firstQuery, int row)
        => (((long)(firstQuery + (row / shape.Group)) * shape.Heads) + (head * shape.Group) + (row % shape.Group)) * shape.HeadDim;

    private float* KeyTile(int tile) => (float*)keys.Pointer + ((long)tile * TileFloats);

    private float* ValueTile(int tile) => (float*)values.Pointer + ((long)tile * TileFloats);

    private ref struct Call
    {
        public PrefillAttention Owner;
        public float* Query;
        public float* Key;
        public float* Value;
        public float* Output;
        public int Tokens;
    }
}
