// The backward pass over rows of weights, and decoders whose rows are outputs.
#pragma once
#include "forward.hpp"

namespace rectinet::RECTINET_ISA_NS {

constexpr int64_t stripe_lines = 32;  // of a wide row: ten examples' deltas take 20 KiB

// Wide rows are worked off a few at a time, stripe by stripe: what the examples have there stays in the first-level cache.
template <class T>
bool in_stripes(const Layer<T>& layer) { return layer.columns() > 4 * stripe_lines * line<T>; }

// Columns c0..c1 of one row of weights against N examples: dot[j] = <delta_j, w> (if DOT), w += sum_j step[j] delta_j (if
// UPDATE). A row is worked off whole, or in stripes from left to right, of whole pairs of lines but for the last; `carried`
// keeps the sums of each example meanwhile, a pair of lines. `ahead` are the weights that come next. They are fetched into the
// second-level cache: to the first, few lines can be on their way at once. Where the row is only read, half of them is left
// for the pass that will write it.
template <class T, int N, bool DOT, bool UPDATE, bool WHOLE>
void row_pass(T* w, int64_t c0, int64_t c1, bool last, const T* const* delta, const T* step, const T* ahead, T* carried, T* dot) {
  constexpr int P = per_line<T>, PAIR = 2 * P;
  if constexpr (WHOLE) c0 = 0, last = true;
  const T* d[N];
  unrolled<N>([&](auto j) RN_LAMBDA { d[j] = delta[j]; });
  Vec<T> sum[N][PAIR];
  if constexpr (DOT) {
    if (c0 == 0) unrolled<N>([&](auto j) RN_LAMBDA { unrolled<PAIR>([&](auto v) RN_LAMBDA { sum[j][v] = Vec<T>{}; }); });
    else unrolled<N>([&](auto j) RN_LAMBDA { unrolled<PAIR>([&](auto v) RN_LAMBDA { sum[j][v] = load(carried + 2 * line<T> * j + v * lanes<T>); }); });
  }
  auto at = [&](int64_t c, auto v) RN_LAMBDA {
    const Vec<T> old = load(w + c);
    Vec<T> updated = old;
    unrolled<N>([&](auto j) RN_LAMBDA {
      const Vec<T> x = load(d[j] + c);
      if constexpr (DOT) sum[j][v] = fma(x, old, sum[j][v]);
      if constexpr (UPDATE) updated = fma(x, splat(step[j]), updated);
    });
    if constexpr (UPDATE) store(w + c, updated);
  };
  int64_t c = c0;
  for (; c + 2 * line<T> <= c1; c += 2 * line<T>) {
    if constexpr (UPDATE) {
      __builtin_prefetch(ahead + (c - c0), 1, 2);
      __builtin_prefetch(ahead + (c - c0) + line<T>, 1, 2);
    } else {
      __builtin_prefetch(ahead + (c - c0) / 2, 0, 2);
    }
    unrolled<PAIR>([&](auto v) RN_LAMBDA { at(c + v * lanes<T>, v); });
  }
  if (c < c1) {
    __builtin_prefetch(ahead + (c - c0), UPDATE, 2);
    unrolled<P>([&](auto v) RN_LAMBDA { at(c + v * lanes<T>, v); });
  }
  if constexpr (DOT) {
    if (last)
      unrolled<N>([&](auto j) RN_LAMBDA {
        Vec<T> both[P];
        unrolled<P>([&](auto v) RN_LAMBDA { both[v] = sum[j][v] + sum[j][v + P]; });
        dot[j] = sum_line<T>(both);
      });
    else unrolled<N>([&](auto j) RN_LAMBDA { unrolled<PAIR>([&](auto v) RN_LAMBDA { store(carried + 2 * line<T> * j + v * lanes<T>, sum[j][v]); }); });
  }
}

template <class T, bool DOT, bool UPDATE, bool WHOLE, int N = max_row_examples>
void row_passes(int64_t n, T* w, int64_t c0, int64_t c1, bool last, const T* const* delta, const T* step, const T* ahead,
                T* carried, T* dot) {
  if constexpr (N > 1) {
    if (n < N) return row_passes<T, DOT, UPDATE, WHOLE, N - 1>(n, w, c0, c1, last, delta, step, ahead, carried, dot);
  }
  row_pass<T, N, DOT, UPDATE, WHOLE>(w, c0, c1, last, delta, step, ahead, carried, dot);
}

template <class T, bool DOT, bool WHOLE>
void row(int64_t n, T* w, int64_t c0, int64_t c1, bool last, const T* const* delta, const T* step, const T* ahead, T* carried,
         T* dot) {
  constexpr int64_t most = max_row_examples;
  if (n <= most) return row_passes<T, DOT, true, WHOLE>(n, w, c0, c1, last, delta, step, ahead, carried, dot);
  if constexpr (DOT)  // all products first: they want the weights from before the update
    for (int64_t j = 0; j < n; j += most)
      row_passes<T, true, false, WHOLE>(n - j < most ? n - j : most, w, c0, c1, last, delta + j, step + j, ahead,
                                 carried + 2 * line<T> * j, dot + j);
  for (int64_t j = 0; j < n; j += most)
    row_passes<T, false, true, WHOLE>(n - j < most ? n - j : most, w, c0, c1, last, delta + j, step + j, ahead, carried, dot);
}

template <class T, bool WHOLE>
void backward_rows(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> delta,
                   T rate, bool every, const Below<T>* below, const Scratch<T>& scratch) {
  constexpr int64_t together = WHOLE ? 1 : max_rows_together;
  const int64_t columns = layer.columns(), width = WHOLE ? columns : stripe_lines * line<T>;
  const T** d = scratch.delta;
  T *step = scratch.step, *dot = scratch.dot, *carried = scratch.carried;
  int32_t* example = scratch.example;
  int64_t n[together];
  for (int64_t top = k1; top > k0; top -= together) {  // the rows that forward left in cache come first
    const int64_t rows = top - k0 < together ? top - k0 : together;
    for (int64_t r = 0; r < rows; ++r) {
      const T* value = x.value + (top - 1 - r) * x.ld;
      int64_t at = r * n_examples;
      each_on(value, n_examples, every, [&](int64_t e) RN_LAMBDA {
        d[at] = delta[e];
        step[at] = -rate * value[e];
        example[at++] = int32_t(e);
      });
      n[r] = at - r * n_examples;
    }
    for (int64_t c0 = 0; c0 < columns; c0 += width) {
      const bool last = c0 + width >= columns;
      for (int64_t r = 0; r < rows; ++r) {
        if (n[r] == 0) continue;
        const int64_t k = top - 1 - r, begin = r * n_examples, next = k - together > k0 ? k - together : k0;
        T* w = layer.W + x.row[k] * layer.stride;
        const T* ahead = last ? layer.W + x.row[next] * layer.stride : w + c0 + width;
        (below ? row<T, true, WHOLE> : row<T, false, WHOLE>)(n[r], w, c0, last ? columns : c0 + width, last, d + begin, step + begin,
                                                             ahead, carried + 2 * line<T> * begin, dot + begin);
      }
    }
    for (int64_t r = 0; below && r < rows; ++r) {
      const int64_t k = top - 1 - r, i = x.row[k];
      const T sign = below->signs ? below->signs[i] : T(1);
      for (int64_t j = r * n_examples; j < r * n_examples + n[r]; ++j) {
        const int64_t e = example[j];
        const T h = x.value[k * x.ld + e], pull = h > 0 ? T(1) : h < 0 ? T(-1) : h;  // d|h| / dh, 0 at 0, NaN kept
        const T slope = below->derivative.data ? below->derivative[e][i] : T(h != 0);
        below->delta[e][i] = (dot[j] + below->l1[e] * pull) * sign * slope;
      }
    }
  }
}

template <class T>
void backward(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> delta,
              T rate, bool every, const Below<T>* below, const Scratch<T>& scratch) {
  (in_stripes(layer) ? backward_rows<T, false> : backward_rows<T, true>)(layer, x, k0, k1, n_examples, delta, rate, every, below, scratch);
}

template <class T>
void update_bias(const Layer<T>& layer, int64_t c0, int64_t c1, int64_t n_examples, Rows<T> delta, T rate) {
  if (c1 > layer.n_out) c1 = layer.n_out;
  for (int64_t c = c0; c < c1; ++c) {
    T b = layer.b[c];
    for (int64_t e = 0; e < n_examples; ++e) b -= rate * delta[e][c];
    layer.b[c] = b;
  }
}

// ---------------------------------------------------------------------------------------------------- rows as outputs

// A decoder stored by output: row k of W holds the weights into output k, the panel says which outputs, and for which
// examples, are computed (value != 0).

// z[k * ld + e] = <H[e], W[row[k]]> wherever value is not 0; elsewhere z is left alone.
template <class T, bool WHOLE>
void products_of_rows(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> H, T* z,
                      const Scratch<T>& scratch) {
  constexpr int64_t most = max_row_examples, together = WHOLE ? 1 : max_rows_together;
  const int64_t columns = layer.columns(), width = WHOLE ? columns : stripe_lines * line<T>;
  int64_t n[together];
  for (int64_t from = k0; from < k1; from += together) {
    const int64_t rows = k1 - from < together ? k1 - from : together;
    for (int64_t r = 0; r < rows; ++r) {
      int64_t at = r * n_examples;
      each_on(x.value + (from + r) * x.ld, n_examples, false, [&](int64_t e) RN_LAMBDA {
        scratch.delta[at] = H[e];
        scratch.example[at++] = int32_t(e);
      });
      n[r] = at - r * n_examples;
    }
    for (int64_t c0 = 0; c0 < columns; c0 += width) {
      const bool last = c0 + width >= columns;
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t k = from + r, begin = r * n_examples, next = k + together < x.count[0] ? k + together : k;
        for (int64_t j = 0; j < n[r]; j += most)
          row_passes<T, true, false, WHOLE>(n[r] - j < most ? n[r] - j : most, layer.W + x.row[k] * layer.stride, c0,
                                            last ? columns : c0 + width, last, scratch.delta + begin + j, scratch.step,
                                            layer.W + x.row[next] * layer.stride + c0,
                                            scratch.carried + 2 * line<T> * (begin + j), scratch.dot + begin + j);
      }
    }
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = r * n_examples; j < r * n_examples + n[r]; ++j)
        z[(from + r) * x.ld + scratch.example[j]] = scratch.dot[j];
  }
}

