// Decoders stored by output: row k of V holds the weights into output k, and factors say which outputs are computed for
// which examples (not 0).
#pragma once
#include "kernels.hpp"
#include "row_pass.hpp"
#include "sums.hpp"

namespace rectinet::RECTINET_ISA_NS {

template <class T, bool WHOLE>
void products_of_rows(const Weights<const T>& V, const Factors<T>& wanted, int64_t n_rows, Range range,
                      int64_t n_examples, Rows<T> H, T* z, const Scratch<T>& scratch) {
  constexpr int64_t together = WHOLE ? 1 : max_rows_together;
  const int64_t columns = V.padded_columns(), width = WHOLE ? columns : stripe_lines * line<T>;
  int64_t n[together];
  for (int64_t from = range.begin; from < range.end; from += together) {
    const int64_t rows = range.end - from < together ? range.end - from : together;
    for (int64_t r = 0; r < rows; ++r) {
      int64_t at = r * n_examples;
      each_on(wanted.value + (from + r) * wanted.ld, n_examples, wanted.dense, [&](int64_t e) RN_LAMBDA {
        scratch.delta[at] = H[e];
        scratch.example[at++] = int32_t(e);
      });
      n[r] = at - r * n_examples;
    }
    for (int64_t c = 0; c < columns; c += width) {
      const bool last = c + width >= columns;
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t k = from + r, begin = r * n_examples, next = k + together < n_rows ? k + together : k;
        each_group(n[r], [&](int64_t j, int64_t m) {
          row_passes<T, true, false, WHOLE>(m, V.row(wanted.row[k]), {c, last ? columns : c + width, last},
                                            scratch.delta + begin + j, scratch.step, V.row(wanted.row[next]) + c,
                                            scratch.partial + 2 * line<T> * (begin + j), scratch.dot + begin + j);
        });
      }
    }
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = r * n_examples; j < r * n_examples + n[r]; ++j)
        z[(from + r) * wanted.ld + scratch.example[j]] = scratch.dot[j];
  }
}

// A single row is not worth stripes.
template <class T>
void products(const Weights<const T>& V, const Factors<T>& wanted, int64_t n_rows, Range rows, int64_t n_examples,
              Rows<T> H, T* z, const Scratch<T>& scratch) {
  const bool whole = rows.size() == 1 || !in_stripes(V);
  (whole ? products_of_rows<T, true> : products_of_rows<T, false>)(V, wanted, n_rows, rows, n_examples, H, z, scratch);
}

// Some examples of the following, by what is on in each of them. A block of rows is worked off stripe by stripe of its
// columns, which stays in the first-level cache while every example adds what it has.
template <class T>
void accumulate_lists(const Weights<const T>& V, const Factors<T>& x, Range rows, int64_t e0, int64_t n, Range columns,
                      Rows<T> Z) {
  constexpr int64_t width = list_vectors * lanes<T>;
  int32_t row[max_list_examples * block_rows], count[max_list_examples];
  T value[max_list_examples * block_rows];
  for (int64_t from = rows.begin, to; from < rows.end; from = to) {
    to = from + block_rows < rows.end ? from + block_rows : rows.end;
    for (int64_t e = 0; e < n; ++e) {
      count[e] = 0;
      for (int64_t k = from; k < to; ++k) {
        const T v = x.value[k * x.ld + e0 + e];
        const int64_t at = e * block_rows + count[e];
        row[at] = x.row[k];
        value[at] = v;
        count[e] += v != 0;
      }
    }
    for (int64_t c = columns.begin; c < columns.end; c += width)
      for (int64_t e = 0; e < n; ++e)
        if (count[e] > 0)
          list_stripe<T>((columns.end - c < width ? columns.end - c : width) / lanes<T>, V.data + c, V.stride,
                         row + e * block_rows, value + e * block_rows, count[e], Z[e0 + e] + c);
  }
}

