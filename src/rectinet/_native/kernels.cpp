// Compiled once per instruction set; RECTINET_ISA_NS is the namespace of this copy.
#include "kernels.hpp"

namespace rectinet::RECTINET_ISA_NS {

const Kernels& kernels() {
#if defined(__AVX512F__)
    static const Kernels table{"x86-64-v4"};
#elif defined(__AVX2__)
    static const Kernels table{"x86-64-v3"};
#else
    static const Kernels table{"baseline"};
#endif
    return table;
}

}  // namespace rectinet::RECTINET_ISA_NS
