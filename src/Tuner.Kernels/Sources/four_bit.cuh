// Four-bit weights, dequantised in registers to bf16.
//
// Packing, both formats: eight consecutive weights along k are one 32-bit word, the even ones in nibbles 0 to 3 and the odd ones in
// 4 to 7, so that one mask takes out a neighbouring pair. Words of a row of w follow each other: [outputs, inputs / 8].
// INT4: value = (nibble - 8) · s, one bf16 scale for GROUP weights, rounded to bf16.
// NVFP4: value = e2m1(nibble) · s, one e4m3 scale for 16 weights, exact in bf16; the tensor's own scale comes at the end.
#pragma once
#include "primitives.cuh"

#if NVFP4
typedef u8 Scale;
#else
typedef u16 Scale;
#endif

// A scale in both halves of a word, as bf16.
DEVICE u32 scale_pair(Scale scale)
{
#if NVFP4
    float value = f16_value(e4m3_to_f16(scale));
    return pack_bf16(value, value);
#else
    return (u32)scale | ((u32)scale << 16);
#endif
}

// Weights 2 · pair and 2 · pair + 1 of a word.
DEVICE u32 dequantise(u32 word, int pair, u32 scale)
{
    u32 nibbles = word >> (4 * pair);
    const u32 minus_zero = 0x80008000u;
#if NVFP4
    // Exponent and mantissa where bf16 has its lowest three: a value 2^126 too small, subnormals included.
    u32 small = ((nibbles & 0x00080008u) << 12) | ((nibbles & 0x00070007u) << 6);
    u32 value = fma_bf16x2(small, 0x7e807e80u, minus_zero);
#else
    // 0x4300 is 128, whose last place is 1: 128 + nibble, less 136.
    u32 value = fma_bf16x2((nibbles & 0x000f000fu) | 0x43004300u, 0x3f803f80u, 0xc308c308u);
#endif
    return fma_bf16x2(value, scale, minus_zero);
}