template <class T>
void accumulate(const Weights<const T>& V, const Factors<T>& x, Range rows, bool first, int64_t n_examples,
                Range columns, Rows<T> Z) {
  if (columns.size() == 0) return;
  int64_t active = 0;
  for (int64_t k = rows.begin; k < rows.end; ++k)
    for (int64_t e = 0; e < n_examples; ++e) active += x.value[k * x.ld + e] != 0;
  if (!lists_pay(active, rows.size() * n_examples)) return add_rows(V, x, rows, first, n_examples, columns, Z);
  for (int64_t e = 0; first && e < n_examples; ++e)
    std::memset(Z[e] + columns.begin, 0, size_t(columns.size()) * sizeof(T));
  for (int64_t e = 0; e < n_examples; e += max_list_examples)
    accumulate_lists(V, x, rows, e, n_examples - e < max_list_examples ? n_examples - e : max_list_examples, columns,
                     Z);
}

// One row of weights against N examples: sum_j += gradient_j w, and w += sum_j step_j h_j (if UPDATE).
template <class T, int N, bool UPDATE>
void sum_pass(Row<T, UPDATE>* w, int64_t columns, const T* const* h, const T* step, const T* gradient, T* const* sum,
              const T* ahead) {
  const T* from[N];
  T* to[N];
  unrolled<N>([&](auto j) RN_LAMBDA { from[j] = h[j], to[j] = sum[j]; });
  for (int64_t c = 0; c < columns; c += lanes<T>) {
    if (c % (2 * line<T>) == 0) __builtin_prefetch(ahead + (columns + c) / 2, 1, 2);
    const Vec<T> old = load(w + c);
    Vec<T> updated = old;
    unrolled<N>([&](auto j) RN_LAMBDA {
      store(to[j] + c, fma(splat(gradient[j]), old, load(to[j] + c)));
      if constexpr (UPDATE) updated = fma(load(from[j] + c), splat(step[j]), updated);
    });
    if constexpr (UPDATE) store(w + c, updated);
  }
}

template <class T, bool UPDATE, int N = max_row_examples>
void sum_passes(int64_t n, Row<T, UPDATE>* w, int64_t columns, const T* const* h, const T* step, const T* gradient,
                T* const* sum, const T* ahead) {
  if constexpr (N > 1) {
    if (n < N) return sum_passes<T, UPDATE, N - 1>(n, w, columns, h, step, gradient, sum, ahead);
  }
  sum_pass<T, N, UPDATE>(w, columns, h, step, gradient, sum, ahead);
}

template <class T, class Rule>
void accumulate_and_update(const Weights<T>& V, int64_t row, int64_t next, const T* gradient, int64_t n_examples,
                           Rows<T> H, const Rule& rule, Rows<T> Z, const Scratch<T>& scratch) {
  const int64_t columns = V.padded_columns();
  T* w = V.row(row);
  const T *ahead = V.row(next), **h = scratch.delta;
  T *value = scratch.dot, *step = scratch.step, **sum = scratch.sum;
  int64_t n = 0;
  each_on(gradient, n_examples, false, [&](int64_t e) RN_LAMBDA {
    h[n] = H[e];
    sum[n] = Z[e];
    step[n] = rule.weight_step(gradient[e]);
    value[n++] = gradient[e];
  });
  if (n == 0) return;
  if (n <= max_row_examples) return sum_passes<T, true>(n, w, columns, h, step, value, sum, ahead);
  each_group(n, [&](int64_t j, int64_t m) {  // all sums first: they want the weights from before the update
    sum_passes<T, false>(m, w, columns, h + j, step + j, value + j, sum + j, ahead);
  });
  each_group(n, [&](int64_t j, int64_t m) {
    row_passes<T, false, true, true>(m, w, {0, columns, true}, h + j, step + j, ahead, scratch.partial, value + j);
  });
}

}  // namespace rectinet::RECTINET_ISA_NS
