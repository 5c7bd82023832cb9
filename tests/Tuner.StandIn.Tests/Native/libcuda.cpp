// A stand-in for NVIDIA's libcuda: the functions Tuner calls, over host memory, running the emulated kernels. Work put into a stream is
// done when somebody waits for it and not before; every allocation ends at a page that cannot be touched and begins full of rubbish.
// It is no GPU: the times its events tell come from `standin_time`, which a test sets, and say nothing about any hardware.
#include "kernels.h"
#include <memory>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

#undef threadIdx
#undef blockIdx
#undef gridDim
#define API extern "C" __attribute__((visibility("default"))) int

namespace {

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, INVALID_PTX = 218, INVALID_HANDLE = 400, NOT_FOUND = 500, LAUNCH_FAILED = 719, CAPTURE_WRONG = 901 };

typedef double (*TimeOfWork)(const char* kernel, unsigned gridX, unsigned gridY, unsigned gridZ, size_t bytes, void** arguments);

// What a test may set before it opens the driver, by name.
std::map<std::string, long> settings = {{"devices", 1}, {"version", 12040}, {"memory", 4l << 30}, {"major", 9}, {"minor", 0}, {"execute", 1}, {"fail_launch", 0}, {"init", 0}};
TimeOfWork time_of_work;
std::map<std::string, long> calls;

struct Work { std::function<void()> act; double seconds; };
struct Event { double time = -1; struct Stream* stream = nullptr; size_t position = 0; };
struct Stream { std::deque<Work> work; size_t done = 0; double clock = 0; bool capturing = false; std::vector<Work> captured; int failed = 0; };
struct Module { int dummy; };
struct Function { std::string name; int shared_limit = 48 * 1024; emu::Binder bind; };
struct Graph { std::vector<Work> work; };

Stream null_stream;
std::set<Stream*> streams;
std::map<void*, size_t> memory, pinned;
size_t in_use;
int contexts;
thread_local std::vector<void*> stack;
std::set<void*> modules, events, graphs, executables;
std::vector<std::unique_ptr<Function>> functions;
int sticky;

Stream* of(void* s) { return s ? (Stream*)s : &null_stream; }

void advance(Stream* s, size_t position)
{
    while (s->done < position && !s->work.empty())
    {
        Work w = std::move(s->work.front());
        s->work.pop_front();
        s->done++;
        w.act();
        s->clock += w.seconds;
    }
}

void drain(Stream* s) { advance(s, s->done + s->work.size()); }

double now()
{
    double latest = null_stream.clock;
    for (Stream* s : streams)
        latest = std::max(latest, s->clock);
    return latest;
}

int put(Stream* s, std::function<void()> act, double seconds)
{
    if (sticky)
        return sticky;
    if (s->capturing)
        s->captured.push_back({std::move(act), seconds});
    else
        s->work.push_back({std::move(act), seconds});
    return SUCCESS;
}

double cost(const char* what, unsigned gx, unsigned gy, unsigned gz, size_t bytes, void** arguments)
{
    return time_of_work ? time_of_work(what, gx, gy, gz, bytes, arguments) : 1e-6;
}

void* allocate(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (bytes + page - 1) / page * page;
    char* area = (char*)mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED)
        return nullptr;
    mprotect(area + room, page, PROT_NONE);
    // Aligned for copies of 16 bytes: up to 15 bytes of slack remain before the guard.
    char* start = area + ((room - bytes) & ~(size_t)15);
    if (bytes <= (64u << 20))
        memset(area, 0xff, room);
    return start;
}

void release(void* p, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (bytes + page - 1) / page * page;
    char* area = (char*)p - ((room - bytes) & ~(size_t)15);
    // Slack must still be rubbish: nobody wrote behind the end.
    if (bytes <= (64u << 20))
        for (char* c = (char*)p + bytes; c < area + room; c++)
            if ((unsigned char)*c != 0xff)
            {
                fprintf(stderr, "stand-in: somebody wrote behind an allocation of %zu bytes\n", bytes);
                abort();
            }
    munmap(area, room + page);
}

bool in_context() { return !stack.empty(); }

}

std::map<std::string, emu::Binder>& emu::kernels()
{
    static std::map<std::string, Binder> all;
    return all;
}

#define CALL(name) do { calls[name]++; } while (0)
#define NEED_CONTEXT(name) do { CALL(name); if (!in_context()) return INVALID_CONTEXT; } while (0)

