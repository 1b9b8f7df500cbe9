// The backward pass: the rows of weights whose input is on in some example, each read and written once.
#pragma once
#include "kernels.hpp"
#include "row_pass.hpp"

namespace rectinet::RECTINET_ISA_NS {

// The stripe of a row against all its examples: dot from the old weights (if DOT), then the update.
template <class T, bool DOT, bool WHOLE>
void product_and_update(int64_t n, T* w, Stripe stripe, const T* const* delta, const T* step, const T* ahead,
                        T* partial, T* dot) {
  if (n <= max_row_examples) return row_passes<T, DOT, true, WHOLE>(n, w, stripe, delta, step, ahead, partial, dot);
  if constexpr (DOT)  // all products first: they want the weights from before the update
    each_group(n, [&](int64_t j, int64_t m) {
      row_passes<T, true, false, WHOLE>(m, w, stripe, delta + j, step + j, ahead, partial + 2 * line<T> * j, dot + j);
    });
  each_group(n, [&](int64_t j, int64_t m) {
    row_passes<T, false, true, WHOLE>(m, w, stripe, delta + j, step + j, ahead, partial, dot);
  });
}

template <class T, class Rule, bool WHOLE>
void backward_rows(const Weights<T>& W, const Factors<T>& x, Range range, int64_t n_examples, Rows<T> delta,
                   const Rule& rule, const InputDelta<T>* below, const Scratch<T>& scratch) {
  constexpr int64_t together = WHOLE ? 1 : max_rows_together;
  const int64_t columns = W.padded_columns(), width = WHOLE ? columns : stripe_lines * line<T>;
  int64_t n[together];
  for (int64_t top = range.end; top > range.begin; top -= together) {  // the rows that forward left in cache come first
    const int64_t rows = top - range.begin < together ? top - range.begin : together;
    for (int64_t r = 0; r < rows; ++r) {
      const T* value = x.value + (top - 1 - r) * x.ld;
      int64_t at = r * n_examples;
      each_on(value, n_examples, x.dense, [&](int64_t e) RN_LAMBDA {
        scratch.delta[at] = delta[e];
        scratch.step[at] = rule.weight_step(value[e]);
        scratch.example[at++] = int32_t(e);
      });
      n[r] = at - r * n_examples;
    }
    for (int64_t c = 0; c < columns; c += width) {
      const bool last = c + width >= columns;
      for (int64_t r = 0; r < rows; ++r) {
        if (n[r] == 0) continue;
        const int64_t k = top - 1 - r, at = r * n_examples,
                      next = k - together > range.begin ? k - together : range.begin;
        T* w = W.row(x.row[k]);
        const T* ahead = last ? W.row(x.row[next]) : w + c + width;
        (below ? product_and_update<T, true, WHOLE>
               : product_and_update<T, false, WHOLE>)(n[r], w, {c, last ? columns : c + width, last},
                                                      scratch.delta + at, scratch.step + at, ahead,
                                                      scratch.partial + 2 * line<T> * at, scratch.dot + at);
      }
    }
    for (int64_t r = 0; below && r < rows; ++r) {
      const int64_t k = top - 1 - r, i = x.row[k];
      const T s = below->signs ? below->signs[i] : T(1);
      for (int64_t j = r * n_examples; j < r * n_examples + n[r]; ++j) {
        const int64_t e = scratch.example[j];
        const T h = x.value[k * x.ld + e], slope = below->derivative.data ? below->derivative[e][i] : T(h != 0);
        below->delta[e][i] = (scratch.dot[j] + below->l1[e] * sign(h)) * s * slope;
      }
    }
  }
}

template <class T, class Rule>
void backward(const Weights<T>& W, const Factors<T>& x, Range rows, int64_t n_examples, Rows<T> delta, const Rule& rule,
              const InputDelta<T>* below, const Scratch<T>& scratch) {
  (in_stripes(W) ? backward_rows<T, Rule, false> : backward_rows<T, Rule, true>)(W, x, rows, n_examples, delta, rule,
                                                                                 below, scratch);
}

template <class T, class Rule>
void update_bias(T* bias, Range columns, int64_t n_examples, Rows<T> delta, const Rule& rule) {
  for (int64_t c = columns.begin; c < columns.end; ++c) {
    T b = bias[c];
    for (int64_t e = 0; e < n_examples; ++e) b += rule.bias_step(delta[e][c]);
    bias[c] = b;
  }
}

}  // namespace rectinet::RECTINET_ISA_NS
