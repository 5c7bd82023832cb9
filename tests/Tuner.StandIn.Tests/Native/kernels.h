// Where the emulated kernels are found by name, as a module's functions are.
#pragma once
#include "emulator.h"

namespace emu {

// Reads a launch's arguments at once, as the driver does, and gives the call to be made later.
typedef std::function<std::function<void()>(void**)> Binder;

std::map<std::string, Binder>& kernels();

template <typename... A, size_t... I>
Binder binder(void (*kernel)(A...), std::index_sequence<I...>)
{
    return [kernel](void** values) {
        std::tuple<A...> copy{*(A*)values[I]...};
        return std::function<void()>([kernel, copy] { std::apply(kernel, copy); });
    };
}

template <typename... A>
bool add(const char* name, void (*kernel)(A...))
{
    kernels()[name] = binder(kernel, std::index_sequence_for<A...>());
    return true;
}

}