API standin_set(const char* name, long value) { settings[name] = value; if (!strcmp(name, "reset")) sticky = 0; return SUCCESS; }
// Work of another library into a stream, as cuBLASLt's is.
extern "C" __attribute__((visibility("default"))) long standin_get(const char* name) { return settings[name]; }
API standin_put(void* stream, std::function<void()>* act, const char* what, unsigned x, unsigned y, unsigned z)
{
    if (!in_context())
        return INVALID_CONTEXT;
    std::function<void()> copy = *act;
    return put(of(stream), [=] { if (settings["execute"]) copy(); }, cost(what, x, y, z, 0, nullptr));
}

API standin_time(TimeOfWork f) { time_of_work = f; return SUCCESS; }
extern "C" __attribute__((visibility("default"))) long standin_calls(const char* name) { return calls[name]; }
extern "C" __attribute__((visibility("default"))) long standin_alive()
{
    return (long)(memory.size() + pinned.size() + streams.size() + modules.size() + events.size() + graphs.size() + executables.size()) + contexts;
}

API cuInit(unsigned) { CALL("cuInit"); return (int)settings["init"]; }
API cuDriverGetVersion(int* v) { *v = (int)settings["version"]; return SUCCESS; }
API cuGetErrorName(int error, const char** name)
{
    static const std::map<int, const char*> names = {{0, "CUDA_SUCCESS"}, {1, "CUDA_ERROR_INVALID_VALUE"}, {2, "CUDA_ERROR_OUT_OF_MEMORY"}, {100, "CUDA_ERROR_NO_DEVICE"}, {101, "CUDA_ERROR_INVALID_DEVICE"}, {201, "CUDA_ERROR_INVALID_CONTEXT"}, {218, "CUDA_ERROR_INVALID_PTX"}, {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"}, {400, "CUDA_ERROR_INVALID_HANDLE"}, {500, "CUDA_ERROR_NOT_FOUND"}, {719, "CUDA_ERROR_LAUNCH_FAILED"}, {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"}};
    auto found = names.find(error);
    *name = found == names.end() ? nullptr : found->second;
    return found == names.end() ? INVALID_VALUE : SUCCESS;
}

API cuDeviceGetCount(int* n) { *n = (int)settings["devices"]; return *n == 0 ? NO_DEVICE : SUCCESS; }
API cuDeviceGet(int* d, int ordinal) { *d = ordinal; return ordinal < settings["devices"] ? SUCCESS : INVALID_DEVICE; }
API cuDeviceGetName(char* name, int length, int) { snprintf(name, (size_t)length, "Stand-in, not a GPU"); return SUCCESS; }
API cuDeviceGetAttribute(int* value, int attribute, int)
{
    switch (attribute)
    {
        case 13: *value = 1980000; break;
        case 16: *value = 132; break;
        case 36: *value = 3201000; break;
        case 37: *value = 6144; break;
        case 38: *value = 50 << 20; break;
        case 75: *value = (int)settings["major"]; break;
        case 76: *value = (int)settings["minor"]; break;
        default: return INVALID_VALUE;
    }

    return SUCCESS;
}

API cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = (size_t)settings["memory"]; return SUCCESS; }
API cuDevicePrimaryCtxRetain(void** context, int) { CALL("cuDevicePrimaryCtxRetain"); contexts++; *context = (void*)0x1000; return SUCCESS; }
API cuDevicePrimaryCtxRelease_v2(int) { CALL("cuDevicePrimaryCtxRelease_v2"); contexts--; return SUCCESS; }
extern "C" __attribute__((visibility("default"))) int cuDevicePrimaryCtxRelease(int d) { return cuDevicePrimaryCtxRelease_v2(d); }
API cuCtxPushCurrent_v2(void* c) { stack.push_back(c); return c == (void*)0x1000 ? SUCCESS : INVALID_CONTEXT; }
API cuCtxPopCurrent_v2(void** c) { if (stack.empty()) return INVALID_CONTEXT; *c = stack.back(); stack.pop_back(); return SUCCESS; }
API cuCtxSynchronize() { NEED_CONTEXT("cuCtxSynchronize"); drain(&null_stream); for (Stream* s : streams) drain(s); return sticky; }

API cuMemGetInfo_v2(size_t* free, size_t* total) { NEED_CONTEXT("cuMemGetInfo_v2"); *total = (size_t)settings["memory"]; *free = *total - in_use; return SUCCESS; }
API cuMemAlloc_v2(void** p, size_t bytes)
{
    NEED_CONTEXT("cuMemAlloc_v2");
    if (bytes == 0)
        return INVALID_VALUE;
    if (in_use + bytes > (size_t)settings["memory"] || !(*p = allocate(bytes)))
        return OUT_OF_MEMORY;
    memory[*p] = bytes;
    in_use += bytes;
    return SUCCESS;
}

