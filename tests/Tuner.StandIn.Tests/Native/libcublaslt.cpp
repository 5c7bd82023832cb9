// A stand-in for NVIDIA's libcublasLt over the stand-in driver: it takes the calls Tuner makes, refuses what the real one refuses of them,
// and multiplies in the plainest way when the stream gets there. Its times are the test's, as the driver's are. It measures nothing.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <set>

#define API extern "C" __attribute__((visibility("default"))) int

extern "C" int standin_put(void* stream, std::function<void()>* act, const char* what, unsigned x, unsigned y, unsigned z);
extern "C" long standin_get(const char* name);

namespace {

enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum { BF16 = 14, E4M3 = 28, FLOAT = 0, COMPUTE_32F = 68 };

struct Handle { int dummy; };
struct Description { int transpose_a = 0, transpose_b = 0; const float *a_scale = nullptr, *b_scale = nullptr; };
struct Layout { int type; uint64_t rows, columns; int64_t leading; };
struct Preference { uint64_t workspace = 0; };
struct Algorithm { uint64_t words[8]; };
struct Heuristic { Algorithm algorithm; size_t workspace; int state; float waves; int reserved[4]; };
static_assert(sizeof(Heuristic) == 96, "as in cublasLt.h");

const uint64_t MARK = 0x1234567890abcdefull;
const size_t NEEDED = 1 << 20;
std::set<void*> alive;

float bf16(uint16_t bits) { uint32_t wide = (uint32_t)bits << 16; float f; memcpy(&f, &wide, 4); return f; }
uint16_t to_bf16(float f) { uint32_t u; memcpy(&u, &f, 4); return (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16); }
float e4m3(uint8_t bits)
{
    int exponent = (bits >> 3) & 15, mantissa = bits & 7;
    float size = exponent == 15 && mantissa == 7 ? NAN : exponent == 0 ? std::ldexp((float)mantissa, -9) : std::ldexp(1 + (mantissa / 8.0f), exponent - 7);
    return bits & 0x80 ? -size : size;
}

bool takes(const Description* d, const Layout* a, const Layout* b, const Layout* c)
{
    if (d->transpose_a != 1 || d->transpose_b != 0 || a->type != b->type || c->type != BF16 || a->rows != b->rows || a->columns != c->rows || b->columns != c->columns)
        return false;
    // Whole 16 bytes, and for FP8 a scale for each operand.
    return a->type == E4M3 ? a->rows % 16 == 0 && c->rows % 16 == 0 && d->a_scale && d->b_scale : a->rows % 8 == 0;
}

template <typename T>
T* made(T* object) { alive.insert(object); return object; }

template <typename T>
int unmake(void* object) { if (!alive.erase(object)) return INVALID_VALUE; delete (T*)object; return SUCCESS; }

}

extern "C" __attribute__((visibility("default"))) size_t cublasLtGetVersion() { return 120405; }
extern "C" __attribute__((visibility("default"))) long standin_library_alive() { return (long)alive.size(); }
API cublasLtCreate(void** h) { if (standin_get("cublaslt") != 0) return NOT_INITIALIZED; *h = made(new Handle); return SUCCESS; }
API cublasLtDestroy(void* h) { return unmake<Handle>(h); }
API cublasLtMatmulDescCreate(void** d, int compute, int scale) { if (compute != COMPUTE_32F || scale != FLOAT) return INVALID_VALUE; *d = made(new Description); return SUCCESS; }
API cublasLtMatmulDescDestroy(void* d) { return unmake<Description>(d); }
API cublasLtMatmulDescSetAttribute(void* p, int attribute, const void* value, size_t bytes)
{
    Description* d = (Description*)p;
    switch (attribute)
    {
        case 3: if (bytes != 4) return INVALID_VALUE; memcpy(&d->transpose_a, value, 4); return SUCCESS;
        case 4: if (bytes != 4) return INVALID_VALUE; memcpy(&d->transpose_b, value, 4); return SUCCESS;
        case 17: if (bytes != 8) return INVALID_VALUE; memcpy(&d->a_scale, value, 8); return SUCCESS;
        case 18: if (bytes != 8) return INVALID_VALUE; memcpy(&d->b_scale, value, 8); return SUCCESS;
        default: return INVALID_VALUE;
    }
}

API cublasLtMatrixLayoutCreate(void** l, int type, uint64_t rows, uint64_t columns, int64_t leading) { if (leading < (int64_t)rows) return INVALID_VALUE; *l = made(new Layout{type, rows, columns, leading}); return SUCCESS; }
API cublasLtMatrixLayoutDestroy(void* l) { return unmake<Layout>(l); }
API cublasLtMatmulPreferenceCreate(void** p) { *p = made(new Preference); return SUCCESS; }
API cublasLtMatmulPreferenceDestroy(void* p) { return unmake<Preference>(p); }
API cublasLtMatmulPreferenceSetAttribute(void* p, int attribute, const void* value, size_t bytes) { if (attribute != 1 || bytes != 8) return INVALID_VALUE; memcpy(&((Preference*)p)->workspace, value, 8); return SUCCESS; }

API cublasLtMatmulAlgoGetHeuristic(void* h, void* d, void* a, void* b, void* c, void* out, void* p, int wanted, Heuristic* results, int* found)
{
    *found = 0;
    if (!alive.count(h) || wanted < 1 || c != out)
        return INVALID_VALUE;
    if (!takes((Description*)d, (Layout*)a, (Layout*)b, (Layout*)out) || ((Preference*)p)->workspace < NEEDED)
        return NOT_SUPPORTED;
    *results = Heuristic{{{MARK}}, NEEDED, SUCCESS, 1.5f, {}};
    *found = 1;
    return SUCCESS;
}

API cublasLtMatmul(void* h, void* dp, const float* alpha, const void* a, void* al, const void* b, void* bl, const float* beta, const void*, void*, void* y, void* yl, const Algorithm* algorithm, void* workspace, size_t bytes, void* stream)
{
    Description d = *(Description*)dp;
    Layout la = *(Layout*)al, lb = *(Layout*)bl, ly = *(Layout*)yl;
    if (!alive.count(h) || algorithm->words[0] != MARK || !workspace || bytes < NEEDED || !takes(&d, &la, &lb, &ly) || *beta != 0)
        return INVALID_VALUE;
    float factor = *alpha;
    bool fp8 = la.type == E4M3;
    std::function<void()> act = [=] {
        float scale = fp8 ? factor * *d.a_scale * *d.b_scale : factor;
        for (uint64_t column = 0; column < ly.columns; column++)
            for (uint64_t row = 0; row < ly.rows; row++)
            {
                double sum = 0;
                for (uint64_t k = 0; k < la.rows; k++)
                    sum += fp8 ? (double)e4m3(((const uint8_t*)a)[(row * la.leading) + k]) * e4m3(((const uint8_t*)b)[(column * lb.leading) + k])
                               : (double)bf16(((const uint16_t*)a)[(row * la.leading) + k]) * bf16(((const uint16_t*)b)[(column * lb.leading) + k]);
                ((uint16_t*)y)[(column * ly.leading) + row] = to_bf16((float)(sum * scale));
            }
    };
    return standin_put(stream, &act, fp8 ? "cublaslt_fp8" : "cublaslt_bf16", (unsigned)ly.columns, (unsigned)ly.rows, (unsigned)la.rows);
}
