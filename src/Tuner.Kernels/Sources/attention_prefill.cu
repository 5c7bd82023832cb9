// Causal attention of whole prompts with grouped queries, bf16 (FlashAttention-2, Dao, arXiv:2307.08691).
// Defines: ENTRY; HEAD_DIM 64 or 128; WARPS of a block, each with 16 queries.
// Grid: blocks of queries, query heads, sequences. Query i of a sequence sees keys up to i + (keys - queries): a prompt may continue
// a cached one.
#include "primitives.cuh"

#define THREADS (32 * WARPS)
#define ROW_TILE (16 * WARPS)
#define KEY_TILE 64
#define PITCH (HEAD_DIM * 2)
#define CHUNKS (PITCH / 16)
#define TILE_BYTES (KEY_TILE * PITCH)
#define STAGES 2
// Below any score, and finite: a difference of two of them is 0 and not a NaN.
#define MASKED -1e30f

DEVICE const u8* place_of(const u8* tile, int row, int chunk) { return tile + (row * PITCH) + ((chunk ^ (row & 7)) * 16); }

DEVICE void copy_rows(u8* tile, const u16* rows, int first, int count, u64 stride)
{
#pragma unroll
    for (int i = 0; i < (KEY_TILE * CHUNKS) / THREADS; i++)
    {
        int item = (i * THREADS) + threadIdx.x;
        int row = item / CHUNKS;
        int chunk = item % CHUNKS;
        bool valid = first + row < count;
        const u16* from = valid ? rows + ((u64)(first + row) * stride) + (chunk * 8) : rows;
        copy_async16((u8*)place_of(tile, row, chunk), from, valid);
    }
}