// A single row is not worth stripes.
template <class T>
void products(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> H, T* z,
              const Scratch<T>& scratch) {
  const bool whole = k1 - k0 == 1 || !in_stripes(layer);
  (whole ? products_of_rows<T, true> : products_of_rows<T, false>)(layer, x, k0, k1, n_examples, H, z, scratch);
}

// One row of weights against N examples: sum_j += delta_j w, and w += sum_j step_j h_j (if UPDATE).
template <class T, int N, bool UPDATE>
void spread_pass(T* w, int64_t columns, const T* const* h, const T* step, const T* delta, T* const* sum,
                 const T* ahead) {
  const T* from[N];
  T* to[N];
  unrolled<N>([&](auto j) RN_LAMBDA { from[j] = h[j], to[j] = sum[j]; });
  for (int64_t c = 0; c < columns; c += lanes<T>) {
    if (c % (2 * line<T>) == 0) __builtin_prefetch(ahead + (columns + c) / 2, 1, 2);
    const Vec<T> old = load(w + c);
    Vec<T> updated = old;
    unrolled<N>([&](auto j) RN_LAMBDA {
      store(to[j] + c, fma(splat(delta[j]), old, load(to[j] + c)));
      if constexpr (UPDATE) updated = fma(load(from[j] + c), splat(step[j]), updated);
    });
    if constexpr (UPDATE) store(w + c, updated);
  }
}

