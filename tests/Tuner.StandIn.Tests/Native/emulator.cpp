#include "emulator.h"
#include <sys/mman.h>
#include <unistd.h>
#undef threadIdx
#undef blockIdx
#undef gridDim

namespace emu {

std::vector<Thread> threads;
int current;
std::vector<Barrier> warp_barriers, group_barriers;
std::vector<Warpgroup> warpgroups;
Barrier block_barrier;
unsigned char* shared;
Index3 block_index, grid_size;

namespace {

const size_t stack_bytes = 256 * 1024;
std::vector<char*> stacks;
void* main_stack_pointer;
const std::function<void()>* body;
int alive;

// Saves what the calling convention (System V, x86-64 or AArch64) says a function keeps, and goes on where another fiber stopped.
extern "C" void emu_switch(void** save, void* load);
#if defined(__x86_64__)
asm(R"(
.globl emu_switch
.hidden emu_switch
emu_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");
#else
#error "The emulator switches fibers on x86-64 only."
#endif

// Threads take turns upwards in one block and downwards in the next, so that now one end of a block runs ahead and now the other.
int next_alive(int from)
{
    int n = (int)threads.size();
    int step = (block_index.x + block_index.y + block_index.z) % 2 == 0 ? 1 : n - 1;
    for (int i = 1; i <= n; i++)
    {
        int next = (from + (i * step)) % n;
        if (!threads[next].done)
            return next;
    }

    return -1;
}

void go_to(int next)
{
    int self = current;
    current = next;
    emu_switch(&threads[self].stack_pointer, threads[next].stack_pointer);
}

void enter()
{
    (*body)();
    Thread& self = threads[current];
    self.done = true;
    if (!self.open.copies.empty() || std::any_of(self.groups.begin(), self.groups.end(), [](const CopyGroup& g) { return !g.copies.empty(); }))
        fail("a thread ends with copies under way");
    alive--;
    if (alive == 0)
    {
        void* unused;
        emu_switch(&unused, main_stack_pointer);
    }

    go_to(next_alive(current));
}

}

void fail(const char* what)
{
    fprintf(stderr, "emulator: %s (block %u %u %u, thread %d)\n", what, block_index.x, block_index.y, block_index.z, current);
    abort();
}

void yield(bool within_warp)
{
    int next = next_alive(current);
    if (within_warp)
    {
        int first = current / 32 * 32, size = std::min(32, (int)threads.size() - first);
        for (int i = 1; i < size; i++)
        {
            int other = first + ((current - first + i) % size);
            if (!threads[other].done)
            {
                next = other;
                break;
            }
        }
    }

    if (next != current)
        go_to(next);
    else
        fail("a thread waits for others that have ended");
}

void run(Index3 grid, Index3 block, unsigned shared_bytes, const std::function<void()>& kernel)
{
    int count = (int)(block.x * block.y * block.z);
    while ((int)stacks.size() < count)
        stacks.push_back((char*)mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));

    // Shared memory ends where a page that cannot be touched begins.
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = ((shared_bytes + page - 1) / page * page) + page;
    char* area = (char*)mmap(nullptr, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area + room, page, PROT_NONE);
    shared = (unsigned char*)area + room - shared_bytes;
    grid_size = grid;
    body = &kernel;
    for (unsigned z = 0; z < grid.z; z++)
        for (unsigned y = 0; y < grid.y; y++)
            for (unsigned x = 0; x < grid.x; x++)
            {
                block_index = {x, y, z};
                memset(shared, 0xff, shared_bytes);
                threads.assign(count, {});
                warp_barriers.assign((count + 31) / 32, {});
                group_barriers.assign((count + 127) / 128, {});
                warpgroups.assign((count + 127) / 128, {});
                block_barrier = {};
                for (int i = 0; i < count; i++)
                {
                    threads[i].index = {(unsigned)i % block.x, (unsigned)i / block.x % block.y, (unsigned)i / block.x / block.y};
                    threads[i].stack = stacks[i];
                    void** top = (void**)(stacks[i] + stack_bytes - 64);
                    *--top = nullptr;
                    *--top = (void*)&enter;
                    for (int r = 0; r < 6; r++)
                        *--top = nullptr;
                    threads[i].stack_pointer = top;
                }

                alive = count;
                current = 0;
                emu_switch(&main_stack_pointer, threads[0].stack_pointer);
            }

    munmap(area, room + page);
}

}
