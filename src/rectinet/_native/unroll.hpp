// Register tiles: how large they may be, and loops over them that are unrolled before arrays are split into registers.
#pragma once
#include <type_traits>
#include <utility>

#include "vecmath.hpp"

namespace rectinet::RECTINET_ISA_NS {

constexpr bool wide = vector_bytes == 64;         // 32 registers instead of 16
constexpr int max_tile_examples = wide ? 12 : 6;  // examples whose sums stay in registers together
constexpr int max_row_examples = wide ? 10 : 3;   // examples whose row products do

// f(constant 0), ..., f(constant N - 1): indices known at compile time keep arrays of vectors in registers, which
// GCC 12 does not manage for plain loops.
template <class F, int... I>
RN_INLINE void unrolled_over(F&& f, std::integer_sequence<int, I...>) {
  (f(std::integral_constant<int, I>{}), ...);
}
template <int N, class F>
RN_INLINE void unrolled(F&& f) {
  unrolled_over(f, std::make_integer_sequence<int, N>{});
}
#define RN_LAMBDA __attribute__((always_inline))
// The same over pairs of indices.
template <int N, int M, class F>
RN_INLINE void unrolled(F&& f) {
  unrolled<N>([&](auto i) RN_LAMBDA { unrolled<M>([&](auto j) RN_LAMBDA { f(i, j); }); });
}

// f(e) for those of n entries that are on, for all of them when `dense`, ascending. Reads to the end of the last
// vector.
template <class T, class F>
RN_INLINE void each_on(const T* value, int64_t n, bool dense, F&& f) {
  for (int64_t first = 0; first < n; first += lanes<T>) {
    const int64_t left = n - first < lanes<T> ? n - first : lanes<T>;
    uint32_t on = (dense ? ~uint32_t(0) : nonzero(loadu(value + first))) & ((uint32_t(1) << left) - 1);
    for (; on; on &= on - 1) f(first + __builtin_ctz(on));
  }
}

}  // namespace rectinet::RECTINET_ISA_NS
