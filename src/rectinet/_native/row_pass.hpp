// One row of weights against several examples: products with the row, and its update in place, in one pass over it.
#pragma once
#include "unroll.hpp"
#include "views.hpp"

namespace rectinet::RECTINET_ISA_NS {

constexpr int64_t stripe_lines = 32;  // of a wide row: ten examples' deltas take 20 KiB

// Wide rows are worked off a few at a time, stripe by stripe: what the examples have there stays in the first-level
// cache.
template <class T>
bool in_stripes(const Weights<T>& W) {
  return W.padded_columns() > 4 * stripe_lines * line<T>;
}

// The columns of a row that one pass works off: all of them, or a stripe; stripes go from left to right and are whole
// pairs of lines but for the last.
struct Stripe {
  int64_t begin, end;
  bool last;
};

template <class T, bool UPDATE>
using Row = std::conditional_t<UPDATE, T, const T>;

// The stripe of one row against N examples: dot[j] = <x_j, w> (if DOT), w += sum_j step[j] x_j (if UPDATE), x_j being a
// row of deltas or of values. `partial` keeps the sums of each example between stripes, a pair of lines. `ahead` are
// the weights that come next. They are fetched into the second-level cache: to the first, few lines can be on their way
// at once. Where the row is only read, half of them is left for the pass that will write it.
template <class T, int N, bool DOT, bool UPDATE, bool WHOLE>
void row_pass(Row<T, UPDATE>* w, Stripe stripe, const T* const* x, const T* step, const T* ahead, T* partial, T* dot) {
  constexpr int P = per_line<T>, PAIR = 2 * P;
  const int64_t c0 = WHOLE ? 0 : stripe.begin, c1 = stripe.end;
  const bool last = WHOLE || stripe.last;
  const T* from[N];
  unrolled<N>([&](auto j) RN_LAMBDA { from[j] = x[j]; });
  Vec<T> sum[N][PAIR];
  if constexpr (DOT) {
    if (c0 == 0) unrolled<N, PAIR>([&](auto j, auto v) RN_LAMBDA { sum[j][v] = Vec<T>{}; });
    else
      unrolled<N, PAIR>([&](auto j, auto v) RN_LAMBDA { sum[j][v] = load(partial + 2 * line<T> * j + v * lanes<T>); });
  }
  auto at = [&](int64_t c, auto v) RN_LAMBDA {
    const Vec<T> old = load(w + c);
    Vec<T> updated = old;
    unrolled<N>([&](auto j) RN_LAMBDA {
      const Vec<T> value = load(from[j] + c);
      if constexpr (DOT) sum[j][v] = fma(value, old, sum[j][v]);
      if constexpr (UPDATE) updated = fma(value, splat(step[j]), updated);
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
    else
      unrolled<N, PAIR>([&](auto j, auto v) RN_LAMBDA { store(partial + 2 * line<T> * j + v * lanes<T>, sum[j][v]); });
  }
}

// The same for n <= N examples.
template <class T, bool DOT, bool UPDATE, bool WHOLE, int N = max_row_examples>
void row_passes(int64_t n, Row<T, UPDATE>* w, Stripe stripe, const T* const* x, const T* step, const T* ahead,
                T* partial, T* dot) {
  if constexpr (N > 1) {
    if (n < N) return row_passes<T, DOT, UPDATE, WHOLE, N - 1>(n, w, stripe, x, step, ahead, partial, dot);
  }
  row_pass<T, N, DOT, UPDATE, WHOLE>(w, stripe, x, step, ahead, partial, dot);
}

// f(j, m) for the examples j .. j + m - 1 of n, as many as a pass takes.
template <class F>
RN_INLINE void each_group(int64_t n, F&& f) {
  for (int64_t j = 0; j < n; j += max_row_examples) f(j, n - j < max_row_examples ? n - j : max_row_examples);
}

}  // namespace rectinet::RECTINET_ISA_NS
