// Reconstruction units and their losses.
#pragma once
#include "kernels.hpp"
#include "vecmath.hpp"

namespace rectinet::RECTINET_ISA_NS {

template <class T>
RN_INLINE ValueAndSlope<T> output_unit(Unit unit, Vec<T> z) {
  const Vec<T> one = splat<T>(T(1)), zero{};
  switch (unit) {
    case Unit::rectifier: return {z <= 0 ? zero : z, z > 0 ? one : zero};
    case Unit::softplus: return softplus<T>(z, T(1));
    case Unit::tanh: return tanh_unit<T>(z);
    case Unit::logistic: return logistic<T>(z);
    default: return {z, one};
  }
}

// Targets of the cross-entropy are probabilities: others are clipped, as where the loss is only measured. NaN stays.
template <class T>
RN_INLINE Vec<T> into_unit_interval(Vec<T> t) {
  t = t < 0 ? Vec<T>{} : t;
  return t > 1 ? splat<T>(T(1)) : t;
}

template <class T>
double reconstruct(Unit unit, bool cross_entropy, const T* z, const T* target, const T* weight, T scale, int64_t n,
                   T* delta) {
  // Losses are summed in double over the entries of a cache line side by side: one order for every vector width.
  double sum[line<T>] = {};
  for (int64_t c = 0; c < n; c += line<T>) {
    const int64_t m = n - c < line<T> ? n - c : line<T>;
    alignas(64) T zs[line<T>] = {}, ts[line<T>] = {}, ws[line<T>] = {}, loss[line<T>], slope[line<T>];
    for (int64_t i = 0; i < m; ++i) {
      zs[i] = z[c + i];
      ts[i] = target[c + i];
      ws[i] = weight ? weight[c + i] : T(1);
    }
    for (int64_t i = 0; i < line<T>; i += lanes<T>) {
      const Vec<T> at = load(zs + i);
      Vec<T> t = load(ts + i);
      if (cross_entropy) {
        t = into_unit_interval<T>(t);
        store<T>(loss + i, softplus<T>(at, T(1)).value - t * at);
        store<T>(slope + i, logistic<T>(at).value - t);
      } else {
        const ValueAndSlope<T> g = output_unit<T>(unit, at);
        const Vec<T> difference = g.value - t;
        store<T>(loss + i, difference * difference);
        store<T>(slope + i, (difference + difference) * g.slope);
      }
    }
    for (int64_t i = 0; i < line<T>; ++i) sum[i] += double(ws[i]) * double(loss[i]);
    for (int64_t i = 0; i < m; ++i) delta[c + i] = scale * ws[i] * slope[i];
  }
  double total = 0;
  for (int64_t i = 0; i < line<T>; ++i) total += sum[i];
  return total;
}

}  // namespace rectinet::RECTINET_ISA_NS
