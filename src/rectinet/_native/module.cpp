// The Python module rectinet._native._kernels: arrays in, arrays out, nothing computed here.
#include <nanobind/nanobind.h>

#include "kernels.hpp"

namespace nb = nanobind;

NB_MODULE(_kernels, module) {
    module.doc() = "Compiled kernels of rectinet.";
    module.def(
        "isa", [] { return rectinet::chosen_kernels().isa; },
        "Name of the instruction set in use: baseline, x86-64-v3 or x86-64-v4.");
}
