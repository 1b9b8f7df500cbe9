// Derivatives of outputs from layer to layer, for one example at a time: E[k][o] = sum_u W[row[k]][u] D[u][o] over the
// units u that are on, for some rows. Two ways, whichever has fewer lines to multiply: a weight at a time against the
// derivatives of all outputs, or a row at a time against those of all units.
#pragma once
#include "kernels.hpp"
#include "row_pass.hpp"

namespace rectinet::RECTINET_ISA_NS {

constexpr int most_lines = 4;                      // of outputs whose sums stay in registers together
constexpr int derivative_vectors = wide ? 16 : 8;  // sums in registers

// NR rows, NL lines of outputs. Ascending units, one sum each: the same bits for any NR.
template <class T, int NR, int NL>
void rows_by_unit(const Weights<const T>& W, const int32_t* row, const Derivatives<T>& D, T* out) {
  constexpr int NV = NL * per_line<T>;
  const T* w[NR];
  unrolled<NR>([&](auto r) RN_LAMBDA { w[r] = W.row(row[r]); });
  Vec<T> sum[NR][NV];
  unrolled<NR, NV>([&](auto r, auto v) RN_LAMBDA { sum[r][v] = Vec<T>{}; });
  const T* value = D.value;
  for (int64_t p = 0; p < D.n; ++p, value += D.width) {
    const int64_t u = D.unit[p];
    Vec<T> d[NV];
    unrolled<NV>([&](auto v) RN_LAMBDA { d[v] = load(value + v * lanes<T>); });
    unrolled<NR>([&](auto r) RN_LAMBDA {
      const Vec<T> weight = splat(w[r][u]);
      unrolled<NV>([&](auto v) RN_LAMBDA { sum[r][v] = fma(weight, d[v], sum[r][v]); });
    });
  }
  unrolled<NR, NV>([&](auto r, auto v) RN_LAMBDA { store(out + r * D.width + v * lanes<T>, sum[r][v]); });
}

// Rows that are taken together beside NL lines of outputs: a power of two.
template <class T, int NL>
constexpr int rows_together() {
  constexpr int most = derivative_vectors / (NL * per_line<T>);
  return most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

template <class T, int NL, int NR = rows_together<T, NL>()>
void all_rows_by_unit(const Weights<const T>& W, const int32_t* row, int64_t n_rows, const Derivatives<T>& D, T* out) {
  int64_t k = 0;
  for (; k + NR <= n_rows; k += NR) rows_by_unit<T, NR, NL>(W, row + k, D, out + k * D.width);
  if constexpr (NR > 1) all_rows_by_unit<T, NL, NR / 2>(W, row + k, n_rows - k, D, out + k * D.width);
}

template <class T, int NL = most_lines>
void lines_by_unit(int64_t lines, const Weights<const T>& W, const int32_t* row, int64_t n_rows,
                   const Derivatives<T>& D, T* out) {
  if constexpr (NL > 1) {
    if (lines < NL) return lines_by_unit<T, NL - 1>(lines, W, row, n_rows, D, out);
  }
  all_rows_by_unit<T, NL>(W, row, n_rows, D, out);
}

template <class T>
void derivatives_by_unit(const Weights<const T>& W, const int32_t* row, int64_t n_rows, const Derivatives<T>& D,
                         T* out) {
  lines_by_unit(D.width / line<T>, W, row, n_rows, D, out);
}

// The derivatives of one output by all units in a row of their own, 0 where they are off; padding of `out` is not
// written.
template <class T>
void derivatives_by_output(const Weights<const T>& W, const int32_t* row, int64_t n_rows, const T* const* by_output,
                           int64_t n_outputs, int64_t width, T* out) {
  const Stripe whole{0, W.padded_columns(), true};
  for (int64_t k = 0; k < n_rows; ++k) {
    const T *w = W.row(row[k]), *next = W.row(row[k + 1 < n_rows ? k + 1 : k]);
    each_group(n_outputs, [&](int64_t o, int64_t m) {
      row_passes<T, true, false, true>(m, w, whole, by_output + o, nullptr, next, nullptr, out + k * width + o);
    });
  }
}

}  // namespace rectinet::RECTINET_ISA_NS
