// The forward pass, row by row or example by example, and the panels of active units it leaves for the next layer.
#pragma once
#include "kernels.hpp"
#include "unroll.hpp"

namespace rectinet::RECTINET_ISA_NS {

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

// All examples, in chunks of nearly equal size.
template <class T>
void chunks(const Layer<T>& layer, const Panel<T>& x, int64_t k0, int64_t k1, bool first, int64_t n_examples, int64_t c0,
            int64_t c1, Rows<T> Z) {
  const int64_t count = (n_examples + max_tile_examples - 1) / max_tile_examples;
  for (int64_t i = 0, e = 0; i < count; ++i) {
    const int64_t n = n_examples * (i + 1) / count - e;
    chunk<T>(layer, x, k0, k1, first, n, e, c0, c1, Z);
    e += n;
  }
}

// Row by row: the union of the examples, each row's weights read once for all of them.
template <class T>
void forward_rows(const Layer<T>& layer, const Panel<T>& x, int64_t n_examples, int64_t c0, int64_t c1, Rows<T> Z) {
  bool first = true;
  const auto add = [&](int64_t k0, int64_t k1) {
    chunks(layer, x, k0, k1, first, n_examples, c0, c1, Z);
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

// In a list every product loads its weights; in rows the examples of a tile share them, but zeros are multiplied too. A
// tile also follows its rows through memory more smoothly, which matters the most where the weights fit into no cache.
inline bool lists_pay(int64_t active, int64_t entries) { return double(active) * 2.2 <= double(entries); }

template <class T>
void forward(const Layer<T>& layer, const Panel<T>& x, int64_t n_examples, int64_t c0, int64_t c1, bool every, Rows<T> H,
             Rows<T> derivative) {
  if (every || !lists_pay(x.n_active(), x.n_rows() * n_examples)) {
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

}  // namespace rectinet::RECTINET_ISA_NS