API cuMemFree_v2(void* p)
{
    NEED_CONTEXT("cuMemFree_v2");
    auto found = memory.find(p);
    if (found == memory.end())
        return INVALID_VALUE;
    drain(&null_stream);
    for (Stream* s : streams)
        drain(s);
    in_use -= found->second;
    release(p, found->second);
    memory.erase(found);
    return SUCCESS;
}

API cuMemHostAlloc(void** p, size_t bytes, unsigned) { NEED_CONTEXT("cuMemHostAlloc"); *p = allocate(bytes); pinned[*p] = bytes; return *p ? SUCCESS : OUT_OF_MEMORY; }
API cuMemFreeHost(void* p)
{
    NEED_CONTEXT("cuMemFreeHost");
    auto found = pinned.find(p);
    if (found == pinned.end())
        return INVALID_VALUE;
    for (Stream* s : streams)
        drain(s);
    release(p, found->second);
    pinned.erase(found);
    return SUCCESS;
}

API cuMemcpyHtoD_v2(void* to, const void* from, size_t n) { NEED_CONTEXT("cuMemcpyHtoD_v2"); drain(&null_stream); memcpy(to, from, n); return sticky; }
API cuMemcpyDtoH_v2(void* to, const void* from, size_t n) { NEED_CONTEXT("cuMemcpyDtoH_v2"); drain(&null_stream); memcpy(to, from, n); return sticky; }

static int copy_async(const char* what, void* to, const void* from, size_t n, void* stream)
{
    return put(of(stream), [=] { if (settings["execute"]) memcpy(to, from, n); }, cost(what, 0, 0, 0, n, nullptr));
}

API cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t n, void* s) { NEED_CONTEXT("cuMemcpyHtoDAsync_v2"); return copy_async("copy_h2d", to, from, n, s); }
API cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t n, void* s) { NEED_CONTEXT("cuMemcpyDtoHAsync_v2"); return copy_async("copy_d2h", to, from, n, s); }
API cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t n, void* s) { NEED_CONTEXT("cuMemcpyDtoDAsync_v2"); return copy_async("copy_d2d", to, from, n, s); }
API cuMemsetD8Async(void* to, unsigned char value, size_t n, void* s) { NEED_CONTEXT("cuMemsetD8Async"); return put(of(s), [=] { if (settings["execute"]) memset(to, value, n); }, cost("fill", 0, 0, 0, n, nullptr)); }

API cuModuleLoadDataEx(void** module, const void* image, unsigned options, int* names, void** values)
{
    NEED_CONTEXT("cuModuleLoadDataEx");
    const char* text = (const char*)image;
    bool binary = !memcmp(text, "\x7f" "ELF", 4);
    if (!binary && !strstr(text, ".version"))
    {
        char* log = nullptr;
        size_t room = 0;
        for (unsigned i = 0; i < options; i++)
        {
            if (names[i] == 5)
                log = (char*)values[i];
            if (names[i] == 6)
                room = (size_t)values[i];
        }

        if (log)
            snprintf(log, room, "ptxas application ptx input, line 1; fatal   : Missing .version directive at start of file");
        return INVALID_PTX;
    }

    *module = new Module;
    modules.insert(*module);
    return SUCCESS;
}

API cuModuleUnload(void* m) { NEED_CONTEXT("cuModuleUnload"); if (!modules.erase(m)) return INVALID_HANDLE; delete (Module*)m; return SUCCESS; }
API cuModuleGetFunction(void** f, void*, const char* name)
{
    NEED_CONTEXT("cuModuleGetFunction");
    // A kernel compiled for another launch runs as the catalogue has it: it is only ever timed.
    std::string entry = name;
    auto found = emu::kernels().find(entry.substr(0, entry.find("_launch_")));
    if (found == emu::kernels().end())
        return NOT_FOUND;
    functions.push_back(std::make_unique<Function>());
    functions.back()->name = name;
    functions.back()->bind = found->second;
    *f = functions.back().get();
    return SUCCESS;
}

API cuFuncSetAttribute(void* f, int attribute, int value)
{
    NEED_CONTEXT("cuFuncSetAttribute");
    if (attribute != 8 || value > 227 * 1024)
        return INVALID_VALUE;
    ((Function*)f)->shared_limit = value;
    return SUCCESS;
}

