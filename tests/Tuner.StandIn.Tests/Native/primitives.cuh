// The functions of Sources/primitives.cuh in terms of the emulator. Fragment layouts are written out element by element from the PTX
// ISA's tables, not taken from the kernels.
#pragma once
#include "emulator.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct alignas(16) u32x4 { u32 x, y, z, w; };
struct alignas(8) u32x2 { u32 x, y; };

#define DEVICE static inline
#define KERNEL static void
#define BOUNDS(threads, blocks)
#define SHARED_BYTES(name) u8* name = emu::shared

DEVICE void copy_async16(void* shared, const void* global, bool valid)
{
    if (((u64)shared | (u64)global) % 16 != 0)
        emu::fail("a copy of 16 bytes is not aligned");
    memset(shared, 0xff, 16);
    emu::threads[emu::current].open.copies.push_back({shared, global, valid});
}

DEVICE void copy_async_commit()
{
    emu::Thread& t = emu::threads[emu::current];
    t.groups.push_back(std::move(t.open));
    t.open = {};
}

template <int pending>
DEVICE void copy_async_wait()
{
    emu::Thread& t = emu::threads[emu::current];
    while ((int)t.groups.size() > pending)
    {
        for (emu::Copy& c : t.groups.front().copies)
        {
            if (c.valid)
                memcpy(c.to, c.from, 16);
            else
                memset(c.to, 0, 16);
        }

        t.groups.pop_front();
    }
}

template <bool transposed>
DEVICE void load_matrix(u32 (&d)[4], const void* row)
{
    struct Part { const u16* row; u32* d; } mine = {(const u16*)row, d};
    if ((u64)row % 16 != 0)
        emu::fail("a row of ldmatrix is not aligned");
    emu::collective(mine, [](Part** all) {
        for (int m = 0; m < 4; m++)
        {
            for (int t = 0; t < 32; t++)
            {
                u32 low, high;
                if (transposed)
                {
                    low = all[(8 * m) + (2 * (t % 4))]->row[t / 4];
                    high = all[(8 * m) + (2 * (t % 4)) + 1]->row[t / 4];
                }
                else
                {
                    low = all[(8 * m) + (t / 4)]->row[2 * (t % 4)];
                    high = all[(8 * m) + (t / 4)]->row[(2 * (t % 4)) + 1];
                }

                all[t]->d[m] = low | (high << 16);
            }
        }
    });
}

DEVICE void load_matrix4(u32 (&d)[4], const void* row) { load_matrix<false>(d, row); }
DEVICE void load_matrix4_transposed(u32 (&d)[4], const void* row) { load_matrix<true>(d, row); }

// mma.m16n8k16 of 16-bit and m16n8k32 of 8-bit elements. Element i of register r: A row lane/4 (+8 for r 1 and 3), k the lane's first
// element (lane % 4) · per register + i (+ half of k for r 2 and 3); B column lane/4, k likewise (+ half for r 1).
template <typename Value>
DEVICE void mma(float (&d)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1, int each, Value value)
{
    struct Part { u32 a[4]; u32 b[2]; float* d; } mine = {{a0, a1, a2, a3}, {b0, b1}, d};
    emu::collective(mine, [&](Part** all) {
        float a[16][32], b[32][8];
        int bits = 32 / each, half = 4 * each;
        for (int t = 0; t < 32; t++)
        {
            for (int r = 0; r < 4; r++)
                for (int i = 0; i < each; i++)
                    a[(t / 4) + (8 * (r % 2))][((t % 4) * each) + i + (half * (r / 2))] = value(all[t]->a[r] >> (bits * i));
            for (int r = 0; r < 2; r++)
                for (int i = 0; i < each; i++)
                    b[((t % 4) * each) + i + (half * r)][t / 4] = value(all[t]->b[r] >> (bits * i));
        }

        for (int t = 0; t < 32; t++)
        {
            for (int e = 0; e < 4; e++)
            {
                int row = (t / 4) + (8 * (e / 2)), column = (2 * (t % 4)) + (e % 2);
                float sum = all[t]->d[e];
                for (int k = 0; k < 2 * half; k++)
                    sum += a[row][k] * b[k][column];
                all[t]->d[e] = sum;
            }
        }
    });
}

