// Attention of one new token a sequence over a paged cache, bf16 or FP8, contexts split over blocks (Flash-Decoding, Dao et al., 2023;
// PagedAttention, Kwon et al., arXiv:2309.06180).
// Defines: ENTRY; HEAD_DIM 64 or 128; FP8 0 or 1; WARPS of a block; STAGES cache blocks a warp has under way.
//
// Cache: [blocks, kv_heads, 16, HEAD_DIM], keys and values apart; FP8 with one scale a token and head, [blocks, kv_heads, 16].
// A block of threads takes one sequence, one key/value head and one part of the context, for all query heads of the group (at most
// 16: the rows of one tensor-core tile). Warps take every WARPS-th cache block, each with a softmax of its own, and merge at the end.
//
// Sums over a head's width and over tokens do not see their order: a lane uses whatever 16 bytes it loads as the fragments it needs,
// and the columns of the result are put back in place when written.
#include "primitives.cuh"

#define THREADS (32 * WARPS)
#define BLOCK_TOKENS 16
#define ELEMENT (FP8 ? 1 : 2)
#define PITCH (HEAD_DIM * ELEMENT)
#define CHUNKS (PITCH / 16)
#define CACHE_BYTES (BLOCK_TOKENS * PITCH)
#define SCALE_BYTES (FP8 ? BLOCK_TOKENS * 4 : 0)
#define STAGE_BYTES (2 * (CACHE_BYTES + SCALE_BYTES))
// Steps of 16 along the head's width that 16 bytes of a key feed.
#define KEY_STEPS (16 / ELEMENT / 4)
#define KEY_BLOCKS (PITCH / 64)
// Bytes of a value's row a lane loads at once: eight lanes take a row together.
#define VALUE_BYTES (PITCH / 8 < 16 ? PITCH / 8 : 16)
#define VALUE_ELEMENTS (VALUE_BYTES / ELEMENT)
#define VALUE_BLOCKS (PITCH / (8 * VALUE_BYTES))
#define MASKED -1e30f
// Keeps weights times value scales in the middle of what 16 bits hold.
#define LIFT (FP8 ? 256.0f : 1.0f)

DEVICE int key_place(int row, int chunk) { return (row * PITCH) + ((CHUNKS >= 8 ? chunk ^ ((row & 1) << 2) : chunk) * 16); }
DEVICE int value_place(int row, int chunk) { return (row * PITCH) + ((CHUNKS >= 8 ? chunk ^ (((row >> 1) & 3) << 1) : chunk) * 16); }

DEVICE void multiply(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1)
{
#if FP8
    mma_f16(d, a[0], a[1], a[2], a[3], b0, b1);
#else
    mma_bf16(d, a[0], a[1], a[2], a[3], b0, b1);
#endif
}

DEVICE u32 pack(float low, float high)
{
#if FP8
    return pack_f16(low, high);
#else
    return pack_bf16(low, high);
#endif
}

// Two neighbouring elements of a query as the tensor cores take them.
DEVICE u32 query_pair(const u16* q)
{
    u32 bits = *(const u32*)q;
#if FP8
    return pack_f16(bf16_value(bits & 0xffffu), bf16_value(bits >> 16));
#else
    return bits;
#endif
}