API cuFuncGetAttribute(int* value, int attribute, void*) { NEED_CONTEXT("cuFuncGetAttribute"); *value = attribute == 4 ? 64 : 0; return SUCCESS; }
API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int threads, size_t shared) { NEED_CONTEXT("occupancy"); *blocks = std::min(2048 / threads, shared ? (int)(227 * 1024 / (shared + 1024)) : 32); return SUCCESS; }
API cuOccupancyMaxPotentialBlockSize(int* grid, int* block, void*, void*, size_t, int) { NEED_CONTEXT("occupancy"); *grid = 264; *block = 512; return SUCCESS; }

API cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** arguments, void**)
{
    NEED_CONTEXT("cuLaunchKernel");
    Function* f = (Function*)function;
    if (bx * by * bz == 0 || bx * by * bz > 1024 || gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || (int)shared > f->shared_limit)
        return INVALID_VALUE;
    std::function<void()> call = f->bind(arguments);
    return put(of(stream), [=] {
        if (settings["fail_launch"])
            sticky = LAUNCH_FAILED;
        else if (settings["execute"])
            emu::run({gx, gy, gz}, {bx, by, bz}, shared, call);
    }, cost(f->name.c_str(), gx, gy, gz, 0, arguments));
}

API cuStreamCreate(void** s, unsigned) { NEED_CONTEXT("cuStreamCreate"); Stream* stream = new Stream; stream->clock = now(); streams.insert(stream); *s = stream; return SUCCESS; }
API cuStreamDestroy_v2(void* s) { NEED_CONTEXT("cuStreamDestroy_v2"); if (!streams.count((Stream*)s)) return INVALID_HANDLE; drain(of(s)); streams.erase((Stream*)s); delete (Stream*)s; return SUCCESS; }
API cuStreamSynchronize(void* s) { NEED_CONTEXT("cuStreamSynchronize"); if (of(s)->capturing) return CAPTURE_WRONG; drain(of(s)); return sticky; }
API cuStreamWaitEvent(void* s, void* e, unsigned)
{
    NEED_CONTEXT("cuStreamWaitEvent");
    Event* event = (Event*)e;
    Stream* stream = of(s);
    return put(stream, [=] {
        if (event->stream)
            advance(event->stream, event->position);
        stream->clock = std::max(stream->clock, event->time);
    }, 0);
}

API cuStreamBeginCapture_v2(void* s, int) { NEED_CONTEXT("cuStreamBeginCapture_v2"); of(s)->capturing = true; of(s)->captured.clear(); return SUCCESS; }
API cuStreamEndCapture(void* s, void** graph)
{
    NEED_CONTEXT("cuStreamEndCapture");
    if (!of(s)->capturing)
        return INVALID_VALUE;
    of(s)->capturing = false;
    *graph = new Graph{of(s)->captured};
    graphs.insert(*graph);
    return SUCCESS;
}

API cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) { NEED_CONTEXT("cuGraphInstantiateWithFlags"); *executable = new Graph(*(Graph*)graph); executables.insert(*executable); return SUCCESS; }
API cuGraphLaunch(void* executable, void* s)
{
    NEED_CONTEXT("cuGraphLaunch");
    for (Work& w : ((Graph*)executable)->work)
        if (int wrong = put(of(s), w.act, w.seconds))
            return wrong;
    return SUCCESS;
}

API cuGraphExecDestroy(void* e) { NEED_CONTEXT("cuGraphExecDestroy"); if (!executables.erase(e)) return INVALID_HANDLE; delete (Graph*)e; return SUCCESS; }
API cuGraphDestroy(void* g) { NEED_CONTEXT("cuGraphDestroy"); if (!graphs.erase(g)) return INVALID_HANDLE; delete (Graph*)g; return SUCCESS; }

API cuEventCreate(void** e, unsigned) { NEED_CONTEXT("cuEventCreate"); *e = new Event; events.insert(*e); return SUCCESS; }
API cuEventDestroy_v2(void* e) { NEED_CONTEXT("cuEventDestroy_v2"); if (!events.erase(e)) return INVALID_HANDLE; delete (Event*)e; return SUCCESS; }
API cuEventRecord(void* e, void* s)
{
    NEED_CONTEXT("cuEventRecord");
    Stream* stream = of(s);
    Event* event = (Event*)e;
    event->stream = stream;
    event->position = stream->done + stream->work.size() + 1;
    return put(stream, [=] { event->time = stream->clock; }, 0);
}

API cuEventSynchronize(void* e) { NEED_CONTEXT("cuEventSynchronize"); if (((Event*)e)->stream) advance(((Event*)e)->stream, ((Event*)e)->position); return sticky; }
API cuEventElapsedTime(float* ms, void* a, void* b) { NEED_CONTEXT("cuEventElapsedTime"); *ms = (float)(1e3 * (((Event*)b)->time - ((Event*)a)->time)); return SUCCESS; }