DEVICE void mma_bf16(float (&d)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1) { mma(d, a0, a1, a2, a3, b0, b1, 2, [](u32 x) { return emu::bf16(x); }); }
DEVICE void mma_f16(float (&d)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1) { mma(d, a0, a1, a2, a3, b0, b1, 2, [](u32 x) { return emu::f16(x & 0xffff); }); }
DEVICE void mma_e4m3(float (&d)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1) { mma(d, a0, a1, a2, a3, b0, b1, 4, [](u32 x) { return emu::e4m3(x & 0xff); }); }

DEVICE float bf16_value(u32 bits) { return emu::bf16(bits); }
DEVICE u32 pack_bf16(float low, float high) { return emu::to_bf16(low) | (emu::to_bf16(high) << 16); }
DEVICE u32 pack_f16(float low, float high) { return emu::to_f16(low) | (emu::to_f16(high) << 16); }
DEVICE u32 pack_e4m3(float low, float high) { return emu::to_e4m3(low) | (emu::to_e4m3(high) << 8); }
DEVICE u32 e4m3_to_f16(u32 pair) { return emu::to_f16(emu::e4m3(pair & 0xff)) | (emu::to_f16(emu::e4m3((pair >> 8) & 0xff)) << 16); }
DEVICE float f16_value(u32 bits) { return emu::f16(bits & 0xffff); }

DEVICE u32 fma_bf16x2(u32 a, u32 b, u32 c)
{
    u32 d = 0;
    for (int i = 0; i < 32; i += 16)
        d |= emu::to_bf16((float)(((double)emu::bf16(a >> i) * emu::bf16(b >> i)) + emu::bf16(c >> i))) << i;
    return d;
}

DEVICE u32 pick_bytes(u32 a, u32 b, u32 selector)
{
    u64 both = ((u64)b << 32) | a;
    u32 d = 0;
    for (int i = 0; i < 4; i++)
        d |= (u32)((both >> (8 * ((selector >> (4 * i)) & 7))) & 0xff) << (8 * i);
    return d;
}

DEVICE float exp2_fast(float x) { return std::exp2(x); }
DEVICE float reciprocal_root(float x) { return 1.0f / std::sqrt(x); }

DEVICE float shuffle_xor(float x, int mask)
{
    struct Part { float in, out; } mine = {x, 0};
    emu::collective(mine, [&](Part** all) {
        for (int t = 0; t < 32; t++)
            all[t]->out = all[t ^ mask]->in;
    });
    return mine.out;
}

DEVICE void sync_warp() { emu::meet(emu::warp_barriers[emu::warp()], 32, [] {}); }
DEVICE void sync_block() { emu::meet(emu::block_barrier, (int)emu::threads.size(), [] {}); }
DEVICE void fence_device() {}
DEVICE u32 atomic_increment(u32* counter) { return (*counter)++; }

DEVICE u32x4 load16(const void* pointer)
{
    if ((u64)pointer % 16 != 0)
        emu::fail("a load of 16 bytes is not aligned");
    return *(const u32x4*)pointer;
}

DEVICE void store16(void* pointer, u32x4 value)
{
    if ((u64)pointer % 16 != 0)
        emu::fail("a store of 16 bytes is not aligned");
    *(u32x4*)pointer = value;
}

DEVICE u32x4 load16_once(const void* pointer) { return load16(pointer); }

