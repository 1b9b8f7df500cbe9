// The zero-skipping kernels, compiled once per instruction set (RECTINET_ISA_NS names the build).
//
// Every output is one sum in one fixed order: forward over ascending active inputs, backward over the columns of a row
// in two accumulators of a cache line each, updates over ascending examples. Tile shapes, threads and the choice
// between lists and panels therefore never change a bit.
#include "backward.hpp"
#include "forward.hpp"
#include "heads.hpp"

namespace rectinet::RECTINET_ISA_NS {

template <class T>
constexpr Kernels<T> table = {forward<T>, emit<T>,          backward<T>,    update_bias<T>,  softmax<T>,
                              squared<T>, probabilities<T>, stream_read<T>, stream_update<T>,
                              products<T>, accumulate<T>, spread<T>};

extern const Dispatch available;
const Dispatch available = {
#if defined(__AVX512F__)
    "x86-64-v4",
#elif defined(__AVX2__)
    "x86-64-v3",
#else
    "baseline",
#endif
    &table<float>, &table<double>};

}  // namespace rectinet::RECTINET_ISA_NS
