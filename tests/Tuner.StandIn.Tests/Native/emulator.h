// A thread block as fibers of one host thread: enough of CUDA to run the kernels and find their mistakes. Copies and products that
// a GPU does in the background happen here at the last moment the program allows, and their targets hold rubbish until then.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

struct Index3 { unsigned x = 0, y = 0, z = 0; };

namespace emu {

struct Copy { void* to; const void* from; bool valid; };
struct CopyGroup { std::vector<Copy> copies; };
struct Product { uint64_t a, b; int columns; bool fp8, accumulate; float* d; };

struct Barrier { int arrived = 0; unsigned generation = 0; };

struct Thread
{
    void* stack_pointer = nullptr;
    char* stack = nullptr;
    bool done = false;
    Index3 index;
    CopyGroup open;
    std::deque<CopyGroup> groups;
    // Where this lane's part of a warp's instruction is.
    const void* slot = nullptr;
    std::vector<Product> products;              // of this lane, in order
    std::vector<size_t> product_groups;         // products.size() at each commit
};

struct Warpgroup { size_t executed = 0; };

extern std::vector<Thread> threads;
extern int current;
extern std::vector<Barrier> warp_barriers, group_barriers;
extern std::vector<Warpgroup> warpgroups;
extern Barrier block_barrier;
extern unsigned char* shared;
extern Index3 block_index, grid_size;

// Lets others go on: the next lane of this warp, or the next thread of the block. A warp thus runs as far ahead of others as
// the program's barriers let it.
void yield(bool within_warp);
[[noreturn]] void fail(const char* what);
void run(Index3 grid, Index3 block, unsigned shared_bytes, const std::function<void()>& kernel);

// Waits until `count` threads are here; the last one does `work` for all.
template <typename Work>
void meet(Barrier& barrier, int count, Work work)
{
    unsigned generation = barrier.generation;
    if (++barrier.arrived == count)
    {
        work();
        barrier.arrived = 0;
        barrier.generation++;
        return;
    }

    while (barrier.generation == generation)
        yield(count == 32);
}

inline int lane() { return current % 32; }
inline int warp() { return current / 32; }

// A warp's instruction: every lane brings a T; the last runs `work` over all 32.
template <typename T, typename Work>
void collective(T& mine, Work work)
{
    threads[current].slot = &mine;
    int first = warp() * 32;
    meet(warp_barriers[warp()], 32, [&] {
        T* all[32];
        for (int i = 0; i < 32; i++)
            all[i] = (T*)threads[first + i].slot;
        work(all);
    });
}

inline float bf16(uint32_t bits) { uint32_t u = (bits & 0xffffu) << 16; float f; memcpy(&f, &u, 4); return f; }

inline uint32_t to_bf16(float f)
{
    uint32_t u;
    memcpy(&u, &f, 4);
    if (std::isnan(f))
        return 0x7fff;
    return (u + 0x7fffu + ((u >> 16) & 1)) >> 16;
}

inline float f16(uint32_t bits) { _Float16 h; uint16_t b = (uint16_t)bits; memcpy(&h, &b, 2); return (float)h; }
inline uint32_t to_f16(float f) { _Float16 h = (_Float16)f; uint16_t b; memcpy(&b, &h, 2); return b; }

// OCP 8-bit floating point, e4m3: no infinities, 0x7f and 0xff are NaN.
inline float e4m3(uint32_t bits)
{
    int sign = (bits >> 7) & 1, exponent = (bits >> 3) & 15, mantissa = bits & 7;
    if (exponent == 15 && mantissa == 7)
        return NAN;
    float value = exponent == 0 ? std::ldexp((float)mantissa, -9) : std::ldexp(1.0f + (mantissa / 8.0f), exponent - 7);
    return sign ? -value : value;
}

inline uint32_t to_e4m3(float f)
{
    if (std::isnan(f))
        return 0x7f;
    uint32_t sign = std::signbit(f) ? 0x80 : 0;
    float a = std::fabs(f);
    if (a >= 448)
        return sign | 0x7e;
    uint32_t best = 0;
    float distance = INFINITY;
    for (uint32_t code = 0; code < 0x7f; code++)
    {
        float d = std::fabs(e4m3(code) - a);
        if (d < distance || (d == distance && (code & 1) == 0))
            best = code, distance = d;
    }

    return sign | best;
}

}

#define threadIdx (emu::threads[emu::current].index)
#define blockIdx (emu::block_index)
#define gridDim (emu::grid_size)
#define __shared__ static
#define __device__
#define __forceinline__ inline
using std::min;
using std::max;