template <class T, bool UPDATE, int N = max_row_examples>
void spread_passes(int64_t n, T* w, int64_t columns, const T* const* h, const T* step, const T* delta, T* const* sum,
                   const T* ahead) {
  if constexpr (N > 1) {
    if (n < N) return spread_passes<T, UPDATE, N - 1>(n, w, columns, h, step, delta, sum, ahead);
  }
  spread_pass<T, N, UPDATE>(w, columns, h, step, delta, sum, ahead);
}

// Z[e] += gradient[e] w from the old weights of a row, then w -= rate sum_e gradient[e] H[e]; fetches the row `ahead`.
template <class T>
void spread(const Layer<T>& layer, int64_t row, int64_t ahead, const T* gradient, int64_t n_examples, Rows<T> H, T rate,
            Rows<T> Z, const Scratch<T>& scratch) {
  constexpr int64_t most = max_row_examples;
  const int64_t columns = layer.columns();
  T* w = layer.W + row * layer.stride;
  const T *next = layer.W + ahead * layer.stride, **h = scratch.delta;
  T *value = scratch.dot, *step = scratch.step, **sum = scratch.sum;
  int64_t n = 0;
  each_on(gradient, n_examples, false, [&](int64_t e) RN_LAMBDA {
    h[n] = H[e];
    sum[n] = Z[e];
    step[n] = -rate * gradient[e];
    value[n++] = gradient[e];
  });
  if (n == 0) return;
  if (n <= most) return spread_passes<T, true>(n, w, columns, h, step, value, sum, next);
  for (int64_t j = 0; j < n; j += most)  // all sums first: they want the weights from before the update
    spread_passes<T, false>(n - j < most ? n - j : most, w, columns, h + j, step + j, value + j, sum + j, next);
  for (int64_t j = 0; j < n; j += most)
    row_passes<T, false, true, true>(n - j < most ? n - j : most, w, 0, columns, true, h + j, step + j, next, scratch.carried, value + j);
}

