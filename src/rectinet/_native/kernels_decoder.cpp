// The kernels of decoders, compiled once per instruction set.
#include "output_rows.hpp"
#include "reconstruction.hpp"

namespace rectinet::RECTINET_ISA_NS {

template <class T>
constexpr DecoderKernels<T> decoder_table = {products<T>, accumulate<T>, accumulate_and_update<T, Rule<T>>,
                                             reconstruct<T>};

extern const Precisions<DecoderKernels> decoder;
const Precisions<DecoderKernels> decoder = {decoder_table<float>, decoder_table<double>};

}  // namespace rectinet::RECTINET_ISA_NS
