// The forward pass, row by row or example by example, and the panels of active units it leaves for the next layer.
#pragma once
#include "sums.hpp"

namespace rectinet::RECTINET_ISA_NS {

// Bias, unit and sign in these columns of one example, and the derivative where it is wanted. Padding becomes 0.
template <class T>
void activate(const Layer<const T>& layer, Range columns, T* h, T* derivative) {
  alignas(64) T tail[line<T>], tail_sign[line<T>];
  const int64_t n_out = layer.n_out();
  for (int64_t c = columns.begin; c < columns.end; c += line<T>) {
    const bool whole = c + line<T> <= n_out;
    const T *b = layer.b + c, *s = layer.signs ? layer.signs + c : nullptr;
    if (!whole) {  // b and signs end at n_out
      for (int64_t i = 0; i < line<T>; ++i) {
        tail[i] = c + i < n_out ? b[i] : T(0);
        tail_sign[i] = s && c + i < n_out ? s[i] : T(1);
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
      for (int64_t i = n_out; i < c + line<T>; ++i) {
        h[i] = T(0);
        if (derivative) derivative[i] = T(0);
      }
  }
}

// Row by row: the union of the examples, each row's weights read once for all of them.
template <class T>
void forward_rows(const Weights<const T>& W, const Panel<T>& x, int64_t n_examples, Range columns, Rows<T> Z) {
  bool first = true;
  const auto add = [&](Range rows) {
    add_rows(W, x.factors(), rows, first, n_examples, columns, Z);
    first = false;
  };
  for (int64_t s = 0; s < x.n_segments; ++s)
    for (int64_t k = x.begin[s], end = k + x.count[s]; k < end; k += block_rows)
      add({k, k + block_rows < end ? k + block_rows : end});
  if (first) add({0, 0});  // no input is on: the sums are 0
}

// Fetches columns of some rows of a segment as far as the second-level cache.
template <class T>
RN_INLINE void fetch_rows(const T* w, int64_t stride, const int32_t* row, Range rows, int64_t columns) {
  for (int64_t k = rows.begin; k < rows.end; ++k)
    for (int64_t c = 0; c < columns; c += line<T>) __builtin_prefetch(w + row[k] * stride + c, 0, 2);
}

// Example by example: only what is on is multiplied. A block of rows is worked off stripe by stripe of its columns,
// small enough for the first-level cache, where the examples share it; the next block is fetched meanwhile.
template <class T>
void forward_lists(const Weights<const T>& W, const Panel<T>& x, int64_t e0, int64_t n_examples, Range columns,
                   Rows<T> Z) {
  constexpr int64_t width = list_vectors * lanes<T>;
  if (columns.size() == 0) return;
  const int64_t narrow = columns.size() < width ? columns.size() : width;
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
        else
          while (to[j] < n && listed[to[j]] < row[k1]) ++to[j];
      }
      for (int64_t c = columns.begin; c < columns.end; c += width) {
        const int64_t wide_as = c + width < columns.end ? width : columns.end - c;
        for (int64_t j = 0; j < n_examples; ++j) {
          const Range fetched = part(next, j, n_examples);
          fetch_rows(W.data + c, W.stride, row, {k1 + fetched.begin, k1 + fetched.end}, wide_as);
          const int64_t at = (e0 + j) * x.capacity + x.begin[s] + from[j];
          if (to[j] > from[j])
            list_stripe<T>(wide_as / lanes<T>, W.data + c, W.stride, x.list_row + at, x.list_value + at,
                           to[j] - from[j], Z[e0 + j] + c);
        }
      }
    }
  }
}

template <class T>
void forward(const Layer<const T>& layer, const Panel<T>& x, int64_t n_examples, Range columns, Rows<T> H,
             Rows<T> derivative) {
  if (x.dense || !lists_pay(x.n_active(), x.n_rows() * n_examples)) {
    forward_rows(layer.W, x, n_examples, columns, H);
  } else {
    for (int64_t e = 0; e < n_examples; ++e) std::memset(H[e] + columns.begin, 0, size_t(columns.size()) * sizeof(T));
    for (int64_t e = 0; e < n_examples; e += max_list_examples)
      forward_lists(layer.W, x, e, n_examples - e < max_list_examples ? n_examples - e : max_list_examples, columns, H);
  }
  for (int64_t e = 0; e < n_examples; ++e) activate(layer, columns, H[e], derivative.data ? derivative[e] : nullptr);
}

template <class T>
void emit(const T* const* h, int64_t n_examples, Range columns, Panel<T>& panel, int64_t s) {
  int32_t* row = panel.row + panel.begin[s];
  T* value = panel.value + panel.begin[s] * panel.ld;
  int32_t* list_count = panel.list_count + s * panel.ld;
  for (int64_t e = 0; e < n_examples; ++e) list_count[e] = 0;
  int64_t count = 0, active = 0;
  alignas(64) T tail[lanes<T>] = {};
  for (int64_t c = columns.begin; c < columns.end; c += lanes<T>) {
    const int64_t left = columns.end - c;
    uint32_t any = panel.dense ? (uint32_t(1) << (left < lanes<T> ? left : lanes<T>)) - 1 : 0;
    for (int64_t e = 0; e < n_examples; ++e) {
      const T* here = h[e] + c;
      if (left < lanes<T>) {  // examples end here
        std::memcpy(tail, here, size_t(left) * sizeof(T));
        here = tail;
      }
      const uint32_t on = nonzero(loadu(here));
      any |= on;
      active += __builtin_popcount(on);
      if (panel.dense || on == 0) continue;
      // A whole vector may be written: what is listed so far is never more than the columns seen so far.
      const int64_t at = e * panel.capacity + panel.begin[s] + list_count[e];
      list_count[e] += left < lanes<T>
                           ? pack_one_by_one(here, left, int32_t(c), panel.list_row + at, panel.list_value + at)
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
