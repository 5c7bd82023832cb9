// Matrix product of bf16 activations with four-bit weights: weights cross memory as four bits and become bf16 in registers.
// Defines beside gemm.cuh's: NVFP4 0 or 1; GROUP weights that share a scale; ROW_WARPS x COLUMN_WARPS warps.
// inputs is a multiple of 64 and of GROUP.
#include "gemm.cuh"
#include "four_bit.cuh"

#define THREADS (32 * ROW_WARPS * COLUMN_WARPS)
#define ROW_PIECES (ROW_TILE / ROW_WARPS / 16)
#define COLUMN_PIECES (COLUMN_TILE / COLUMN_WARPS / 8)
// 64 weights of a row are 32 bytes, two chunks.
#define PACKED_BYTES 32
#define STAGE_BYTES ((ROW_TILE * TILE_BYTES) + (COLUMN_TILE * PACKED_BYTES))

struct PairSwizzle
{
    __device__ __forceinline__ int operator()(int row, int chunk) const { return chunk ^ ((row & 1) << 2); }
};

KERNEL BOUNDS(THREADS, 1) ENTRY(const u8* x, const u8* w, const Scale* scales, u16* y, float* partial, u32* counters, float scale, int rows, int outputs, int inputs, int splits)
{
    SHARED_BYTES(shared);
    Product p = {x, w, y, partial, counters, 0, scale, rows, outputs, inputs, splits};
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int group = lane / 4;
    const int place = lane % 4;
    const int warp_row = (warp / COLUMN_WARPS) * (ROW_TILE / ROW_WARPS);
    const int warp_column = (warp % COLUMN_WARPS) * (COLUMN_TILE / COLUMN_WARPS);
    Tile tile = tile_of_block(rows, outputs, ROW_TILE, COLUMN_TILE);
    const u64 packed_bytes = (u64)inputs / 2;
    const int groups = inputs / GROUP;
    int first, last;
    tiles_of_split(inputs / 64, splits, blockIdx.y, first, last);

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
            copy_tile<ROW_TILE, THREADS>(stage, x, tile.row, rows, (u64)inputs * 2, k * TILE_BYTES, PairSwizzle());
            for (int item = threadIdx.x; item < COLUMN_TILE * 2; item += THREADS)
            {
                int row = item / 2;
                bool valid = tile.column + row < outputs;
                const u8* from = valid ? w + ((u64)(tile.column + row) * packed_bytes) + (k * PACKED_BYTES) + ((item % 2) * CHUNK_BYTES) : w;
                copy_async16(stage + (ROW_TILE * TILE_BYTES) + (item * CHUNK_BYTES), from, valid);
            }
        }

        copy_async_commit();
    };

#pragma unroll
    for (int i = 0; i < STAGES - 1; i++)
        start(first + i);

    for (int k = first; k < last; k++)
    {
        // Scales come straight from the caches; asked for before the wait, they arrive during it.
        u32 scale_of[COLUMN_PIECES][2];
#pragma unroll
        for (int j = 0; j < COLUMN_PIECES; j++)
        {
            int column = min(tile.column + warp_column + (8 * j) + group, outputs - 1);
#pragma unroll
            for (int half = 0; half < 2; half++)
                scale_of[j][half] = scale_pair(scales[((u64)column * groups) + (((k * 64) + (32 * half) + (8 * place)) / GROUP)]);
        }

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
                int row = warp_row + (16 * i) + group;
                low[i] = load16(a_tile + (row * TILE_BYTES) + (PairSwizzle()(row, (4 * half) + place) * CHUNK_BYTES));
                high[i] = load16(a_tile + ((row + 8) * TILE_BYTES) + (PairSwizzle()(row + 8, (4 * half) + place) * CHUNK_BYTES));
            }

#pragma unroll
            for (int j = 0; j < COLUMN_PIECES; j++)
            {
                // The lane's eight weights along k: the same eight its 16 bytes of x hold.
                u32 word = *(const u32*)(b_tile + ((warp_column + (8 * j) + group) * PACKED_BYTES) + (16 * half) + (4 * place));
                u32 s = scale_of[j][half];
                u32 b0 = dequantise(word, 0, s), b1 = dequantise(word, 1, s), b2 = dequantise(word, 2, s), b3 = dequantise(word, 3, s);
#pragma unroll
                for (int i = 0; i < ROW_PIECES; i++)
                {
                    mma_bf16(sums[i][j], low[i].x, high[i].x, low[i].y, high[i].y, b0, b1);
                    mma_bf16(sums[i][j], low[i].z, high[i].z, low[i].w, high[i].w, b2, b3);
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
