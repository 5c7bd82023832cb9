// bf16 rows to FP8 (e4m3) with one scale a row, and back: activations before an FP8 product, and a KV cache's compression, whose rows
// are a token's keys or values of one head. Defines: ENTRY; RESTORE 0 to quantise, 1 to restore; THREADS of a block; ROW_THREADS that
// take a row, 32 or all of them.
// width is a multiple of 8; scale = largest magnitude / 448, 1 for a row of zeros.
#include "primitives.cuh"

#if RESTORE
KERNEL BOUNDS(THREADS, 1) ENTRY(const u8* x, const float* scales, u16* y, int rows, int width)
{
    const u64 row = (blockIdx.x * (THREADS / ROW_THREADS)) + (threadIdx.x / ROW_THREADS);
    if (row >= (u64)rows)
        return;
    const float scale = scales[row];
    for (int i = (threadIdx.x % ROW_THREADS) * 8; i < width; i += ROW_THREADS * 8)
    {
        u32x2 bytes = *(const u32x2*)(x + (row * width) + i);
        u32 words[2] = {bytes.x, bytes.y};
        u32 pairs[4];
#pragma unroll
        for (int pair = 0; pair < 4; pair++)
        {
            u32 halves = e4m3_to_f16((words[pair / 2] >> (16 * (pair % 2))) & 0xffffu);
            pairs[pair] = pack_bf16(f16_value(halves & 0xffffu) * scale, f16_value(halves >> 16) * scale);
        }

        store16(y + (row * width) + i, {pairs[0], pairs[1], pairs[2], pairs[3]});
    }
}
#else
KERNEL BOUNDS(THREADS, 1) ENTRY(const u16* x, u8* y, float* scales, int rows, int width)
{
    const u64 row = (blockIdx.x * (THREADS / ROW_THREADS)) + (threadIdx.x / ROW_THREADS);
    if (row >= (u64)rows)
        return;
    float largest = 0;
    for (int i = (threadIdx.x % ROW_THREADS) * 8; i < width; i += ROW_THREADS * 8)
    {
        u32x4 eight = load16(x + (row * width) + i);
        u32 words[4] = {eight.x, eight.y, eight.z, eight.w};
#pragma unroll
        for (int word = 0; word < 4; word++)
            largest = fmaxf(largest, fmaxf(fabsf(bf16_value(words[word] & 0xffffu)), fabsf(bf16_value(words[word] >> 16))));
    }

    for (int mask = 16; mask > 0; mask /= 2)
        largest = fmaxf(largest, shuffle_xor(largest, mask));
#if ROW_THREADS > 32
    __shared__ float parts[THREADS / 32];
    if (threadIdx.x % 32 == 0)
        parts[threadIdx.x / 32] = largest;
    sync_block();
    for (int i = 0; i < THREADS / 32; i++)
        largest = fmaxf(largest, parts[i]);
#endif
    const float scale = largest == 0 ? 1.0f : largest / 448.0f;
    const float inverse = 1.0f / scale;
    if (threadIdx.x % ROW_THREADS == 0)
        scales[row] = scale;
    for (int i = (threadIdx.x % ROW_THREADS) * 8; i < width; i += ROW_THREADS * 8)
    {
        u32x4 eight = load16(x + (row * width) + i);
        u32 words[4] = {eight.x, eight.y, eight.z, eight.w};
        u32 pairs[4];
#pragma unroll
        for (int word = 0; word < 4; word++)
            pairs[word] = pack_e4m3(bf16_value(words[word] & 0xffffu) * inverse, bf16_value(words[word] >> 16) * inverse);
        u32x2 packed = {pairs[0] | (pairs[1] << 16), pairs[2] | (pairs[3] << 16)};
        *(u32x2*)(y + (row * width) + i) = packed;
    }
}
#endif
