// What a transformer layer does between its products, bf16 with 32-bit arithmetic.
// Defines: ENTRY; OPERATION 0 root-mean-square norm with residual, 1 rotary embedding, 2 gated activation; THREADS of a block.
#include "primitives.cuh"

#if OPERATION == 0
// residual += x, then y = residual / rms(residual) · gain (Zhang and Sennrich, arXiv:1910.07467). One block a row; width a multiple of 8.
KERNEL BOUNDS(THREADS, 1) ENTRY(const u16* x, u16* residual, const u16* gain, u16* y, int width, float epsilon)
{
    __shared__ float parts[THREADS / 32];
    const u64 at = (u64)blockIdx.x * width;
    float squares = 0;
    for (int i = threadIdx.x * 8; i < width; i += THREADS * 8)
    {
        u32x4 a = load16(x + at + i);
        u32x4 b = load16(residual + at + i);
        u32 xs[4] = {a.x, a.y, a.z, a.w};
        u32 rs[4] = {b.x, b.y, b.z, b.w};
        u32 sums[4];
#pragma unroll
        for (int word = 0; word < 4; word++)
        {
            sums[word] = pack_bf16(bf16_value(xs[word] & 0xffffu) + bf16_value(rs[word] & 0xffffu), bf16_value(xs[word] >> 16) + bf16_value(rs[word] >> 16));
            float low = bf16_value(sums[word] & 0xffffu), high = bf16_value(sums[word] >> 16);
            squares += (low * low) + (high * high);
        }

        store16(residual + at + i, {sums[0], sums[1], sums[2], sums[3]});
    }

    for (int mask = 16; mask > 0; mask /= 2)
        squares += shuffle_xor(squares, mask);
    if (threadIdx.x % 32 == 0)
        parts[threadIdx.x / 32] = squares;
    sync_block();
    float total = 0;
    for (int i = 0; i < THREADS / 32; i++)
        total += parts[i];
    const float factor = reciprocal_root((total / width) + epsilon);

    // Each thread reads what it wrote itself.
    for (int i = threadIdx.x * 8; i < width; i += THREADS * 8)
    {
        u32x4 b = load16(residual + at + i);
        u32x4 g = load16(gain + i);
        u32 rs[4] = {b.x, b.y, b.z, b.w};
        u32 gs[4] = {g.x, g.y, g.z, g.w};
        u32 ys[4];
#pragma unroll
        for (int word = 0; word < 4; word++)
            ys[word] = pack_bf16(bf16_value(rs[word] & 0xffffu) * factor * bf16_value(gs[word] & 0xffffu), bf16_value(rs[word] >> 16) * factor * bf16_value(gs[word] >> 16));
        store16(y + at + i, {ys[0], ys[1], ys[2], ys[3]});
    }
}
#elif OPERATION == 1
// Rotates element i of each head against element i + head_dim / 2, in place (Su et al., arXiv:2104.09864, as Llama lays it out).
// x: [rows, heads, head_dim]; positions: [rows]; table: [positions, head_dim / 2] pairs of cosine and sine. One block a row.
KERNEL BOUNDS(THREADS, 1) ENTRY(u16* x, const int* positions, const float* table, int heads, int head_dim)
{
    const int half = head_dim / 2;
    const float* angles = table + ((u64)positions[blockIdx.x] * head_dim);
    u16* row = x + ((u64)blockIdx.x * heads * head_dim);
    for (int i = threadIdx.x; i < heads * half; i += THREADS)
    {
        int at = ((i / half) * head_dim) + (i % half);
        float cosine = angles[2 * (i % half)], sine = angles[(2 * (i % half)) + 1];
        float a = bf16_value(row[at]), b = bf16_value(row[at + half]);
        u32 rotated = pack_bf16((a * cosine) - (b * sine), (b * cosine) + (a * sine));
        row[at] = (u16)rotated;
        row[at + half] = (u16)(rotated >> 16);
    }
}
#else
// y = silu(gate) · up (Shazeer, arXiv:2002.05202). x: [rows, 2, width], gate first; y: [rows, width]; width a multiple of 8. Grid: rows,
// and as many blocks along y as share a row.
KERNEL BOUNDS(THREADS, 1) ENTRY(const u16* x, u16* y, int width)
{
    const u64 row = blockIdx.x;
    for (int i = ((blockIdx.y * THREADS) + threadIdx.x) * 8; i < width; i += (int)gridDim.y * THREADS * 8)
    {
        u32x4 a = load16(x + (row * 2 * width) + i);
        u32x4 b = load16(x + (((row * 2) + 1) * width) + i);
        u32 gs[4] = {a.x, a.y, a.z, a.w};
        u32 us[4] = {b.x, b.y, b.z, b.w};
        u32 ys[4];
#pragma unroll
        for (int word = 0; word < 4; word++)
        {
            float low = bf16_value(gs[word] & 0xffffu), high = bf16_value(gs[word] >> 16);
            const float log2e = 1.4426950408889634f;
            ys[word] = pack_bf16(low / (1.0f + exp2_fast(-low * log2e)) * bf16_value(us[word] & 0xffffu), high / (1.0f + exp2_fast(-high * log2e)) * bf16_value(us[word] >> 16));
        }

        store16(y + (row * width) + i, {ys[0], ys[1], ys[2], ys[3]});
    }
}
#endif
