// What auto-encoders need beside the kernels of networks: random words for the noise, and reconstruction heads.
#pragma once
#include "kernels.hpp"

namespace rectinet {

template <class T>
struct DecoderKernels {
  // The words of inputs 0 .. 4 n_blocks - 1 of one example: Philox4x32-10, keyed as rectinet.noise says.
  void (*words)(uint64_t seed, uint64_t purpose, uint64_t epoch, uint64_t example, int64_t n_blocks, uint32_t* out);
  // delta = scale weight d loss(g(z), target) / dz for n entries, weight null for all 1; returns the sum of weight loss.
  // Squared loss of a unit g, or the cross-entropy of a logistic unit: log(1 + e^z) - target z.
  double (*reconstruct)(Unit unit, bool cross_entropy, const T* z, const T* target, const T* weight, T scale, int64_t n,
                        T* delta);
};

struct DecoderDispatch {
  const DecoderKernels<float>* f32;
  const DecoderKernels<double>* f64;
};

const DecoderDispatch& decoder_dispatch();
template <class T>
const DecoderKernels<T>& decoder_kernels();
template <>
inline const DecoderKernels<float>& decoder_kernels<float>() { return *decoder_dispatch().f32; }
template <>
inline const DecoderKernels<double>& decoder_kernels<double>() { return *decoder_dispatch().f64; }

}  // namespace rectinet
