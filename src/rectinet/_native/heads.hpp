// Output layers and their losses; passes over memory for the roofline.
#pragma once
#include <cmath>

#include "kernels.hpp"
#include "unroll.hpp"

namespace rectinet::RECTINET_ISA_NS {

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

}  // namespace rectinet::RECTINET_ISA_NS