// wgmma's shared-memory operands: 14 bits of address in units of 16 bytes, the stride between groups of eight rows at bit 32, the
// swizzle at bit 62. Row r, byte c of an operand lies at start + r / 8 · stride + r % 8 · 128 + c, its bits 4 to 6 xor bits 7 to 9.
DEVICE u64 matrix_descriptor(const void* shared)
{
    u64 offset = (u64)((const u8*)shared - emu::shared);
    if (offset % 1024 != 0)
        emu::fail("an operand of wgmma does not begin at an atom");
    return ((offset & 0x3ffff) >> 4) | (1ull << 16) | ((u64)(1024 >> 4) << 32) | (1ull << 62);
}

DEVICE void fence_async_proxy() {}
DEVICE void wgmma_fence() {}

DEVICE float operand(u64 descriptor, int row, int k, bool fp8)
{
    u64 start = (descriptor & 0x3fff) << 4, stride = ((descriptor >> 32) & 0x3fff) << 4;
    if (descriptor >> 62 != 1)
        emu::fail("only the swizzle of 128 bytes is emulated");
    u64 at = start + ((u64)(row / 8) * stride) + ((u64)(row % 8) * 128) + (u64)(k * (fp8 ? 1 : 2));
    at ^= ((at >> 7) & 7) << 4;
    return fp8 ? emu::e4m3(emu::shared[at]) : emu::bf16(*(const u16*)(emu::shared + at));
}

template <int half>
DEVICE void wgmma(float (&d)[half], u64 a, u64 b, bool accumulate, bool fp8)
{
    emu::Product p = {a, b, 2 * half, fp8, accumulate, d};
    emu::threads[emu::current].products.push_back(p);
}

template <int half>
DEVICE void wgmma_bf16(float (&d)[half], u64 a, u64 b, bool accumulate) { wgmma(d, a, b, accumulate, false); }
template <int half>
DEVICE void wgmma_e4m3(float (&d)[half], u64 a, u64 b, bool accumulate) { wgmma(d, a, b, accumulate, true); }

DEVICE void wgmma_commit()
{
    emu::Thread& t = emu::threads[emu::current];
    t.product_groups.push_back(t.products.size());
}

// Lane t of warp w holds of D, in register 4 j + 2 h + e, row 16 w + t / 4 + 8 h and column 8 j + 2 (t % 4) + e.
DEVICE void wgmma_execute(int first, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
    {
        emu::Product& p = emu::threads[first].products[i];
        int depth = p.fp8 ? 32 : 16;
        std::vector<float> a(64 * depth), b(p.columns * depth);
        for (int row = 0; row < 64; row++)
            for (int k = 0; k < depth; k++)
                a[(row * depth) + k] = operand(p.a, row, k, p.fp8);
        for (int column = 0; column < p.columns; column++)
            for (int k = 0; k < depth; k++)
                b[(column * depth) + k] = operand(p.b, column, k, p.fp8);
        for (int thread = 0; thread < 128; thread++)
        {
            emu::Product& own = emu::threads[first + thread].products[i];
            if (own.a != p.a || own.b != p.b)
                emu::fail("the threads of a warpgroup bring different operands");
            int t = thread % 32, w = thread / 32;
            for (int r = 0; r < p.columns / 2; r++)
            {
                int row = (16 * w) + (t / 4) + (8 * ((r / 2) % 2)), column = (8 * (r / 4)) + (2 * (t % 4)) + (r % 2);
                float sum = p.accumulate ? own.d[r] : 0;
                for (int k = 0; k < depth; k++)
                    sum += a[(row * depth) + k] * b[(column * depth) + k];
                own.d[r] = sum;
            }
        }
    }
}

template <int pending>
DEVICE void wgmma_wait()
{
    int group = emu::current / 128;
    emu::meet(emu::group_barriers[group], 128, [&] {
        emu::Thread& t = emu::threads[group * 128];
        int groups = (int)t.product_groups.size() - pending;
        size_t to = groups > 0 ? t.product_groups[groups - 1] : 0;
        wgmma_execute(group * 128, emu::warpgroups[group].executed, std::max(to, emu::warpgroups[group].executed));
        emu::warpgroups[group].executed = std::max(to, emu::warpgroups[group].executed);
    });
}
