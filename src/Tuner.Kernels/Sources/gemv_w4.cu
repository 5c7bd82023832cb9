// Few rows of bf16 times four-bit weights without tensor cores: one warp for each column of y, 16 bytes of weights a lane at once.
// Defines: ENTRY; NVFP4 0 or 1; GROUP weights that share a scale; ROWS the most rows; WARPS of a block.
// inputs is a multiple of 32 and of GROUP.
#include "four_bit.cuh"

KERNEL BOUNDS(32 * WARPS, 1) ENTRY(const u16* x, const u8* w, const Scale* scales, u16* y, float scale, int rows, int outputs, int inputs)
{
    const int lane = threadIdx.x % 32;
    const int column = (blockIdx.x * WARPS) + (threadIdx.x / 32);
    if (column >= outputs)
        return;
    const u8* weights = w + ((u64)column * (inputs / 2));
    const Scale* own = scales + ((u64)column * (inputs / GROUP));
    float sums[ROWS];
#pragma unroll
    for (int row = 0; row < ROWS; row++)
        sums[row] = 0;

    for (int k = 32 * lane; k < inputs; k += 32 * 32)
    {
        u32x4 packed = load16_once(weights + (k / 2));
        u32 words[4] = {packed.x, packed.y, packed.z, packed.w};
#pragma unroll
        for (int word = 0; word < 4; word++)
        {
            u32 s = scale_pair(own[(k + (8 * word)) / GROUP]);
            u32 values[4];
#pragma unroll
            for (int pair = 0; pair < 4; pair++)
                values[pair] = dequantise(words[word], pair, s);
#pragma unroll
            for (int row = 0; row < ROWS; row++)
            {
                if (row >= rows)
                    break;
                u32x4 activations = load16(x + ((u64)row * inputs) + k + (8 * word));
                u32 a[4] = {activations.x, activations.y, activations.z, activations.w};
#pragma unroll
                for (int pair = 0; pair < 4; pair++)
                {
                    sums[row] += bf16_value(a[pair] & 0xffffu) * bf16_value(values[pair] & 0xffffu);
                    sums[row] += bf16_value(a[pair] >> 16) * bf16_value(values[pair] >> 16);
                }
            }
        }
    }

#pragma unroll
    for (int row = 0; row < ROWS; row++)
    {
        float sum = sums[row];
        for (int mask = 16; mask > 0; mask /= 2)
            sum += shuffle_xor(sum, mask);
        if (lane == 0 && row < rows)
            y[((u64)row * outputs) + column] = (u16)pack_bf16(sum * scale, 0);
    }
}
