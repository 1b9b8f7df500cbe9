// The choice of instruction set: at first use, once per process, by CPUID, unless RECTINET_ISA names one.
#include <cstdlib>
#include <string>

#include "kernels.hpp"

namespace rectinet {

#define RECTINET_TABLES(isa)                              \
  namespace isa {                                         \
  extern const Precisions<NetworkKernels> network;        \
  extern const Precisions<DecoderKernels> decoder;        \
  extern const Precisions<DerivativeKernels> derivatives; \
  extern const NoiseKernels noise;                        \
  }
RECTINET_TABLES(baseline)
#if RECTINET_X86_LEVEL >= 3
RECTINET_TABLES(v3)
#endif
#if RECTINET_X86_LEVEL >= 4
RECTINET_TABLES(v4)
#endif

namespace {

// Those that were built, ascending.
const InstructionSet sets[] = {
    {"baseline", baseline::network, baseline::decoder, baseline::derivatives, baseline::noise},
#if RECTINET_X86_LEVEL >= 3
    {"x86-64-v3", v3::network, v3::decoder, v3::derivatives, v3::noise},
#endif
#if RECTINET_X86_LEVEL >= 4
    {"x86-64-v4", v4::network, v4::decoder, v4::derivatives, v4::noise},
#endif
};

int best_supported() {
#if RECTINET_X86_LEVEL >= 3
  __builtin_cpu_init();
#endif
#if RECTINET_X86_LEVEL >= 4
  if (__builtin_cpu_supports("x86-64-v4")) return 2;
#endif
#if RECTINET_X86_LEVEL >= 3
  if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
  return 0;
}

const InstructionSet& choose() {
  const int best = best_supported();
  const char* name = std::getenv("RECTINET_ISA");
  if (name == nullptr || *name == '\0') return sets[best];
  const std::string isa(name);
  for (int level = 0; level <= best; ++level)
    if (isa == sets[level].name) return sets[level];
  if (isa == "x86-64-v3" || isa == "x86-64-v4")
    throw std::runtime_error("RECTINET_ISA=" + isa + " asks for instructions this processor lacks: unset it");
  throw std::runtime_error("RECTINET_ISA=" + isa + " is not known: use baseline, x86-64-v3 or x86-64-v4");
}

}  // namespace

const InstructionSet& instruction_set() {
  static const InstructionSet& chosen = choose();
  return chosen;
}

}  // namespace rectinet
