// The backward pass over rows of weights, and decoders whose rows are outputs.
#pragma once
#include "forward.hpp"

namespace rectinet::RECTINET_ISA_NS {

// One row of weights against N examples: dot[j] = <delta_j, w> (if DOT), w += sum_j step[j] delta_j (if UPDATE).
// `ahead` is the row that comes next. It is fetched meanwhile into the second-level cache: to the first, few lines can be
// on their way at once. Where the row is only read, half of the next one is left for the pass that will write it.
template <class T, int N, bool DOT, bool UPDATE>
void row_pass(T* w, int64_t columns, const T* const* delta, const T* step, const T* ahead, T* dot) {
  constexpr int P = per_line<T>, PAIR = 2 * P;
  const T* d[N];
  unrolled<N>([&](auto j) RN_LAMBDA { d[j] = delta[j]; });
  Vec<T> sum[N][PAIR];
  if constexpr (DOT) unrolled<N>([&](auto j) RN_LAMBDA { unrolled<PAIR>([&](auto v) RN_LAMBDA { sum[j][v] = Vec<T>{}; }); });
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
  int64_t c = 0;
  for (; c + 2 * line<T> <= columns; c += 2 * line<T>) {
    if constexpr (UPDATE) {
      __builtin_prefetch(ahead + c, 1, 2);
      __builtin_prefetch(ahead + c + line<T>, 1, 2);
    } else {
      __builtin_prefetch(ahead + c / 2, 0, 2);
    }
    unrolled<PAIR>([&](auto v) RN_LAMBDA { at(c + v * lanes<T>, v); });
  }
  if (c < columns) {
    __builtin_prefetch(ahead + c, UPDATE, 2);
    unrolled<P>([&](auto v) RN_LAMBDA { at(c + v * lanes<T>, v); });
  }
  if constexpr (DOT)
    unrolled<N>([&](auto j) RN_LAMBDA {
      Vec<T> both[P];
      unrolled<P>([&](auto v) RN_LAMBDA { both[v] = sum[j][v] + sum[j][v + P]; });
      dot[j] = sum_line<T>(both);
    });
}

template <class T, bool DOT, bool UPDATE, int N = max_row_examples>
void row_passes(int64_t n, T* w, int64_t columns, const T* const* delta, const T* step, const T* ahead, T* dot) {
  if constexpr (N > 1) {
    if (n < N) return row_passes<T, DOT, UPDATE, N - 1>(n, w, columns, delta, step, ahead, dot);
  }
  row_pass<T, N, DOT, UPDATE>(w, columns, delta, step, ahead, dot);
}

template <class T, bool DOT>
void row(int64_t n, T* w, int64_t columns, const T* const* delta, const T* step, const T* ahead, T* dot) {
  constexpr int64_t most = max_row_examples;
  if (n <= most) return row_passes<T, DOT, true>(n, w, columns, delta, step, ahead, dot);
  if constexpr (DOT)  // all products first: they want the weights from before the update
    for (int64_t j = 0; j < n; j += most)
      row_passes<T, true, false>(n - j < most ? n - j : most, w, columns, delta + j, step + j, ahead, dot + j);
  for (int64_t j = 0; j < n; j += most)
    row_passes<T, false, true>(n - j < most ? n - j : most, w, columns, delta + j, step + j, ahead, dot);
}

template <class T>
void backward(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> delta,
              T rate, bool every, const Below<T>* below, const Scratch<T>& scratch) {
  constexpr int prefetch_rows = 1;
  const T** d = scratch.delta;
  T *step = scratch.step, *dot = scratch.dot;
  int32_t* example = scratch.example;
  const int64_t columns = layer.columns();
  for (int64_t k = k1; k-- > k0;) {  // the rows that forward left in cache come first
    const int64_t i = x.row[k];
    const T* value = x.value + k * x.ld;
    int64_t n = 0;
    each_on(value, n_examples, every, [&](int64_t e) RN_LAMBDA {
      d[n] = delta[e];
      step[n] = -rate * value[e];
      example[n++] = int32_t(e);
    });
    if (n == 0) continue;
    T* w = layer.W + i * layer.stride;
    const T* ahead = layer.W + x.row[k - prefetch_rows > k0 ? k - prefetch_rows : k0] * layer.stride;
    if (!below) {
      row<T, false>(n, w, columns, d, step, ahead, dot);
      continue;
    }
    row<T, true>(n, w, columns, d, step, ahead, dot);
    const T sign = below->signs ? below->signs[i] : T(1);
    for (int64_t j = 0; j < n; ++j) {
      const int64_t e = example[j];
      const T h = value[e], pull = h > 0 ? T(1) : h < 0 ? T(-1) : h;  // d|h| / dh, 0 at 0, NaN kept
      const T slope = below->derivative.data ? below->derivative[e][i] : T(h != 0);
      below->delta[e][i] = (dot[j] + below->l1[e] * pull) * sign * slope;
    }
  }
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
template <class T>
void products(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> H, T* z,
              const Scratch<T>& scratch) {
  constexpr int64_t most = max_row_examples;
  for (int64_t k = k0; k < k1; ++k) {
    T* w = layer.W + x.row[k] * layer.stride;
    const T* ahead = layer.W + x.row[k + 1 < x.count[0] ? k + 1 : k] * layer.stride;
    int64_t n = 0;
    each_on(x.value + k * x.ld, n_examples, false, [&](int64_t e) RN_LAMBDA {
      scratch.delta[n] = H[e];
      scratch.example[n++] = int32_t(e);
    });
    for (int64_t j = 0; j < n; j += most)
      row_passes<T, true, false>(n - j < most ? n - j : most, w, layer.columns(), scratch.delta + j, scratch.step, ahead,
                                 scratch.dot + j);
    for (int64_t j = 0; j < n; ++j) z[k * x.ld + scratch.example[j]] = scratch.dot[j];
  }
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
    row_passes<T, false, true>(n - j < most ? n - j : most, w, columns, h + j, step + j, next, value + j);
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
  const int64_t chunks = (n_examples + max_tile_examples - 1) / max_tile_examples;
  for (int64_t i = 0, e = 0; i < chunks; ++i) {
    const int64_t n = n_examples * (i + 1) / chunks - e;
    chunk<T>(layer, x, k0, k1, first, n, e, c0, c1, Z);
    e += n;
  }
}

}  // namespace rectinet::RECTINET_ISA_NS
