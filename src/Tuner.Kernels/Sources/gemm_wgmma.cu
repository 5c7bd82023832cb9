// Matrix product with Hopper's warpgroup instructions (sm_90a): operands stay in shared memory, two warpgroups of 64 rows each.
// Defines beside gemm.cuh's: FP8 1 for e4m3 operands, else bf16. ROW_TILE is 64 for each warpgroup; COLUMN_TILE 64, 128 or 256.
//
// Copies are cp.async, three or more tiles ahead. A buffer is filled again two steps after it was read: by then every warpgroup has
// waited for its products and passed a barrier.
#define WGMMA
#include "gemm.cuh"

#define GROUPS (ROW_TILE / 64)
#define THREADS (128 * GROUPS)
#define STAGE_BYTES ((ROW_TILE + COLUMN_TILE) * TILE_BYTES)
#define AHEAD (STAGES - 2)
#define SUMS (COLUMN_TILE / 2)

// The 128-byte swizzle the descriptor promises: chunk bits xor row bits.
struct WideSwizzle
{
    __device__ __forceinline__ int operator()(int row, int chunk) const { return chunk ^ (row & 7); }
};

KERNEL BOUNDS(THREADS, 1) ENTRY(const u8* x, const u8* w, u16* y, float* partial, u32* counters, const float* row_scale, float scale, int rows, int outputs, int inputs, int splits)
{
    SHARED_BYTES(shared);
    Product p = {x, w, y, partial, counters, row_scale, scale, rows, outputs, inputs, splits};
    const int warpgroup = threadIdx.x / 128;
    Tile tile = tile_of_block(rows, outputs, ROW_TILE, COLUMN_TILE);
    u64 row_bytes = (u64)inputs * (FP8 ? 1 : 2);
    int first, last;
    tiles_of_split((int)((row_bytes + TILE_BYTES - 1) / TILE_BYTES), splits, blockIdx.y, first, last);

    float sums[SUMS];
#pragma unroll
    for (int i = 0; i < SUMS; i++)
        sums[i] = 0;

    auto start = [&](int k) {
        if (k < last)
        {
            u8* stage = shared + (((k - first) % STAGES) * STAGE_BYTES);
            copy_tile<ROW_TILE, THREADS>(stage, x, tile.row, rows, row_bytes, k * TILE_BYTES, WideSwizzle());
            copy_tile<COLUMN_TILE, THREADS>(stage + (ROW_TILE * TILE_BYTES), w, tile.column, outputs, row_bytes, k * TILE_BYTES, WideSwizzle());
        }

        copy_async_commit();
    };

#pragma unroll
    for (int i = 0; i < AHEAD; i++)
        start(first + i);

    for (int k = first; k < last; k++)
    {
        copy_async_wait<AHEAD - 1>();
        fence_async_proxy();
        sync_block();
        const u8* a_tile = shared + (((k - first) % STAGES) * STAGE_BYTES);
        u64 a = matrix_descriptor(a_tile + (warpgroup * 64 * TILE_BYTES));
        u64 b = matrix_descriptor(a_tile + (ROW_TILE * TILE_BYTES));
        wgmma_fence();
#pragma unroll
        for (int step = 0; step < 4; step++)
        {
            // 32 bytes along k are two units of a descriptor's address.
#if FP8
            wgmma_e4m3(sums, a + (2 * step), b + (2 * step), true);
#else
            wgmma_bf16(sums, a + (2 * step), b + (2 * step), true);
#endif
        }

        wgmma_commit();
        start(k + AHEAD);
        wgmma_wait<1>();
    }

    wgmma_wait<0>();
    copy_async_wait<0>();
    const int lane = threadIdx.x % 32;
    const int row = tile.row + (warpgroup * 64) + (((threadIdx.x / 32) % 4) * 16) + (lane / 4);
#pragma unroll
    for (int j = 0; j < COLUMN_TILE / 8; j++)
    {
        int column = tile.column + (8 * j) + (2 * (lane % 4));
        put(p, blockIdx.y, row, column, sums[4 * j], sums[(4 * j) + 1]);
        put(p, blockIdx.y, row + 8, column, sums[(4 * j) + 2], sums[(4 * j) + 3]);
    }

    add_parts(p, tile, ROW_TILE, COLUMN_TILE, THREADS);
}
