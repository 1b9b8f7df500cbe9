// The choice of instruction set: once per process, by CPUID, unless RECTINET_ISA names one.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "decoder.hpp"

namespace rectinet {

namespace baseline { extern const Dispatch available; extern const DecoderDispatch decoder; }
namespace v3 { extern const Dispatch available; extern const DecoderDispatch decoder; }
namespace v4 { extern const Dispatch available; extern const DecoderDispatch decoder; }

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

// The build's own table for the level in use.
template <class Table>
const Table& choose(const Table& baseline, const Table& v3, const Table& v4) {
    static const int level = wanted_level();
    return level == 4 ? v4 : level == 3 ? v3 : baseline;
}

}  // namespace

#ifdef RECTINET_X86_LEVELS
const Dispatch& dispatch() { return choose(baseline::available, v3::available, v4::available); }
const DecoderDispatch& decoder_dispatch() { return choose(baseline::decoder, v3::decoder, v4::decoder); }
#else
const Dispatch& dispatch() { return choose(baseline::available, baseline::available, baseline::available); }
const DecoderDispatch& decoder_dispatch() { return choose(baseline::decoder, baseline::decoder, baseline::decoder); }
#endif

}  // namespace rectinet
