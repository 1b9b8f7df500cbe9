// The choice of instruction set: once per process, by CPUID, unless RECTINET_ISA names one.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "kernels.hpp"

namespace rectinet {

namespace baseline { extern const Dispatch available; }
namespace v3 { extern const Dispatch available; }
namespace v4 { extern const Dispatch available; }

namespace {

int supported_level() {
#ifdef RECTINET_X86_LEVELS
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return 4;
    if (__builtin_cpu_supports("x86-64-v3")) return 3;
#endif
    return 1;
}

int wanted_level() {
    const int best = supported_level();
    const char* name = std::getenv("RECTINET_ISA");
    if (name == nullptr || *name == '\0') return best;
    const std::string isa(name);
    const int level = isa == "baseline" ? 1 : isa == "x86-64-v3" ? 3 : isa == "x86-64-v4" ? 4 : 0;
    if (level == 0) {
        throw std::runtime_error("RECTINET_ISA=" + isa + " is not known: use baseline, x86-64-v3 or x86-64-v4");
    }
    if (level > best) {
        throw std::runtime_error("RECTINET_ISA=" + isa + " asks for instructions this processor lacks: unset it");
    }
    return level;
}

const Dispatch& choose() {
    const int level = wanted_level();
#ifdef RECTINET_X86_LEVELS
    if (level == 4) return v4::available;
    if (level == 3) return v3::available;
#endif
    static_cast<void>(level);
    return baseline::available;
}

}  // namespace

const Dispatch& dispatch() {
    static const Dispatch& chosen = choose();
    return chosen;
}

}  // namespace rectinet
