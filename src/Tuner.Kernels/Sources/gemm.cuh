// What the matrix products share: y[rows, outputs] = x[rows, inputs] · w[outputs, inputs]ᵀ, the layout of a linear layer's weights.
// Defines: ENTRY the kernel's name; ROW_TILE x COLUMN_TILE the block's part of y; STAGES tiles under way.
#pragma once
#include "primitives.cuh"

// Bytes along k a tile has in every format: 64 elements of bf16, 128 of FP8.
#define TILE_BYTES 128
#define CHUNK_BYTES 16

struct Product
{
    const u8* x;            // [rows, inputs]
    const u8* w;            // [outputs, inputs]
    u16* y;                 // [rows, outputs], bf16
    float* partial;         // [splits, rows, outputs] when splits > 1
    u32* counters;          // one a tile of y, zero before and after, when splits > 1
    const float* row_scale; // [rows], or null: what x was divided by
    float scale;            // what w was divided by
    int rows, outputs, inputs, splits;
};

// The tile of y a block computes. Blocks next to each other share columns of w, so that the second cache serves them.
struct Tile
{
    int row, column, index;
};

DEVICE Tile tile_of_block(int rows, int outputs, int row_tile, int column_tile)
{
    const int group = 8;
    int down = (rows + row_tile - 1) / row_tile;
    int across = (outputs + column_tile - 1) / column_tile;
    int block = blockIdx.x;
    int band = block / (group * across);
    int height = min(group, down - (band * group));
    int inside = block - (band * group * across);
    Tile tile;
    tile.row = ((band * group) + (inside % height)) * row_tile;
    tile.column = (inside / height) * column_tile;
    tile.index = block;
    return tile;
}

// Two neighbouring sums of y, or their part of the sum when k is split over blocks.
DEVICE void put(const Product& p, int split, int row, int column, float first, float second)
{
    if (row >= p.rows || column >= p.outputs)
        return;
    u64 at = ((u64)row * p.outputs) + column;
    bool pair = column + 1 < p.outputs;
    if (p.splits > 1)
    {
        float* to = p.partial + ((u64)split * p.rows * p.outputs) + at;
        to[0] = first;
        if (pair)
            to[1] = second;
        return;
    }

    float scale = p.scale * (p.row_scale ? p.row_scale[row] : 1.0f);
    u32 packed = pack_bf16(first * scale, second * scale);
    if (pair && (at & 1) == 0)
        *(u32*)(p.y + at) = packed;
    else
    {
        p.y[at] = (u16)packed;
        if (pair)
            p.y[at + 1] = (u16)(packed >> 16);
    }
}

// The block that finishes a tile last adds the parts, always in the same order, and leaves the counter as it was.
DEVICE void add_parts(const Product& p, const Tile& tile, int row_tile, int column_tile, int threads)
{
    if (p.splits == 1)
        return;
    __shared__ u32 arrived;
    fence_device();
    sync_block();
    if (threadIdx.x == 0)
        arrived = atomic_increment(p.counters + tile.index);
    sync_block();
    if (arrived + 1 != (u32)p.splits)
        return;
    fence_device();
    for (int i = threadIdx.x; i < row_tile * column_tile; i += threads)
    {
        int row = tile.row + (i / column_tile);
        int column = tile.column + (i % column_tile);
        if (row >= p.rows || column >= p.outputs)
            continue;
        u64 at = ((u64)row * p.outputs) + column;
        float sum = 0;
        for (int split = 0; split < p.splits; split++)
            sum += ((volatile float*)p.partial)[((u64)split * p.rows * p.outputs) + at];
        float scale = p.scale * (p.row_scale ? p.row_scale[row] : 1.0f);
        p.y[at] = (u16)pack_bf16(sum * scale, 0);
    }

    if (threadIdx.x == 0)
        p.counters[tile.index] = 0;
}

// Starts copying `height` rows of one operand, TILE_BYTES from `first_byte` on, into shared memory; beyond the matrix come zeros.
template <int height, int threads, typename Swizzle>
DEVICE void copy_tile(u8* shared, const u8* matrix, int first_row, int rows, u64 row_bytes, int first_byte, Swizzle swizzle)
{
    const int chunks = TILE_BYTES / CHUNK_BYTES;
#pragma unroll
    for (int i = 0; i < (height * chunks) / threads; i++)
    {
        int item = (i * threads) + threadIdx.x;
        int row = item / chunks;
        int chunk = item % chunks;
        int at = first_byte + (chunk * CHUNK_BYTES);
        bool valid = first_row + row < rows && at < (int)row_bytes;
        const u8* from = valid ? matrix + ((u64)(first_row + row) * row_bytes) + at : matrix;
        copy_async16(shared + (row * TILE_BYTES) + (swizzle(row, chunk) * CHUNK_BYTES), from, valid);
    }
}

// The k tiles a block of a split takes: [first, last).
DEVICE void tiles_of_split(int tiles, int splits, int split, int& first, int& last)
{
    first = (int)(((long long)tiles * split) / splits);
    last = (int)(((long long)tiles * (split + 1)) / splits);
}
