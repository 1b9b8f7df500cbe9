// What every instruction set provides, as one table of functions.
#pragma once

namespace rectinet {

struct Kernels {
    const char* isa;  // "baseline", "x86-64-v3", "x86-64-v4"
};

namespace baseline { const Kernels& kernels(); }
namespace v3 { const Kernels& kernels(); }
namespace v4 { const Kernels& kernels(); }

const Kernels& chosen_kernels();  // dispatch.cpp

}  // namespace rectinet
