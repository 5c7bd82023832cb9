// Matrix product with warp-level tensor-core instructions, any GPU since compute capability 8.0 (FP8: 8.9).
// Defines beside gemm.cuh's: FP8 1 for e4m3 operands, else bf16; ROW_WARPS x COLUMN_WARPS warps of a block.
//
// A lane loads 16 consecutive bytes of a row for its share of 64 bytes along k and uses them as the fragments of two instructions.
// The instruction's k is then a permutation of the matrix's, the same one for both operands, which a sum over k does not see.
#include "gemm.cuh"

#define THREADS (32 * ROW_WARPS * COLUMN_WARPS)
#define ROW_PIECES (ROW_TILE / ROW_WARPS / 16)
#define COLUMN_PIECES (COLUMN_TILE / COLUMN_WARPS / 8)
#define STAGE_BYTES ((ROW_TILE + COLUMN_TILE) * TILE_BYTES)

// Eight lanes load at once: four chunks each of two neighbouring rows, which must lie in different banks.
struct PairSwizzle
{
    __device__ __forceinline__ int operator()(int row, int chunk) const { return chunk ^ ((row & 1) << 2); }
};

DEVICE void multiply(float (&d)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1)
{
#if FP8
    mma_e4m3(d, a0, a1, a2, a3, b0, b1);
#else
    mma_bf16(d, a0, a1, a2, a3, b0, b1);
#endif
}

DEVICE u32x4 fragment(const u8* shared, int row, int chunk)
{
    return load16(shared + (row * TILE_BYTES) + (PairSwizzle()(row, chunk) * CHUNK_BYTES));
}

KERNEL BOUNDS(THREADS, 1) ENTRY(const u8* x, const u8* w, u16* y, float* partial, u32* counters, const float* row_scale, float scale, int rows, int outputs, int inputs, int splits)
{
    SHARED_BYTES(shared);
    Product p = {x, w, y, partial, counters, row_scale, scale, rows, outputs, inputs, splits};
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int group = lane / 4;
    const int place = lane % 4;
    const int warp_row = (warp / COLUMN_WARPS) * (ROW_TILE / ROW_WARPS);
    const int warp_column = (warp % COLUMN_WARPS) * (COLUMN_TILE / COLUMN_WARPS);
    Tile tile = tile_of_block(rows, outputs, ROW_TILE, COLUMN_TILE);
    u64 row_bytes = (u64)inputs * (FP8 ? 1 : 2);
    int first, last;
    tiles_of_split((int)((row_bytes + TILE_BYTES - 1) / TILE_BYTES), splits, blockIdx.y, first, last);

    float sums[ROW_PIECES][COLUMN_PIECES][4];
#pragma unroll
    for (int i = 0; i < ROW_PIECES; i++)
#pragma unroll
        for (int j = 0; j < COLUMN_PIECES; j++)
#pragma unroll
            for (int e = 0; e < 4; e++)
                sums[i][j][e] = 0;

    auto start = [&](int k) {
        if (k < last)
        {
            u8* stage = shared + (((k - first) % STAGES) * STAGE_BYTES);
            copy_tile<ROW_TILE, THREADS>(stage, x, tile.row, rows, row_bytes, k * TILE_BYTES, PairSwizzle());
            copy_tile<COLUMN_TILE, THREADS>(stage + (ROW_TILE * TILE_BYTES), w, tile.column, outputs, row_bytes, k * TILE_BYTES, PairSwizzle());
        }

        copy_async_commit();
    };

#pragma unroll
    for (int i = 0; i < STAGES - 1; i++)
        start(first + i);

    for (int k = first; k < last; k++)
    {
        copy_async_wait<STAGES - 2>();
        sync_block();
        start(k + STAGES - 1);
        const u8* a_tile = shared + (((k - first) % STAGES) * STAGE_BYTES);
        const u8* b_tile = a_tile + (ROW_TILE * TILE_BYTES);
#pragma unroll
        for (int half = 0; half < 2; half++)
        {
            u32x4 low[ROW_PIECES], high[ROW_PIECES];
#pragma unroll
            for (int i = 0; i < ROW_PIECES; i++)
            {
                low[i] = fragment(a_tile, warp_row + (16 * i) + group, (4 * half) + place);
                high[i] = fragment(a_tile, warp_row + (16 * i) + group + 8, (4 * half) + place);
            }

#pragma unroll
            for (int j = 0; j < COLUMN_PIECES; j++)
            {
                u32x4 b = fragment(b_tile, warp_column + (8 * j) + group, (4 * half) + place);
#pragma unroll
                for (int i = 0; i < ROW_PIECES; i++)
                {
                    multiply(sums[i][j], low[i].x, high[i].x, low[i].y, high[i].y, b.x, b.y);
                    multiply(sums[i][j], low[i].z, high[i].z, low[i].w, high[i].w, b.z, b.w);
                }
            }
        }
    }

    copy_async_wait<0>();
#pragma unroll
    for (int i = 0; i < ROW_PIECES; i++)
    {
#pragma unroll
        for (int j = 0; j < COLUMN_PIECES; j++)
        {
            int row = tile.row + warp_row + (16 * i) + group;
            int column = tile.column + warp_column + (8 * j) + (2 * place);
            put(p, blockIdx.y, row, column, sums[i][j][0], sums[i][j][1]);
            put(p, blockIdx.y, row + 8, column, sums[i][j][2], sums[i][j][3]);
        }
    }

    add_parts(p, tile, ROW_TILE, COLUMN_TILE, THREADS);
}