// Examples e0.. of the following, by what is on in each of them. A block of rows is worked off stripe by stripe of its
// columns, which stays in the first-level cache while every example adds what it has.
template <class T>
void accumulate_lists(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n, int64_t e0, int64_t c0,
                      int64_t c1, Rows<T> Z) {
  constexpr int64_t width = list_vectors * lanes<T>;
  int32_t row[max_list_examples * block_rows], count[max_list_examples];
  T value[max_list_examples * block_rows];
  for (int64_t from = k0, to; from < k1; from = to) {
    to = from + block_rows < k1 ? from + block_rows : k1;
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
    for (int64_t c = c0; c < c1; c += width)
      for (int64_t e = 0; e < n; ++e)
        if (count[e] > 0)
          list_stripe<T>((c1 - c < width ? c1 - c : width) / lanes<T>, layer.W + c, layer.stride, row + e * block_rows,
                         value + e * block_rows, count[e], Z[e0 + e] + c);
  }
}

// Z[e][c0:c1] (+)= sum over rows k0..k1 of value[k][e] W[row[k]][c0:c1]; starting from 0 when `first`.
template <class T>
void accumulate(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, bool first, int64_t n_examples, int64_t c0,
                int64_t c1, Rows<T> Z) {
  if (c0 == c1) return;
  int64_t active = 0;
  for (int64_t k = k0; k < k1; ++k)
    for (int64_t e = 0; e < n_examples; ++e) active += x.value[k * x.ld + e] != 0;
  if (lists_pay(active, (k1 - k0) * n_examples)) {
    for (int64_t e = 0; first && e < n_examples; ++e) std::memset(Z[e] + c0, 0, size_t(c1 - c0) * sizeof(T));
    for (int64_t e = 0; e < n_examples; e += max_list_examples)
      accumulate_lists(layer, x, k0, k1, n_examples - e < max_list_examples ? n_examples - e : max_list_examples, e, c0, c1, Z);
    return;
  }
  chunks(layer, x, k0, k1, first, n_examples, c0, c1, Z);
}

}  // namespace rectinet::RECTINET_ISA_NS
