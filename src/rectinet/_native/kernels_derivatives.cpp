// The kernels of affine maps, compiled once per instruction set like kernels.cpp.
#include "derivatives.hpp"

namespace rectinet::RECTINET_ISA_NS {

template <class T>
constexpr DerivativeKernels<T> derivative_table = {derivatives_by_unit<T>, derivatives_by_output<T>};

extern const Precisions<DerivativeKernels> derivatives;
const Precisions<DerivativeKernels> derivatives = {derivative_table<float>, derivative_table<double>};

}  // namespace rectinet::RECTINET_ISA_NS
