// Copies whole cache blocks between pools, either of which may be pinned host memory. Defines: ENTRY; THREADS of a block.
// block_bytes is a multiple of 16. Grid: blocks to copy, and as many thread blocks along y as share one.
#include "primitives.cuh"

KERNEL BOUNDS(THREADS, 1) ENTRY(const u8* source, u8* target, const int* from, const int* to, u64 block_bytes)
{
    const u8* read = source + ((u64)from[blockIdx.x] * block_bytes);
    u8* write = target + ((u64)to[blockIdx.x] * block_bytes);
    const u64 stride = (u64)gridDim.y * THREADS * 16;
    u64 at = (((u64)blockIdx.y * THREADS) + threadIdx.x) * 16;

    // Four reads under way hide the link's latency.
    for (; at + (3 * stride) < block_bytes; at += 4 * stride)
    {
        u32x4 a = load16_once(read + at), b = load16_once(read + at + stride), c = load16_once(read + at + (2 * stride)), d = load16_once(read + at + (3 * stride));
        store16(write + at, a);
        store16(write + at + stride, b);
        store16(write + at + (2 * stride), c);
        store16(write + at + (3 * stride), d);
    }

    for (; at < block_bytes; at += stride)
        store16(write + at, load16_once(read + at));
}
