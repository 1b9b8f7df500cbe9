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
constexpr NetworkKernels<T> network_table = {forward<T>,      emit<T>,    backward<T, Rule<T>>, update_bias<T, Rule<T>>,
                                             softmax<T>,      squared<T>, probabilities<T>,     stream_read<T>,
                                             stream_update<T>};

extern const Precisions<NetworkKernels> network;
const Precisions<NetworkKernels> network = {network_table<float>, network_table<double>};

}  // namespace rectinet::RECTINET_ISA_NS
