// The tables through which the compiled kernels are called. Each instruction set is a build of kernels*.cpp in a
// namespace of its own, which fills one table per file.
#pragma once
#include "update.hpp"
#include "views.hpp"

namespace rectinet {

struct Loss {
  double loss, errors;
};

template <class T>
struct NetworkKernels {
  // H = signs f(x W + b) and the derivative (null for rectifiers) in these columns, whole lines. Works row by row or
  // example by example, whichever is quicker: the sums are the same.
  void (*forward)(const Layer<const T>&, const Panel<T>& x, int64_t n_examples, Range columns, Rows<T> H,
                  Rows<T> derivative);
  // Fills a segment of the panel with those of the columns that are on in some example; with all of them when it is
  // dense.
  void (*emit)(const T* const* h, int64_t n_examples, Range columns, Panel<T>&, int64_t segment);
  // For some rows of the panel: delta of the layer below from the old weights (null: not wanted), then W -= rate x'
  // delta in place.
  void (*backward)(const Weights<T>&, const Factors<T>& x, Range rows, int64_t n_examples, Rows<T> delta,
                   const Rule<T>&, const InputDelta<T>*, const Scratch<T>&);
  // b -= rate sum_e delta[e] in these columns.
  void (*update_bias)(T* b, Range columns, int64_t n_examples, Rows<T> delta, const Rule<T>&);
  // delta = scale (softmax(z) - onehot(y)); the loss -log p_y, and 1 if the argmax is not y.
  Loss (*softmax)(const T* z, int64_t n, int32_t y, T scale, T* delta);
  // delta = 2 scale (z - y); the loss sum (z - y)^2, twice.
  Loss (*squared)(const T* z, int64_t n, const T* y, T scale, T* delta);
  // z becomes softmax(z).
  void (*probabilities)(T* z, int64_t n);
  // One pass over n values: reading, or adding to each in place. For the memory roofline.
  T (*stream_read)(const T* x, int64_t n);
  void (*stream_update)(T* x, int64_t n, T by);
};

template <class T>
struct DecoderKernels {
  // For decoders stored by output (row k of V leads to output k): z[k * ld + e] = <H[e], V[row[k]]> where the factor is
  // not 0, for some of n_rows wanted rows.
  void (*products)(const Weights<const T>& V, const Factors<T>& wanted, int64_t n_rows, Range rows, int64_t n_examples,
                   Rows<T> H, T* z, const Scratch<T>&);
  // Z[e] += sum over these rows of value[k][e] V[row[k]] in these columns; from 0 when `first`.
  void (*accumulate)(const Weights<const T>& V, const Factors<T>&, Range rows, bool first, int64_t n_examples,
                     Range columns, Rows<T> Z);
  // The latter for all columns of one row, and its update while it is in cache: Z[e] += gradient[e] V[row], then
  // V[row] -= rate sum_e gradient[e] H[e]. Fetches the row `next`.
  void (*accumulate_and_update)(const Weights<T>& V, int64_t row, int64_t next, const T* gradient, int64_t n_examples,
                                Rows<T> H, const Rule<T>&, Rows<T> Z, const Scratch<T>&);
  // delta = scale weight d loss(g(z), target) / dz for n entries, weight null for all 1; returns the sum of weight
  // loss. Squared loss of a unit g, or the cross-entropy of a logistic unit: log(1 + e^z) - target z.
  double (*reconstruct)(Unit unit, bool cross_entropy, const T* z, const T* target, const T* weight, T scale, int64_t n,
                        T* delta);
};

// Derivatives of some outputs by the n units of a layer that are on in one example: value[p * width + o] for unit[p],
// ascending; width is whole lines, at most four.
template <class T>
struct Derivatives {
  const int32_t* unit;
  int64_t n;
  const T* value;
  int64_t width;
};

template <class T>
struct DerivativeKernels {
  // out[k * width + o] = sum_p W[row[k]][unit[p]] value[p][o] for n_rows rows.
  void (*by_unit)(const Weights<const T>& W, const int32_t* row, int64_t n_rows, const Derivatives<T>&, T* out);
  // The same from a row of derivatives by all units for each output, 0 for those that are off.
  void (*by_output)(const Weights<const T>& W, const int32_t* row, int64_t n_rows, const T* const* by_output,
                    int64_t n_outputs, int64_t width, T* out);
};

// The noise of one pass over the data: every example has words of its own, see rectinet.noise.
struct NoiseKey {
  uint64_t seed, purpose, epoch;
};

struct NoiseKernels {
  // The words of inputs 0 .. 4 n_blocks - 1 of one example: Philox4x32-10.
  void (*words)(const NoiseKey&, uint64_t example, int64_t n_blocks, uint32_t* out);
};

template <template <class> class Table>
struct Precisions {
  Table<float> f32;
  Table<double> f64;
  template <class T>
  const Table<T>& of() const {
    if constexpr (std::is_same_v<T, float>) return f32;
    else return f64;
  }
};

struct InstructionSet {
  const char* name;
  const Precisions<NetworkKernels>& network;
  const Precisions<DecoderKernels>& decoder;
  const Precisions<DerivativeKernels>& derivatives;
  const NoiseKernels& noise;
};

const InstructionSet& instruction_set();  // the best this processor has, or the one RECTINET_ISA names

template <class T>
const NetworkKernels<T>& kernels() {
  return instruction_set().network.of<T>();
}
template <class T>
const DecoderKernels<T>& decoder_kernels() {
  return instruction_set().decoder.of<T>();
}
template <class T>
const DerivativeKernels<T>& derivative_kernels() {
  return instruction_set().derivatives.of<T>();
}

}  // namespace rectinet