// q, o: [sequences, heads, HEAD_DIM]; tables: [sequences, width]; contexts: [sequences]; partial: [sequences, kv_heads, splits, 16,
// HEAD_DIM + 2] and counters: [sequences, kv_heads], zero before and after, when splits > 1; scale: log2(e) / sqrt(HEAD_DIM).
KERNEL BOUNDS(THREADS, 1) ENTRY(const u16* q, const u8* keys, const u8* values, const float* key_scales, const float* value_scales, const int* tables, const int* contexts, u16* o, float* partial, u32* counters, int heads, int kv_heads, int width, int splits, float scale)
{
    SHARED_BYTES(shared);
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int group = lane / 4;
    const int place = lane % 4;
    const int split = blockIdx.x;
    const int kv_head = blockIdx.y;
    const int sequence = blockIdx.z;
    const int rows = heads / kv_heads;
    const int context = contexts[sequence];
    const int blocks = (context + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    const int first = (int)(((long long)blocks * split) / splits);
    const int last = (int)(((long long)blocks * (split + 1)) / splits);
    const int* table = tables + ((u64)sequence * width);
    const u64 query_at = (((u64)sequence * heads) + (kv_head * rows)) * HEAD_DIM;

    u32 query[KEY_BLOCKS][KEY_STEPS][4];
#pragma unroll
    for (int block = 0; block < KEY_BLOCKS; block++)
    {
#pragma unroll
        for (int step = 0; step < KEY_STEPS; step++)
        {
#pragma unroll
            for (int e = 0; e < 4; e++)
            {
                int row = group + (8 * (e % 2));
                int at = ((64 / ELEMENT) * block) + ((16 / ELEMENT) * place) + (4 * step) + (2 * (e / 2));
                query[block][step][e] = row < rows ? query_pair(q + query_at + (row * HEAD_DIM) + at) : 0;
            }
        }
    }

    u8* mine = shared + (warp * STAGES * STAGE_BYTES);
    auto start = [&](int item) {
        int index = first + warp + (item * WARPS);
        if (index < last)
        {
            u8* stage = mine + ((item % STAGES) * STAGE_BYTES);
            u64 row = (((u64)table[index] * kv_heads) + kv_head) * BLOCK_TOKENS;
#pragma unroll
            for (int i = 0; i < (BLOCK_TOKENS * CHUNKS) / 32; i++)
            {
                int at = (i * 32) + lane;
                copy_async16(stage + key_place(at / CHUNKS, at % CHUNKS), keys + (row * PITCH) + (at * 16), true);
                copy_async16(stage + CACHE_BYTES + value_place(at / CHUNKS, at % CHUNKS), values + (row * PITCH) + (at * 16), true);
            }

            if (FP8 && lane < 4)
                copy_async16(stage + (2 * CACHE_BYTES) + (lane * 16), key_scales + row + (lane * 4), true);
            if (FP8 && lane >= 4 && lane < 8)
                copy_async16(stage + (2 * CACHE_BYTES) + SCALE_BYTES + ((lane - 4) * 16), value_scales + row + ((lane - 4) * 4), true);
        }

        copy_async_commit();
    };

    float out[HEAD_DIM / 8][4];
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 8; i++)
#pragma unroll
        for (int e = 0; e < 4; e++)
            out[i][e] = 0;
    float largest[2] = {MASKED, MASKED};
    float sum[2] = {0, 0};

#pragma unroll
    for (int i = 0; i < STAGES - 1; i++)
        start(i);
    for (int item = 0; first + warp + (item * WARPS) < last; item++)
    {
        copy_async_wait<STAGES - 2>();
        sync_warp();
        start(item + STAGES - 1);
        const u8* key_tile = mine + ((item % STAGES) * STAGE_BYTES);
        const u8* value_tile = key_tile + CACHE_BYTES;
        const float* key_scale = (const float*)(key_tile + (2 * CACHE_BYTES));
        const float* value_scale = key_scale + BLOCK_TOKENS;
        const int token = (first + warp + (item * WARPS)) * BLOCK_TOKENS;

        float scores[2][4] = {{0, 0, 0, 0}, {0, 0, 0, 0}};
#pragma unroll
        for (int j = 0; j < 2; j++)
        {
#pragma unroll
            for (int block = 0; block < KEY_BLOCKS; block++)
            {
                u32x4 chunk = load16(key_tile + key_place((8 * j) + group, (4 * block) + place));
                u32 words[4] = {chunk.x, chunk.y, chunk.z, chunk.w};
#pragma unroll
                for (int step = 0; step < KEY_STEPS; step++)
                {
#if FP8
                    multiply(scores[j], query[block][step], e4m3_to_f16(words[step] & 0xffffu), e4m3_to_f16(words[step] >> 16));
#else
                    multiply(scores[j], query[block][step], words[2 * step], words[(2 * step) + 1]);
#endif
                }
            }
        }

        float top[2] = {largest[0], largest[1]};
#pragma unroll
        for (int j = 0; j < 2; j++)
        {
#pragma unroll
            for (int e = 0; e < 4; e++)
            {
                int at = (8 * j) + (2 * place) + (e % 2);
                float score = scores[j][e] * scale;
                if (FP8)
                    score *= key_scale[at];
                scores[j][e] = token + at < context ? score : MASKED;
                top[e / 2] = fmaxf(top[e / 2], scores[j][e]);
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

        u32 weights[4];
#pragma unroll
        for (int j = 0; j < 2; j++)
        {
#pragma unroll
            for (int r = 0; r < 2; r++)
            {
                int at = (8 * j) + (2 * place);
                float p0 = exp2_fast(scores[j][2 * r] - largest[r]);
                float p1 = exp2_fast(scores[j][(2 * r) + 1] - largest[r]);
                sum[r] += p0 + p1;
                if (FP8)
                {
                    p0 *= token + at < context ? value_scale[at] * LIFT : 0;
                    p1 *= token + at + 1 < context ? value_scale[at + 1] * LIFT : 0;
                }

                weights[(2 * j) + r] = pack(p0, p1);
            }
        }

        const int tokens[4] = {2 * place, (2 * place) + 1, (2 * place) + 8, (2 * place) + 9};
#pragma unroll
        for (int block = 0; block < VALUE_BLOCKS; block++)
        {
            u32 piece[4][VALUE_BYTES / 4];
#pragma unroll
            for (int i = 0; i < 4; i++)
            {
                // Slots past the context may hold anything, NaN included, which a weight of 0 does not silence.
                bool seen = token + tokens[i] < context;
                const u8* at = value_tile + value_place(tokens[i], ((block * 8 * VALUE_BYTES) + (group * VALUE_BYTES)) / 16) + ((group * VALUE_BYTES) % 16);
#pragma unroll
                for (int word = 0; word < VALUE_BYTES / 4; word += 2)
                {
                    u32x2 two = *(const u32x2*)(at + (4 * word));
                    piece[i][word] = seen ? two.x : 0;
                    piece[i][word + 1] = seen ? two.y : 0;
                }
            }

#pragma unroll
            for (int word = 0; word < VALUE_BYTES / 4; word++)
            {
#pragma unroll
                for (int part = 0; part < 2; part++)
                {
#if FP8
                    u32 low = pick_bytes(piece[0][word], piece[1][word], part == 0 ? 0x5140 : 0x7362);
                    u32 high = pick_bytes(piece[2][word], piece[3][word], part == 0 ? 0x5140 : 0x7362);
                    int tile = (block * VALUE_ELEMENTS) + (4 * word) + (2 * part);
                    multiply(out[tile], weights, e4m3_to_f16(low & 0xffffu), e4m3_to_f16(high & 0xffffu));
                    multiply(out[tile + 1], weights, e4m3_to_f16(low >> 16), e4m3_to_f16(high >> 16));
#else
                    u32 low = pick_bytes(piece[0][word], piece[1][word], part == 0 ? 0x5410 : 0x7632);
                    u32 high = pick_bytes(piece[2][word], piece[3][word], part == 0 ? 0x5410 : 0x7632);
                    multiply(out[(block * VALUE_ELEMENTS) + (2 * word) + part], weights, low, high);
#endif
                }
            }
        }

        // The next copy into this buffer is issued by lanes that may be ahead.
        sync_warp();
    }

    copy_async_wait<0>();
    sync_block();

    // Each warp's part in shared memory: rows of [HEAD_DIM sums, largest, sum].
    const int part_width = HEAD_DIM + 2;
    float* parts = (float*)shared;
#pragma unroll
    for (int r = 0; r < 2; r++)
    {
        sum[r] += shuffle_xor(sum[r], 1);
        sum[r] += shuffle_xor(sum[r], 2);
        int row = group + (8 * r);
        float* part = parts + (((warp * 16) + row) * part_width);
        if (row < rows)
        {
#pragma unroll
            for (int tile = 0; tile < HEAD_DIM / 8; tile++)
            {
#pragma unroll
                for (int e = 0; e < 2; e++)
                {
                    int column = (2 * place) + e;
                    int at = (8 * VALUE_ELEMENTS * (tile / VALUE_ELEMENTS)) + (VALUE_ELEMENTS * column) + (tile % VALUE_ELEMENTS);
                    part[at] = out[tile][(2 * r) + e] / LIFT;
                }
            }

            if (place == 0)
            {
                part[HEAD_DIM] = largest[r];
                part[HEAD_DIM + 1] = sum[r];
            }
        }
    }

    sync_block();
    const u64 pair = ((u64)sequence * kv_heads) + kv_head;
    for (int i = threadIdx.x; i < rows * HEAD_DIM; i += THREADS)
    {
        int row = i / HEAD_DIM;
        int at = i % HEAD_DIM;
        float top = MASKED;
        for (int w = 0; w < WARPS; w++)
            top = fmaxf(top, parts[(((w * 16) + row) * part_width) + HEAD_DIM]);
        float value = 0, total = 0;
        for (int w = 0; w < WARPS; w++)
        {
            const float* part = parts + (((w * 16) + row) * part_width);
            float weight = exp2_fast(part[HEAD_DIM] - top);
            value += weight * part[at];
            total += weight * part[HEAD_DIM + 1];
        }

        if (splits == 1)
        {
            o[query_at + i] = (u16)pack_bf16(value / total, 0);
            continue;
        }

        float* part = partial + ((((pair * splits) + split) * 16) + row) * part_width;
        part[at] = value;
        if (at == 0)
        {
            part[HEAD_DIM] = top;
            part[HEAD_DIM + 1] = total;
        }
    }

    if (splits == 1)
        return;
    __shared__ u32 arrived;
    fence_device();
    sync_block();
    if (threadIdx.x == 0)
        arrived = atomic_increment(counters + pair);
    sync_block();
    if (arrived + 1 != (u32)splits)
        return;
    fence_device();
    for (int i = threadIdx.x; i < rows * HEAD_DIM; i += THREADS)
    {
        int row = i / HEAD_DIM;
        const volatile float* part = partial + (((pair * splits) * 16) + row) * part_width;
        float top = MASKED;
        for (int s = 0; s < splits; s++)
            top = fmaxf(top, part[(s * 16 * part_width) + HEAD_DIM]);
        float value = 0, total = 0;
        for (int s = 0; s < splits; s++)
        {
            float weight = exp2_fast(part[(s * 16 * part_width) + HEAD_DIM] - top);
            value += weight * part[(s * 16 * part_width) + (i % HEAD_DIM)];
            total += weight * part[(s * 16 * part_width) + HEAD_DIM + 1];
        }

        o[query_at + i] = (u16)pack_bf16(value / total, 0);
    }

    if (threadIdx.x == 0)
        counters[pair] = 0;
}