// q, o: [queries of all sequences, heads, HEAD_DIM]; k, v: [keys of all sequences, kv_heads, HEAD_DIM]; query_starts, key_starts:
// [sequences + 1], where each sequence begins; scale: log2(e) / sqrt(HEAD_DIM).
KERNEL BOUNDS(THREADS, 1) ENTRY(const u16* q, const u16* k, const u16* v, u16* o, const int* query_starts, const int* key_starts, int heads, int kv_heads, float scale)
{
    SHARED_BYTES(shared);
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int group = lane / 4;
    const int place = lane % 4;
    const int head = blockIdx.y;
    const int kv_head = head / (heads / kv_heads);
    const int sequence = blockIdx.z;
    const int queries = query_starts[sequence + 1] - query_starts[sequence];
    const int keys = key_starts[sequence + 1] - key_starts[sequence];

    // The last queries see the most keys: they start first.
    const int first_query = (int)(gridDim.x - 1 - blockIdx.x) * ROW_TILE;
    if (first_query >= queries)
        return;
    const int offset = keys - queries;
    const u64 query_stride = (u64)heads * HEAD_DIM;
    const u64 key_stride = (u64)kv_heads * HEAD_DIM;
    q += ((u64)query_starts[sequence] * query_stride) + (head * HEAD_DIM);
    o += ((u64)query_starts[sequence] * query_stride) + (head * HEAD_DIM);
    k += ((u64)key_starts[sequence] * key_stride) + (kv_head * HEAD_DIM);
    v += ((u64)key_starts[sequence] * key_stride) + (kv_head * HEAD_DIM);

    const int row[2] = {first_query + (16 * warp) + group, first_query + (16 * warp) + group + 8};
    u32 query[HEAD_DIM / 16][4];
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 16; i++)
    {
#pragma unroll
        for (int e = 0; e < 4; e++)
        {
            int r = row[e % 2];
            query[i][e] = r < queries ? *(const u32*)(q + (r * query_stride) + (16 * i) + (8 * (e / 2)) + (2 * place)) : 0;
        }
    }

    float out[HEAD_DIM / 8][4];
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 8; i++)
#pragma unroll
        for (int e = 0; e < 4; e++)
            out[i][e] = 0;
    float largest[2] = {MASKED, MASKED};
    float sum[2] = {0, 0};
    const int last_query = min(first_query + ROW_TILE, queries) - 1;
    const int tiles = (last_query + offset) / KEY_TILE + 1;

    auto start = [&](int tile) {
        if (tile < tiles)
        {
            u8* stage = shared + ((tile % STAGES) * 2 * TILE_BYTES);
            copy_rows(stage, k, tile * KEY_TILE, keys, key_stride);
            copy_rows(stage + TILE_BYTES, v, tile * KEY_TILE, keys, key_stride);
        }

        copy_async_commit();
    };

    start(0);
    for (int tile = 0; tile < tiles; tile++)
    {
        start(tile + 1);
        copy_async_wait<1>();
        sync_block();
        const u8* key_tile = shared + ((tile % STAGES) * 2 * TILE_BYTES);
        const u8* value_tile = key_tile + TILE_BYTES;

        float scores[KEY_TILE / 8][4];
#pragma unroll
        for (int j = 0; j < KEY_TILE / 8; j++)
        {
#pragma unroll
            for (int e = 0; e < 4; e++)
                scores[j][e] = 0;
#pragma unroll
            for (int i = 0; i < HEAD_DIM / 32; i++)
            {
                u32 b[4];
                load_matrix4(b, place_of(key_tile, (8 * j) + (lane % 8), (4 * i) + (lane / 8)));
                mma_bf16(scores[j], query[2 * i][0], query[2 * i][1], query[2 * i][2], query[2 * i][3], b[0], b[1]);
                mma_bf16(scores[j], query[(2 * i) + 1][0], query[(2 * i) + 1][1], query[(2 * i) + 1][2], query[(2 * i) + 1][3], b[2], b[3]);
            }
        }

        float top[2] = {largest[0], largest[1]};
        const bool edge = ((tile + 1) * KEY_TILE) - 1 > first_query + (16 * warp) + offset;
#pragma unroll
        for (int j = 0; j < KEY_TILE / 8; j++)
        {
#pragma unroll
            for (int e = 0; e < 4; e++)
            {
                float score = scores[j][e] * scale;
                int key = (tile * KEY_TILE) + (8 * j) + (2 * place) + (e % 2);
                if (edge && key > row[e / 2] + offset)
                    score = MASKED;
                scores[j][e] = score;
                top[e / 2] = fmaxf(top[e / 2], score);
            }
        }

#pragma unroll
        for (int r = 0; r < 2; r++)
        {
            top[r] = fmaxf(top[r], shuffle_xor(top[r], 1));
            top[r] = fmaxf(top[r], shuffle_xor(top[r], 2));
            float shrink = exp2_fast(largest[r] - top[r]);
            largest[r] = top[r];
            sum[r] *= shrink;
#pragma unroll
            for (int i = 0; i < HEAD_DIM / 8; i++)
            {
                out[i][2 * r] *= shrink;
                out[i][(2 * r) + 1] *= shrink;
            }
        }

#pragma unroll
        for (int j = 0; j < KEY_TILE / 8; j++)
        {
#pragma unroll
            for (int e = 0; e < 4; e++)
            {
                scores[j][e] = exp2_fast(scores[j][e] - largest[e / 2]);
                sum[e / 2] += scores[j][e];
            }
        }

#pragma unroll
        for (int j = 0; j < KEY_TILE / 16; j++)
        {
            u32 a0 = pack_bf16(scores[2 * j][0], scores[2 * j][1]);
            u32 a1 = pack_bf16(scores[2 * j][2], scores[2 * j][3]);
            u32 a2 = pack_bf16(scores[(2 * j) + 1][0], scores[(2 * j) + 1][1]);
            u32 a3 = pack_bf16(scores[(2 * j) + 1][2], scores[(2 * j) + 1][3]);
#pragma unroll
            for (int i = 0; i < HEAD_DIM / 16; i++)
            {
                u32 b[4];
                load_matrix4_transposed(b, place_of(value_tile, (16 * j) + (8 * ((lane / 8) % 2)) + (lane % 8), (2 * i) + (lane / 16)));
                mma_bf16(out[2 * i], a0, a1, a2, a3, b[0], b[1]);
                mma_bf16(out[(2 * i) + 1], a0, a1, a2, a3, b[2], b[3]);
            }
        }

        sync_block();
    }

    copy_async_wait<0>();
#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        sum[r] += shuffle_xor(sum[r], 1);
        sum[r] += shuffle_xor(sum[r], 2);
        if (row[r] >= queries)
            continue;
        float inverse = 1.0f / sum[r];
#pragma unroll
        for (int i = 0; i < HEAD_DIM / 8; i++)
            *(u32*)(o + (row[r] * query_stride) + (8 * i) + (2 * place)) = pack_bf16(out[i][2 * r] * inverse, out[i][(2 * r) + 1] * inverse);
    }
}
