// Sums over rows of weights, Z[e][c] += sum_k value[k][e] W[row[k]][c]: by tiles of examples and columns, or example by
// example over a list. Ascending k either way, so both give the same bits.
#pragma once
#include "unroll.hpp"
#include "views.hpp"

namespace rectinet::RECTINET_ISA_NS {

// Rows of weights that are worked off together, across all columns, before the next ones are fetched: few enough to be
// streamed one after the other, many enough that the sums are not reloaded all the time.
constexpr int64_t block_rows = 32;
constexpr int list_vectors = wide ? 16 : 8;  // columns of one example whose sums stay in registers over a list
constexpr int64_t max_list_examples = 64;

// Adds some rows to the sums of NE examples over NV vectors of columns.
template <class T, int NE, int NV>
void tile(const Weights<const T>& W, const Factors<T>& x, Range rows, bool first, int64_t e0, int64_t c, Rows<T> Z) {
  constexpr int64_t ahead = 8 * line<T>;
  Vec<T> sum[NE][NV];
  if (first) unrolled<NE, NV>([&](auto e, auto v) RN_LAMBDA { sum[e][v] = Vec<T>{}; });
  else unrolled<NE, NV>([&](auto e, auto v) RN_LAMBDA { sum[e][v] = load(Z[e0 + e] + c + v * lanes<T>); });
  const T* value = x.value + rows.begin * x.ld + e0;
  for (int64_t k = rows.begin; k < rows.end; ++k, value += x.ld) {
    const T* w = W.row(x.row[k]) + c;
    unrolled<(NV + per_line<T> - 1) / per_line<T>>([&](auto v)
                                                       RN_LAMBDA { __builtin_prefetch(w + ahead + v * line<T>); });
    Vec<T> weight[NV];
    unrolled<NV>([&](auto v) RN_LAMBDA { weight[v] = load(w + v * lanes<T>); });
    unrolled<NE>([&](auto e) RN_LAMBDA {
      const Vec<T> h = splat(value[e]);
      unrolled<NV>([&](auto v) RN_LAMBDA { sum[e][v] = fma(h, weight[v], sum[e][v]); });
    });
  }
  unrolled<NE, NV>([&](auto e, auto v) RN_LAMBDA { store(Z[e0 + e] + c + v * lanes<T>, sum[e][v]); });
}

// Vectors of columns per tile: as many as registers allow beside NE examples, a power of two.
template <int NE>
constexpr int tile_vectors() {
  if constexpr (wide) return NE == 1 ? 16 : NE <= 3 ? 8 : NE <= 6 ? 4 : 2;
  else return NE == 1 ? 8 : NE <= 3 ? 4 : 2;
}

template <class T, int NE, int NV = tile_vectors<NE>()>
void tiles(const Weights<const T>& W, const Factors<T>& x, Range rows, bool first, int64_t e0, Range columns,
           Rows<T> Z) {
  int64_t c = columns.begin;
  for (; c + NV * lanes<T> <= columns.end; c += NV * lanes<T>) tile<T, NE, NV>(W, x, rows, first, e0, c, Z);
  if constexpr (NV > 1) tiles<T, NE, NV / 2>(W, x, rows, first, e0, {c, columns.end}, Z);
}

template <class T, int NE = max_tile_examples>
void chunk(const Weights<const T>& W, const Factors<T>& x, Range rows, bool first, Range examples, Range columns,
           Rows<T> Z) {
  if constexpr (NE > 1) {
    if (examples.size() < NE) return chunk<T, NE - 1>(W, x, rows, first, examples, columns, Z);
  }
  tiles<T, NE>(W, x, rows, first, examples.begin, columns, Z);
}

// All examples, in chunks of nearly equal size; the sums start from 0 when `first`.
template <class T>
void add_rows(const Weights<const T>& W, const Factors<T>& x, Range rows, bool first, int64_t n_examples, Range columns,
              Rows<T> Z) {
  const int64_t count = (n_examples + max_tile_examples - 1) / max_tile_examples;
  for (int64_t i = 0; i < count; ++i) chunk<T>(W, x, rows, first, part(n_examples, i, count), columns, Z);
}

// Adds n entries of an example's list to its sums over NV vectors of columns, which w and z point at.
template <class T, int NV>
void list_tile(const T* w, int64_t stride, const int32_t* row, const T* value, int64_t n, T* z) {
  Vec<T> sum[NV];
  unrolled<NV>([&](auto v) RN_LAMBDA { sum[v] = load(z + v * lanes<T>); });
  for (int64_t k = 0; k < n; ++k) {
    const T* weight = w + row[k] * stride;
    const Vec<T> h = splat(value[k]);
    unrolled<NV>([&](auto v) RN_LAMBDA { sum[v] = fma(h, load(weight + v * lanes<T>), sum[v]); });
  }
  unrolled<NV>([&](auto v) RN_LAMBDA { store(z + v * lanes<T>, sum[v]); });
}

// The same for a stripe of at most NV vectors of columns.
template <class T, int NV = list_vectors>
void list_stripe(int64_t vectors, const T* w, int64_t stride, const int32_t* row, const T* value, int64_t n, T* z) {
  if constexpr (NV > 1) {
    if (vectors < NV) return list_stripe<T, NV - 1>(vectors, w, stride, row, value, n, z);
  }
  list_tile<T, NV>(w, stride, row, value, n, z);
}

// In a list every product loads its weights; in rows the examples of a tile share them, but zeros are multiplied too. A
// tile also follows its rows through memory more smoothly, which matters the most where the weights fit into no cache.
inline bool lists_pay(int64_t active, int64_t entries) { return double(active) * 2.2 <= double(entries); }

}  // namespace rectinet::RECTINET_ISA_NS
