// The zero-skipping kernels, compiled once per instruction set (RECTINET_ISA_NS names the build).
//
// Every output is one sum in one fixed order: forward over ascending active inputs, backward over the columns of a row
// in two accumulators of a cache line each, updates over ascending examples. Tile shapes, threads and the choice
// between lists and panels therefore never change a bit.
#include "kernels.hpp"

#include <cmath>
#include <type_traits>
#include <utility>

#include "vecmath.hpp"

namespace rectinet::RECTINET_ISA_NS {

constexpr bool wide = vector_bytes == 64;        // 32 registers instead of 16
constexpr int max_tile_examples = wide ? 12 : 6; // examples whose sums stay in registers together
constexpr int max_row_examples = wide ? 10 : 3;  // examples whose row products do

// f(constant 0), ..., f(constant N - 1): indices known at compile time keep arrays of vectors in registers, which
// GCC 12 does not manage for plain loops.
template <class F, int... I>
RN_INLINE void unrolled_over(F&& f, std::integer_sequence<int, I...>) { (f(std::integral_constant<int, I>{}), ...); }
template <int N, class F>
RN_INLINE void unrolled(F&& f) { unrolled_over(f, std::make_integer_sequence<int, N>{}); }
#define RN_LAMBDA __attribute__((always_inline))

// ---------------------------------------------------------------------------------------------------- forward

// Rows of weights that are worked off together, across all columns, before the next ones are fetched: few enough to be
// streamed one after the other, many enough that the sums are not reloaded all the time.
constexpr int64_t block_rows = 32;
constexpr int list_vectors = wide ? 16 : 8;   // columns of one example whose sums stay in registers over a list
constexpr int64_t max_list_examples = 64;

// Adds rows k0..k1 of the panel to the sums of NE examples over NV vectors of columns:
// Z[e][c] += sum_k value[k][e] W[row[k]][c].
template <class T, int NE, int NV>
void tile(const T* W, int64_t stride, const Panel<T>& x, int64_t k0, int64_t k1, bool first, int64_t e0, int64_t c, Rows<T> Z) {
  constexpr int64_t ahead = 8 * line<T>;
  Vec<T> sum[NE][NV];
  if (first) unrolled<NE>([&](auto e) RN_LAMBDA { unrolled<NV>([&](auto v) RN_LAMBDA { sum[e][v] = Vec<T>{}; }); });
  else unrolled<NE>([&](auto e) RN_LAMBDA { unrolled<NV>([&](auto v) RN_LAMBDA { sum[e][v] = load(Z[e0 + e] + c + v * lanes<T>); }); });
  const T* value = x.value + k0 * x.ld + e0;
  for (int64_t k = k0; k < k1; ++k, value += x.ld) {
    const T* w = W + x.row[k] * stride + c;
    unrolled<(NV + per_line<T> - 1) / per_line<T>>([&](auto v) RN_LAMBDA { __builtin_prefetch(w + ahead + v * line<T>); });
    Vec<T> weight[NV];
    unrolled<NV>([&](auto v) RN_LAMBDA { weight[v] = load(w + v * lanes<T>); });
    unrolled<NE>([&](auto e) RN_LAMBDA {
      const Vec<T> h = splat(value[e]);
      unrolled<NV>([&](auto v) RN_LAMBDA { sum[e][v] = fma(h, weight[v], sum[e][v]); });
    });
  }
  unrolled<NE>([&](auto e) RN_LAMBDA { unrolled<NV>([&](auto v) RN_LAMBDA { store(Z[e0 + e] + c + v * lanes<T>, sum[e][v]); }); });
}

// Vectors of columns per tile: as many as registers allow beside NE examples, a power of two.
template <int NE>
constexpr int tile_vectors() {
  if constexpr (wide) return NE == 1 ? 16 : NE <= 3 ? 8 : NE <= 6 ? 4 : 2;
  else return NE == 1 ? 8 : NE <= 3 ? 4 : 2;
}

template <class T, int NE, int NV>
void tiles(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, bool first, int64_t e0, int64_t c, int64_t c1,
           Rows<T> Z) {
  for (; c + NV * lanes<T> <= c1; c += NV * lanes<T>) tile<T, NE, NV>(layer.W, layer.stride, x, k0, k1, first, e0, c, Z);
  if constexpr (NV > 1) tiles<T, NE, NV / 2>(layer, x, k0, k1, first, e0, c, c1, Z);
}

template <class T, int NE = max_tile_examples>
void chunk(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, bool first, int64_t n, int64_t e0, int64_t c0,
           int64_t c1, Rows<T> Z) {
  if constexpr (NE > 1) {
    if (n < NE) return chunk<T, NE - 1>(layer, x, k0, k1, first, n, e0, c0, c1, Z);
  }
  tiles<T, NE, tile_vectors<NE>()>(layer, x, k0, k1, first, e0, c0, c1, Z);
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

// Bias, unit and sign for columns c0..c1 of one example, and the derivative where it is wanted. Padding becomes 0.
template <class T>
void activate(const Layer<T>& layer, int64_t c0, int64_t c1, T* h, T* derivative) {
  alignas(64) T tail[line<T>], tail_sign[line<T>];
  for (int64_t c = c0; c < c1; c += line<T>) {
    const bool whole = c + line<T> <= layer.n_out;
    const T *b = layer.b + c, *s = layer.signs ? layer.signs + c : nullptr;
    if (!whole) {  // b and signs end at n_out
      for (int64_t i = 0; i < line<T>; ++i) {
        tail[i] = c + i < layer.n_out ? b[i] : T(0);
        tail_sign[i] = s && c + i < layer.n_out ? s[i] : T(1);
      }
      b = tail;
      if (s) s = tail_sign;
    }
    for (int64_t i = 0; i < line<T>; i += lanes<T>) {
      const Vec<T> z = load(h + c + i) + loadu(b + i);
      ValueAndSlope<T> f;
      switch (layer.unit) {
        case Unit::rectifier: f = {z <= 0 ? Vec<T>{} : z, Vec<T>{}}; break;  // NaN stays
        case Unit::softplus: f = softplus<T>(z, layer.alpha); break;
        case Unit::tanh: f = tanh_unit<T>(z); break;
        case Unit::logistic: f = logistic<T>(z); break;
        default: f = {z, splat<T>(T(1))};
      }
      if (s) f.value *= loadu(s + i);
      store(h + c + i, f.value);
      if (derivative) store(derivative + c + i, f.slope);
    }
    if (!whole)
      for (int64_t i = layer.n_out; i < c + line<T>; ++i) {
        h[i] = T(0);
        if (derivative) derivative[i] = T(0);
      }
  }
}

// Row by row: the union of the examples, each row's weights read once for all of them.
template <class T>
void forward_rows(const Layer<T>& layer, const Panel<T>& x, int64_t n_examples, int64_t c0, int64_t c1, Rows<T> Z) {
  const int64_t chunks = (n_examples + max_tile_examples - 1) / max_tile_examples;
  bool first = true;
  const auto add = [&](int64_t k0, int64_t k1) {
    for (int64_t i = 0, e = 0; i < chunks; ++i) {
      const int64_t n = n_examples * (i + 1) / chunks - e;  // chunks of nearly equal size
      chunk<T>(layer, x, k0, k1, first, n, e, c0, c1, Z);
      e += n;
    }
    first = false;
  };
  for (int64_t s = 0; s < x.n_segments; ++s)
    for (int64_t k = x.begin[s], end = k + x.count[s]; k < end; k += block_rows) add(k, k + block_rows < end ? k + block_rows : end);
  if (first) add(0, 0);  // no input is on: the sums are 0
}

// The same for a stripe of at most NV vectors of columns.
template <class T, int NV = list_vectors>
void list_stripe(int64_t vectors, const T* w, int64_t stride, const int32_t* row, const T* value, int64_t n, T* z) {
  if constexpr (NV > 1) {
    if (vectors < NV) return list_stripe<T, NV - 1>(vectors, w, stride, row, value, n, z);
  }
  list_tile<T, NV>(w, stride, row, value, n, z);
}

// Fetches columns of rows k0..k1 of a segment as far as the second-level cache.
template <class T>
RN_INLINE void fetch_rows(const T* w, int64_t stride, const int32_t* row, int64_t k0, int64_t k1, int64_t columns) {
  for (int64_t k = k0; k < k1; ++k)
    for (int64_t c = 0; c < columns; c += line<T>) __builtin_prefetch(w + row[k] * stride + c, 0, 2);
}

// Example by example: only what is on is multiplied. A block of rows is worked off stripe by stripe of its columns,
// small enough for the first-level cache, where the examples share it; the next block is fetched meanwhile.
template <class T>
void forward_lists(const Layer<T>& layer, const Panel<T>& x, int64_t e0, int64_t n_examples, int64_t c0, int64_t c1, Rows<T> Z) {
  constexpr int64_t width = list_vectors * lanes<T>;
  if (c0 == c1) return;
  const int64_t narrow = c1 - c0 < width ? c1 - c0 : width;
  int64_t from[max_list_examples], to[max_list_examples];  // the part of each list that lies in the block
  for (int64_t s = 0; s < x.n_segments; ++s) {
    const int32_t* row = x.row + x.begin[s];
    const int64_t end = x.count[s], rows = block_rows * width / narrow;
    for (int64_t j = 0; j < n_examples; ++j) to[j] = 0;
    for (int64_t k0 = 0, k1; k0 < end; k0 = k1) {
      k1 = k0 + rows < end ? k0 + rows : end;
      const int64_t next = (k1 + rows < end ? k1 + rows : end) - k1;
      for (int64_t j = 0; j < n_examples; ++j) {
        const int32_t* listed = x.list_row + (e0 + j) * x.capacity + x.begin[s];
        const int64_t n = x.list_count[s * x.ld + e0 + j];
        from[j] = to[j];
        if (k1 == end) to[j] = n;
        else while (to[j] < n && listed[to[j]] < row[k1]) ++to[j];
      }
      for (int64_t c = c0; c < c1; c += width) {
        const int64_t columns = c + width < c1 ? width : c1 - c;
        for (int64_t j = 0; j < n_examples; ++j) {
          fetch_rows(layer.W + c, layer.stride, row, k1 + next * j / n_examples, k1 + next * (j + 1) / n_examples, columns);
          const int64_t at = (e0 + j) * x.capacity + x.begin[s] + from[j];
          if (to[j] > from[j])
            list_stripe<T>(columns / lanes<T>, layer.W + c, layer.stride, x.list_row + at, x.list_value + at, to[j] - from[j], Z[e0 + j] + c);
        }
      }
    }
  }
}

template <class T>
void forward(const Layer<T>& layer, const Panel<T>& x, int64_t n_examples, int64_t c0, int64_t c1, bool every, Rows<T> H,
             Rows<T> derivative) {
  // In a list every product loads its weights; in rows the examples of a tile share them, but zeros are multiplied too.
  constexpr double dearer = 1.3;
  if (every || double(x.n_active()) * dearer > double(x.n_rows() * n_examples)) {
    forward_rows(layer, x, n_examples, c0, c1, H);
  } else {
    for (int64_t e = 0; e < n_examples; ++e) std::memset(H[e] + c0, 0, size_t(c1 - c0) * sizeof(T));
    for (int64_t e = 0; e < n_examples; e += max_list_examples)
      forward_lists(layer, x, e, n_examples - e < max_list_examples ? n_examples - e : max_list_examples, c0, c1, H);
  }
  for (int64_t e = 0; e < n_examples; ++e) activate(layer, c0, c1, H[e], derivative.data ? derivative[e] : nullptr);
}

// ---------------------------------------------------------------------------------------------------- active units

template <class T>
void emit(const T* const* h, int64_t n_examples, int64_t c0, int64_t c1, bool every, Panel<T>& panel, int64_t s) {
  int32_t* row = panel.row + panel.begin[s];
  T* value = panel.value + panel.begin[s] * panel.ld;
  int32_t* list_count = panel.list_count + s * panel.ld;
  for (int64_t e = 0; e < n_examples; ++e) list_count[e] = 0;
  int64_t count = 0, active = 0;
  alignas(64) T tail[lanes<T>] = {};
  for (int64_t c = c0; c < c1; c += lanes<T>) {
    const int64_t left = c1 - c;
    uint32_t any = every ? (uint32_t(1) << (left < lanes<T> ? left : lanes<T>)) - 1 : 0;
    for (int64_t e = 0; e < n_examples; ++e) {
      const T* here = h[e] + c;
      if (left < lanes<T>) {  // examples end at c1
        std::memcpy(tail, here, size_t(left) * sizeof(T));
        here = tail;
      }
      const uint32_t on = nonzero(loadu(here));
      any |= on;
      active += __builtin_popcount(on);
      if (every || on == 0) continue;
      // A whole vector may be written: what is listed so far is never more than the columns seen so far.
      const int64_t at = e * panel.capacity + panel.begin[s] + list_count[e];
      list_count[e] += left < lanes<T> ? pack_one_by_one(here, left, int32_t(c), panel.list_row + at, panel.list_value + at)
                                       : pack(here, on, int32_t(c), panel.list_row + at, panel.list_value + at);
    }
    for (; any; any &= any - 1, ++count) {
      const int64_t i = c + __builtin_ctz(any);
      row[count] = int32_t(i);
      T* out = value + count * panel.ld;
      for (int64_t e = 0; e < n_examples; ++e) out[e] = h[e][i];
    }
  }
  panel.count[s] = count;
  panel.active[s] = active;
}

// ---------------------------------------------------------------------------------------------------- backward

// One row of weights against N examples: dot[j] = <delta_j, w> (if DOT), w += sum_j step[j] delta_j (if UPDATE).
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
    __builtin_prefetch(ahead + c, UPDATE);
    __builtin_prefetch(ahead + c + line<T>, UPDATE);
    unrolled<PAIR>([&](auto v) RN_LAMBDA { at(c + v * lanes<T>, v); });
  }
  if (c < columns) {
    __builtin_prefetch(ahead + c, UPDATE);
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
  constexpr int prefetch_rows = 3;
  const T** d = scratch.delta;
  T *step = scratch.step, *dot = scratch.dot;
  int32_t* example = scratch.example;
  const int64_t columns = layer.columns();
  for (int64_t k = k1; k-- > k0;) {  // the rows that forward left in cache come first
    const int64_t i = x.row[k];
    const T* value = x.value + k * x.ld;
    int64_t n = 0;
    for (int64_t e = 0; e < n_examples; ++e) {
      d[n] = delta[e];
      step[n] = -rate * value[e];
      example[n] = int32_t(e);
      n += every || value[e] != 0;
    }
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
    const T* ahead = layer.W + x.row[k + 1 < k1 ? k + 1 : k] * layer.stride;
    int64_t n = 0;
    for (int64_t e = 0; e < n_examples; ++e) {
      scratch.delta[n] = H[e];
      scratch.example[n] = int32_t(e);
      n += x.value[k * x.ld + e] != 0;
    }
    for (int64_t j = 0; j < n; j += most)
      row_passes<T, true, false>(n - j < most ? n - j : most, w, layer.columns(), scratch.delta + j, scratch.step, ahead,
                                 scratch.dot + j);
    for (int64_t j = 0; j < n; ++j) z[k * x.ld + scratch.example[j]] = scratch.dot[j];
  }
}

// Z[e][c0:c1] (+)= sum over rows k0..k1 of value[k][e] W[row[k]][c0:c1]; starting from 0 when `first`.
template <class T>
void accumulate(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, bool first, int64_t n_examples, int64_t c0,
                int64_t c1, Rows<T> Z) {
  const int64_t chunks = (n_examples + max_tile_examples - 1) / max_tile_examples;
  for (int64_t i = 0, e = 0; i < chunks; ++i) {
    const int64_t n = n_examples * (i + 1) / chunks - e;
    chunk<T>(layer, x, k0, k1, first, n, e, c0, c1, Z);
    e += n;
  }
}

// ---------------------------------------------------------------------------------------------------- heads

// exp(z - max) in place, in vectors; returns their sum in ascending order and the maximum.
template <class T>
T exponentials(T* z, int64_t n, T& largest) {
  largest = z[0];
  for (int64_t k = 1; k < n; ++k) largest = z[k] > largest || z[k] != z[k] ? z[k] : largest;
  T total = 0;
  for (int64_t k = 0; k < n; k += lanes<T>) {
    alignas(64) T e[64 / sizeof(T)] = {};
    const int64_t m = n - k < lanes<T> ? n - k : lanes<T>;
    for (int64_t i = 0; i < m; ++i) e[i] = z[k + i] - largest;
    store(e, exp_nonpositive<T>(load(e)));
    for (int64_t i = 0; i < m; ++i) total += z[k + i] = e[i];
  }
  return total;
}

template <class T>
void probabilities(T* z, int64_t n) {
  T largest;
  const T total = exponentials(z, n, largest);
  for (int64_t k = 0; k < n; ++k) z[k] /= total;
}

template <class T>
Loss softmax(const T* z, int64_t n, int32_t y, T scale, T* delta) {
  for (int64_t k = 0; k < n; ++k) delta[k] = z[k];
  T largest;
  const T total = exponentials(delta, n, largest);
  const double loss = std::log(double(total)) + double(largest) - double(z[y]);
  int64_t winner = 0;
  for (int64_t k = 1; k < n; ++k)
    if (z[k] > z[winner]) winner = k;
  for (int64_t k = 0; k < n; ++k) delta[k] = scale * (delta[k] / total - T(k == y));
  return {loss, double(winner != y)};
}

template <class T>
Loss squared(const T* z, int64_t n, const T* y, T scale, T* delta) {
  double loss = 0;
  for (int64_t k = 0; k < n; ++k) {
    const T difference = z[k] - y[k];
    loss += double(difference) * double(difference);
    delta[k] = T(2) * scale * difference;
  }
  return {loss, loss};
}

// ---------------------------------------------------------------------------------------------------- roofline

template <class T>
T stream_read(const T* x, int64_t n) {
  Vec<T> sum[8] = {};
  for (int64_t i = 0; i + 8 * lanes<T> <= n; i += 8 * lanes<T>) {
    __builtin_prefetch(x + i + 32 * line<T>);
    unrolled<8>([&](auto v) RN_LAMBDA { sum[v] += load(x + i + v * lanes<T>); });
  }
  T total = 0;
  for (int v = 0; v < 8; ++v)
    for (int i = 0; i < lanes<T>; ++i) total += sum[v][i];
  return total;
}

template <class T>
void stream_update(T* x, int64_t n, T by) {
  for (int64_t i = 0; i + 8 * lanes<T> <= n; i += 8 * lanes<T>) {
    __builtin_prefetch(x + i + 32 * line<T>, 1);
    unrolled<8>([&](auto v) RN_LAMBDA { store(x + i + v * lanes<T>, load(x + i + v * lanes<T>) + by); });
  }
}

template <class T>
constexpr Kernels<T> table = {forward<T>, emit<T>,          backward<T>,    update_bias<T>,  softmax<T>,
                              squared<T>, probabilities<T>, stream_read<T>, stream_update<T>,
                              products<T>, accumulate<T>};

extern const Dispatch available;
const Dispatch available = {
#if defined(__AVX512F__)
    "x86-64-v4",
#elif defined(__AVX2__)
    "x86-64-v3",
#else
    "baseline",
#endif
    &table<float>, &table<double>};

}  // namespace rectinet::RECTINET_ISA_NS
